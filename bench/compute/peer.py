"""The PyTorch side of bench/compute: answers one line of JSON to each line on standard input.

Every row computes the same thing as ours from the same start: the arrays come in files. `sae-dense` is the step as the
reference implementation writes it; `sae-sparse` and `sae-spmm` decode and back-propagate only through the kept rows, with the
weight gradients as an index_add or as a sparse product.
"""
import json
import sys
import time

import numpy
import torch
import torch.nn.functional as F

settings = json.loads(sys.stdin.readline())
torch.set_num_threads(settings["threads"])
torch.manual_seed(0)


def load(name, shape):
    return torch.from_numpy(numpy.fromfile(f"{settings['folder']}/{name}.f32", dtype=numpy.float32).reshape(shape).copy())


def scatter(values, indices, rows, width, spmm):
    """Sum over (b, j) of values[b, j] * rows[b] in row indices[b, j] of [width, d]: as index_add, or as a sparse product."""
    batch, k = indices.shape
    flat = indices.reshape(-1)
    if spmm:
        places = torch.stack([flat, torch.arange(batch).repeat_interleave(k)])
        return torch.sparse.mm(torch.sparse_coo_tensor(places, values.reshape(-1), (width, batch)), rows)
    weighted = (values.unsqueeze(2) * rows.unsqueeze(1)).view(batch * k, -1)
    return torch.zeros(width, rows.shape[1]).index_add_(0, flat, weighted)


class SparseDecode(torch.autograd.Function):
    """values [B, k], indices [B, k], weights [D, d] -> [B, d]; only the kept rows are read, and written backwards."""

    @staticmethod
    def forward(context, values, indices, weights, spmm):
        context.save_for_backward(values, indices, weights)
        context.spmm = spmm
        return F.embedding_bag(indices, weights, per_sample_weights=values, mode="sum")

    @staticmethod
    def backward(context, grad):
        values, indices, weights = context.saved_tensors
        rows, k = indices.shape
        kept = weights[indices.reshape(-1)].view(rows, k, -1)
        d_values = torch.bmm(kept, grad.unsqueeze(2)).squeeze(2)
        return d_values, None, scatter(values, indices, grad, weights.shape[0], context.spmm), None


class SparseEncode(torch.autograd.Function):
    """x [B, d], weights [D, d], bias [D] -> the k largest of x·Wᵀ + b and their places; backwards through those only."""

    @staticmethod
    def forward(context, x, weights, bias, k, spmm):
        values, indices = torch.addmm(bias, x, weights.t()).topk(k, dim=1, sorted=False)
        context.save_for_backward(x, weights, indices)
        context.spmm = spmm
        context.mark_non_differentiable(indices)
        return values, indices

    @staticmethod
    def backward(context, grad, _):
        x, weights, indices = context.saved_tensors
        d_weights = scatter(grad, indices, x, weights.shape[0], context.spmm)
        d_bias = torch.zeros(weights.shape[0]).index_add_(0, indices.reshape(-1), grad.reshape(-1))
        d_x = F.embedding_bag(indices, weights, per_sample_weights=grad, mode="sum")
        return d_x, d_weights, d_bias, None, None


def sae(form):
    b, d, n, k = (settings["sae"][name] for name in ("batch", "dims", "dictionary", "k"))
    encoder = torch.nn.Parameter(load("encoder", (n, d)))
    decoder = torch.nn.Parameter(load("decoder", (n, d)))
    bias = torch.nn.Parameter(torch.zeros(n))
    centre = torch.nn.Parameter(load("centre", (d,)))
    data = load("data", (settings["sae"]["rows"], d))
    optimiser = torch.optim.AdamW([encoder, bias, decoder, centre], lr=4e-4, weight_decay=0.0)

    def step(at):
        start = (at * b) % settings["sae"]["rows"]
        x = data[start : start + b]
        if form == "dense":
            h = F.relu(F.linear(x - centre, encoder, bias))
            values, indices = h.topk(k, dim=1, sorted=False)
            codes = torch.zeros_like(h).scatter(1, indices, values)
            decoded = codes @ decoder + centre
        else:
            values, indices = SparseEncode.apply(x - centre, encoder, bias, k, form == "spmm")
            decoded = SparseDecode.apply(F.relu(values), indices, decoder, form == "spmm") + centre
        loss = F.mse_loss(decoded, x)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            decoder.div_(decoder.norm(dim=1, keepdim=True).clamp_min(1e-12))
        return loss.item()

    return step, {"encoder": encoder, "bias": bias, "decoder": decoder, "centre": centre}


def contrastive():
    n, m, d = (settings["contrastive"][name] for name in ("queries", "documents", "dims"))
    u = torch.nn.Parameter(load("queries", (n, d)))
    v = torch.nn.Parameter(load("documents", (m, d)))
    log_t = torch.nn.Parameter(torch.tensor(float(numpy.log(10.0))))
    bias = torch.nn.Parameter(torch.tensor(0.0))
    labels = load("labels", (n, m))
    optimiser = torch.optim.Adam([u, v, log_t, bias], lr=1e-2)

    def step(at):
        z = torch.exp(log_t) * (F.normalize(u) @ F.normalize(v).t() - bias)
        loss = -F.logsigmoid(labels * z).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return loss.item()

    return step, {"queries": u, "documents": v, "logTemperature": log_t, "bias": bias}


def gemm():
    m, k, n = settings["gemm"]
    a, b, out = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)

    def step(at):
        torch.mm(a, b, out=out)
        return float(out[0, 0])

    return step, {}


makers = {
    "sae-dense": lambda: sae("dense"),
    "sae-sparse": lambda: sae("sparse"),
    "sae-spmm": lambda: sae("spmm"),
    "contrastive": contrastive,
    "gemm": gemm,
}
made = {}
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    name = request["case"]
    if request.get("drop"):
        made.pop(name, None)
        print("{}", flush=True)
        continue
    if name not in made:
        made[name] = [*makers[name](), 0]
    step, parameters, at = made[name]
    losses, seconds = [], []
    for i in range(request["steps"]):
        start = time.perf_counter()
        losses.append(step(at + i))
        seconds.append(time.perf_counter() - start)
    made[name][2] += request["steps"]
    if "gradients" in request:
        for key, parameter in parameters.items():
            parameter.grad.numpy().tofile(f"{request['gradients']}/{key}.grad.f32")
    print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)
