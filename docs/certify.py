"""Checks margin certificates with numpy alone: python3 certify.py certificate.npz ...  (docs/certificates.md)

Written apart from the checks of asterism, in float64 without directed rounding: agreement is to 1e-9.
"""
import json, sys
from fractions import Fraction
import numpy as np

ORDER = ["zero", "global", "row"]  # from strict to loose: a bound for one holds for those before it


def dimension_free(a, dim, proof, arrays):
    """m Σ|J| ≤ ‖diag(p)^-½ J diag(q)^-½‖ √(Σp Σq) + what thresholds may add, J = ±X with the signs of the matrix."""
    w = proof["weights"]
    get = lambda part: arrays[part["array"]]
    negative = w["negative"]
    x = get(negative["values"]).reshape(a.shape).copy() if negative["type"] == "dense" else np.outer(get(negative["row"]), get(negative["column"]))
    x[a] = get(w["positive"])  # row by row, columns rising
    j, p, q = np.where(a, x, -x), get(w["p"]), get(w["q"])
    one_class = a.all(1) | ~a.any(1)
    if x.min() < 0 or p.min() < 0 or q.min() < 0 or (proof["threshold"] == "row" and x[one_class].any()):
        return np.inf
    rows, columns = x.any(1), x.any(0)
    norm = np.linalg.norm(j[np.ix_(rows, columns)] / np.sqrt(np.outer(p[rows], q[columns])), 2)
    free = {"zero": 0, "global": abs(j.sum()), "row": abs(j.sum(1)).sum()}[proof["threshold"]]
    return min(1, (norm * np.sqrt(p.sum() * q.sum()) + free) / x.sum())


def packing(a, dim, proof, arrays):
    """N rows that exclude each other pairwise need N ≤ (1 + 1/m)^d, so no m above g has N ≥ (1 + 1/g)^d. Exact."""
    sizes = a.sum(1)
    mixed = sizes[(sizes > 0) & (sizes < a.shape[1])]
    n = np.bincount(mixed).max(initial=0) if proof["threshold"] == "row" else len(a)
    g = Fraction(proof["bound"])
    return float(g) if g >= 1 or (dim != "inf" and int(n) >= (1 + 1 / g) ** dim) else np.inf


KINDS = {"dimension-free": dimension_free, "packing": packing}


def margin(a, threshold, u, v):
    s = u @ v.T
    positive, negative = np.where(a, s, np.inf), np.where(a, -np.inf, s)
    if threshold == "zero":
        return min(positive.min(), -negative.max())
    gaps = positive.min(1) - negative.max(1)
    return (positive.min() - negative.max() if threshold == "global" else gaps[np.isfinite(gaps)].min()) / 2


def check(path):
    z = np.load(path)
    c = json.loads(str(z["claims"][0]))
    a = np.zeros((c["rows"], c["columns"]), bool)
    for j in range(c["rows"]):
        a[j, z["indices"][z["indptr"][j] : z["indptr"][j + 1]]] = True
    part = a[:, z["columns"]] if "columns" in z else a  # fewer documents never have a smaller margin
    assert len(np.unique(part, axis=0)) == len(a), "two rows are equal"
    for threshold, claim in c["claims"].items():
        proof = claim["proof"]
        assert ORDER.index(threshold) <= ORDER.index(proof["threshold"]), "the proof is for a stricter threshold"
        bound = KINDS[proof["type"]](part, c["dim"], proof, z)
        assert bound <= claim["bound"] * (1 + 1e-9), f"the proof gives {bound}, not {claim['bound']}"
        if claim["margin"] is not None:
            u, v = z[threshold + ".queries"], z[threshold + ".documents"]
            assert c["dim"] == "inf" or u.shape[1] <= c["dim"], "the embeddings have too many dimensions"
            assert np.allclose([*(u * u).sum(1), *(v * v).sum(1)], 1, rtol=0, atol=1e-12), "an embedding is no unit vector"
            found = margin(a, threshold, u, v)
            assert found >= claim["margin"] - 1e-12, f"the embeddings have the margin {found}, not {claim['margin']}"
        print(path, threshold, "margin", claim["margin"], "bound", claim["bound"], proof["type"], "proved")


failed = False
for name in sys.argv[1:]:
    try:
        check(name)
    except Exception as error:
        failed = True
        print(name, "NOT PROVED:", error)
sys.exit(failed)
