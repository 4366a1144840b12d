"""One Adam step of Lethe's default autoencoder in PyTorch, to be run in turn with
    go test -run xxx -bench TrainingStep -benchtime 200x ./internal/families
Usage: OPENBLAS_NUM_THREADS=1 python3 training_step.py [steps]
Prints the median of five rounds, in milliseconds per step of 64 images of side 32.
"""
import statistics
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
SIDE, BATCH, WIDTH, HIDDEN, LATENT = 32, 64, 32, 512, 256


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        grid = SIDE // 8
        flat = 2 * WIDTH * grid * grid
        self.encoder = nn.Sequential(
            nn.Conv2d(4, WIDTH, 4, 4), nn.SiLU(), nn.Conv2d(WIDTH, 2 * WIDTH, 3, 2, 1), nn.SiLU(),
            nn.Flatten(), nn.Linear(flat, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, LATENT))
        self.grid = nn.Sequential(nn.SiLU(), nn.Linear(LATENT, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, flat), nn.SiLU())
        self.pixels = nn.Sequential(
            nn.Conv2d(2 * WIDTH, 4 * WIDTH, 3, 1, 1), nn.PixelShuffle(2), nn.SiLU(),
            nn.Conv2d(WIDTH, 48, 3, 1, 1), nn.PixelShuffle(4), nn.Tanh())

    def forward(self, x):
        g = SIDE // 8
        return self.pixels(self.grid(self.encoder(x)).view(-1, 2 * WIDTH, g, g))


mask = torch.zeros(1, 1, SIDE, SIDE)
mask[:, :, 8:24, 8:24] = 1
model = Autoencoder()
optimiser = torch.optim.Adam(model.parameters(), 1e-3)
images = torch.rand(512, 3, SIDE, SIDE) * 2 - 1
steps = int(sys.argv[1]) if len(sys.argv) > 1 else 200


def step():
    x = images[torch.randperm(512)[:BATCH]]
    view = torch.cat([x * (1 - mask), mask.expand(BATCH, 1, SIDE, SIDE)], 1)
    loss = (((model(view) - x) * mask) ** 2).sum((1, 2, 3)).div(3 * 256).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


for _ in range(20):
    step()
rounds = []
for _ in range(5):
    begun = time.perf_counter()
    for _ in range(steps // 5):
        step()
    rounds.append((time.perf_counter() - begun) / (steps // 5) * 1e3)
print(f"{statistics.median(rounds):.2f} ms per step")
