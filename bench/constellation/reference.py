"""The notebooks' recipe for one run in PyTorch, written anew: normalise in the forward pass, a label matrix and two
log-sigmoids with an epsilon at every step, Adam, projection, and the margin from a masked copy of the scores.

Reads a line, does a block of steps, prints one JSON object with its wall and CPU seconds."""
import json
import sys
import time

import torch

steps = int(sys.argv[1])
pairs, dims = 100, 10
torch.manual_seed(50)
left = torch.nn.Parameter(torch.nn.functional.normalize(torch.randn(pairs, dims), dim=1))
right = torch.nn.Parameter(torch.nn.functional.normalize(torch.randn(pairs, dims), dim=1))
log_t = torch.nn.Parameter(torch.log(torch.tensor(10.0)))
bias = torch.tensor(0.0)
optimiser = torch.optim.Adam([left, right, log_t], lr=1e-2)


def margin(scores):
    mask = torch.eye(pairs, dtype=torch.bool)
    return ((scores[mask].min() - scores[~mask].max()) / 2).item()


def step():
    optimiser.zero_grad()
    u = torch.nn.functional.normalize(left, dim=1)
    v = torch.nn.functional.normalize(right, dim=1)
    scores = u @ v.T
    labels = torch.eye(pairs)
    z = torch.exp(log_t) * (scores - bias)
    positive = labels * torch.log(torch.sigmoid(z) + 1e-8)
    negative = (1 - labels) * torch.log(1 - torch.sigmoid(z) + 1e-8)
    loss = -(positive + negative).mean()
    loss.backward()
    optimiser.step()
    with torch.no_grad():
        left.div_(left.norm(dim=1, keepdim=True))
        right.div_(right.norm(dim=1, keepdim=True))
        return loss.item(), margin(left @ right.T)


for _ in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(steps):
        last = step()
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - start,
                "cpu": time.process_time() - cpu,
                "threads": torch.get_num_threads(),
                "last": last,
            }
        ),
        flush=True,
    )
