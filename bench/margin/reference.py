"""Times steps of the published sigmoid recipe in PyTorch: full batch, Adam, sum of softplus, rows renormalised.

usage: python3 reference.py n k d steps   -> one JSON line {n, k, d, steps, secondsPerStep, loss}
Written from the description of the recipe (arXiv 2605.23556), in its fast form: no mask, no host work inside a step.
"""
import itertools, json, sys, time
import torch

n, k, d, steps = (int(x) for x in sys.argv[1:5])
torch.manual_seed(0)
rows = torch.tensor(list(itertools.combinations(range(n), k)))
queries = torch.nn.functional.normalize(torch.randn(len(rows), d), dim=1).requires_grad_()
documents = torch.nn.functional.normalize(torch.randn(n, d), dim=1).requires_grad_()
t = torch.tensor(1.0, requires_grad=True)
optimiser = torch.optim.Adam([queries, documents, t], lr=1e-2)


def step():
    optimiser.zero_grad(set_to_none=True)
    z = t * (queries @ documents.T)
    loss = torch.nn.functional.softplus(z).sum() - z.gather(1, rows).sum()
    loss.backward()
    optimiser.step()
    with torch.no_grad():
        queries.div_(queries.norm(dim=1, keepdim=True))
        documents.div_(documents.norm(dim=1, keepdim=True))
    return loss


for _ in range(10):
    step()
started = time.perf_counter()
for _ in range(steps):
    loss = step()
seconds = (time.perf_counter() - started) / steps
print(json.dumps({"n": n, "k": k, "d": d, "steps": steps, "secondsPerStep": seconds, "loss": loss.item()}))
