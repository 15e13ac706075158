"""Prints the golden values of program.test.ts with PyTorch (Debian's python3-torch)."""
import torch

w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
target = torch.tensor([3.0, 1.0], dtype=torch.float64)
optimiser = torch.optim.AdamW([w], lr=0.1, weight_decay=0.01)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10, eta_min=0.005)
for _ in range(5):
    loss = ((w - target) ** 2).sum()
    print(f"{loss.item():.6f}")
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()
print([f"{x:.6f}" for x in w.tolist()])
