"""What the study's reference script does for one pair of views and one subsample, written anew from its description:
every metric of a pair from scratch, on torch, numpy and scikit-learn.

Answers one line of JSON to each line on standard input: {"a": file, "b": file, "rows": [...]} gives
{"seconds", "cpuSeconds", "parts": {metric: seconds}, "values": {metric: value}}. Reading the two whole files is part of the time, as it
is for the script; starting Python and importing the libraries is not.

One departure: the script takes the edit distance from RapidFuzz, which Debian does not package for this release. The C
implementation in python3-Levenshtein stands in for it, on the same Python-level row loop.
"""
import json
import sys
import time
import warnings

import Levenshtein
import numpy
import torch
from sklearn.cross_decomposition import CCA

warnings.filterwarnings("ignore")
settings = json.loads(sys.stdin.readline())
torch.set_num_threads(settings["threads"])
torch.manual_seed(0)


def read(view):
    array = numpy.fromfile(view["file"], dtype=numpy.float32).reshape(-1, view["dims"])
    return torch.from_numpy(array)


def biased(K, L):
    n = K.shape[0]
    H = torch.eye(n) - 1.0 / n
    return torch.trace(K @ H @ L @ H)


def unbiased(K, L):
    n = K.shape[0]
    K0 = K.clone().fill_diagonal_(0)
    L0 = L.clone().fill_diagonal_(0)
    total = (K0 * L0.T).sum() + K0.sum() * L0.sum() / ((n - 1) * (n - 2)) - 2 * (K0 @ L0).sum() / (n - 2)
    return total / (n * (n - 3))


def alignment(hsic, K, L):
    cross, left, right = hsic(K, L), hsic(K, K), hsic(L, L)
    return (cross / torch.sqrt(torch.clamp(left * right, min=1e-6))).item()


def neighbours(K, k):
    return K.sort(dim=1, descending=True).indices[:, 1 : k + 1]


def overlap(K, L, k):
    left, right = neighbours(K, k), neighbours(L, k)
    shares = torch.zeros(K.shape[0])
    for i in range(K.shape[0]):
        shares[i] = len(set(left[i].tolist()) & set(right[i].tolist())) / k
    return shares.mean().item()


def edit(K, L, k):
    left = K.argsort(dim=1, descending=True)[:, 1 : k + 1]
    right = L.argsort(dim=1, descending=True)[:, 1 : k + 1]
    total = 0
    for i in range(K.shape[0]):
        first = tuple(int(x) for x in left[i])
        second = tuple(int(x) for x in right[i])
        total += Levenshtein.distance("".join(map(chr, first)), "".join(map(chr, second)))
    return total / K.shape[0]


def svcca(X, Y, q):
    U = torch.svd_lowrank(X, q=q)[0].numpy().astype(numpy.float64)
    V = torch.svd_lowrank(Y, q=q)[0].numpy().astype(numpy.float64)
    model = CCA(n_components=q)
    model.fit(U, V)
    A, B = model.transform(U, V)
    A = A + 1e-10 * numpy.random.randn(*A.shape)
    B = B + 1e-10 * numpy.random.randn(*B.shape)
    return float(numpy.mean([numpy.corrcoef(A[:, i], B[:, i])[0, 1] for i in range(q)]))


def answer(request):
    started, cpu = time.perf_counter(), time.process_time()
    rows = torch.tensor(request["rows"], dtype=torch.long)
    X, Y = read(request["a"])[rows], read(request["b"])[rows]
    K, L = X @ X.T, Y @ Y.T
    parts, values = {"read and Gram": time.perf_counter() - started}, {}
    metrics = {
        "cka": lambda: alignment(biased, K, L),
        "unbiased_cka": lambda: alignment(unbiased, K, L),
        "svcca@10": lambda: svcca(X, Y, 10),
        "svcca@100": lambda: svcca(X, Y, 100),
        "mutual_knn@10": lambda: overlap(K, L, 10),
        "mutual_knn@100": lambda: overlap(K, L, 100),
        "edit_distance_knn@10": lambda: edit(K, L, 10),
        "edit_distance_knn@100": lambda: edit(K, L, 100),
    }
    for name, compute in metrics.items():
        before = time.perf_counter()
        values[name] = compute()
        parts[name] = time.perf_counter() - before
    seconds = {"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}
    return {**seconds, "parts": parts, "values": values}


print(json.dumps({"torch": torch.__version__, "numpy": numpy.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
