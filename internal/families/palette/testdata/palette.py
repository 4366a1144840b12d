"""Palette's U-Net a second time, in PyTorch and in double precision, from the papers and from the names and shapes of a
published checkpoint, for palette.json and palette_places2.txt:

    python3 palette.py

Element i of the weight called s is (2u - 1)·b + c with u = mix(sha256(s)[:4] + i·0x9e3779b9)/2³², mix being MurmurHash3's
finalizer; b = √(3/fan in), c = 0 for matrices and kernels, b = 0.2, c = 1 for norms' weights, b = 0.1, c = 0 for biases.
The picture is called "input", with b = 1. Names are those of the checkpoint.
"""
import hashlib
import json
import math

import numpy as np
import torch
import torch.nn.functional as F


def draw(name, shape, bound, centre):
    n = int(np.prod(shape))
    x = np.arange(n, dtype=np.uint64) * 0x9E3779B9 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    x &= 0xFFFFFFFF
    for shift, factor in (16, 0x85EBCA6B), (13, 0xC2B2AE35):
        x ^= x >> np.uint64(shift)
        x = x * np.uint64(factor) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    v = (2 * (x.astype(np.float64) / 2**32) - 1) * bound + centre
    return torch.from_numpy(v.astype(np.float32).astype(np.float64)).reshape(shape)


class Palette:
    def __init__(self, size, channels, multipliers, blocks, attention, head, groups):
        self.size, self.channels, self.multipliers, self.blocks = size, channels, multipliers, blocks
        self.attention, self.head, self.groups, self.names = attention, head, groups, {}

    def weight(self, name, *shape):
        name = "denoise_fn." + name
        assert name not in self.names
        self.names[name] = shape
        if len(shape) > 1:
            return draw(name, shape, math.sqrt(3 / np.prod(shape[1:])), 0)
        return draw(name, shape, 0.2, 1) if name.endswith("weight") else draw(name, shape, 0.1, 0)

    def layer(self, name, *shape):
        return self.weight(name + ".weight", *shape), self.weight(name + ".bias", shape[0])

    def norm(self, name, x):
        return F.group_norm(x, self.groups, *self.layer(name, x.shape[1]))

    def residual(self, name, x, e, out, scale=1):
        side = (lambda t: t) if scale == 1 else (lambda t: F.interpolate(t, scale_factor=scale, mode="area" if scale < 1 else "nearest"))
        h = side(F.silu(self.norm(name + ".in_layers.0", x)))
        h = F.conv2d(h, *self.layer(name + ".in_layers.2", out, x.shape[1], 3, 3), padding=1)
        film = F.linear(F.silu(e), *self.layer(name + ".emb_layers.1", 2 * out, e.shape[1]))
        gain, shift = film[:, :out, None, None], film[:, out:, None, None]
        h = F.silu(self.norm(name + ".out_layers.0", h) * (1 + gain) + shift)
        h = F.conv2d(h, *self.layer(name + ".out_layers.3", out, out, 3, 3), padding=1)
        x = side(x)
        if x.shape[1] != out:
            x = F.conv2d(x, *self.layer(name + ".skip_connection", out, x.shape[1], 1, 1))
        return x + h

    def attend(self, name, x):
        n, c, a, b = x.shape
        qkv = F.conv1d(self.norm(name + ".norm", x).flatten(2), *self.layer(name + ".qkv", 3 * c, c, 1))
        out = []
        for i in range(c // self.head):  # a head's queries, keys and values lie together
            q, k, v = qkv[:, 3 * self.head * i:3 * self.head * (i + 1)].split(self.head, 1)
            out.append(v @ torch.softmax(q.transpose(1, 2) @ k / math.sqrt(self.head), -1).transpose(1, 2))
        return x + F.conv1d(torch.cat(out, 1), *self.layer(name + ".proj_out", c, c, 1)).reshape(x.shape)

    def __call__(self, x, gamma):
        d = self.channels
        a = gamma[:, None] * 10000.0 ** (-torch.arange(d // 2, dtype=torch.float64) / (d // 2))
        e = F.silu(F.linear(torch.cat([a.cos(), a.sin()], 1), *self.layer("cond_embed.0", 4 * d, d)))
        e = F.linear(e, *self.layer("cond_embed.2", 4 * d, 4 * d))
        h = F.conv2d(x, *self.layer("input_blocks.0.0", d * self.multipliers[0], x.shape[1], 3, 3), padding=1)
        skips, k = [h], 1
        for level, m in enumerate(self.multipliers):
            for _ in range(self.blocks):
                h = self.residual(f"input_blocks.{k}.0", h, e, d * m)
                if 2**level in self.attention:
                    h = self.attend(f"input_blocks.{k}.1", h)
                skips.append(h)
                k += 1
            if level + 1 < len(self.multipliers):
                h = self.residual(f"input_blocks.{k}.0", h, e, d * m, 0.5)
                skips.append(h)
                k += 1
        h = self.residual("middle_block.0", h, e, h.shape[1])
        h = self.attend("middle_block.1", h)
        h = self.residual("middle_block.2", h, e, h.shape[1])
        k = 0
        for level, m in reversed(list(enumerate(self.multipliers))):
            for i in range(self.blocks + 1):
                h = self.residual(f"output_blocks.{k}.0", torch.cat([h, skips.pop()], 1), e, d * m)
                part = 1
                if 2**level in self.attention:
                    h, part = self.attend(f"output_blocks.{k}.1", h), 2
                if level and i == self.blocks:
                    h = self.residual(f"output_blocks.{k}.{part}", h, e, d * m, 2)
                k += 1
        h = F.silu(self.norm("out.0", h))
        return F.conv2d(h, *self.layer("out.2", 3, h.shape[1], 3, 3), padding=1)

    def golden(self, n, gamma):
        x = draw("input", (n, 6, self.size, self.size), 1, 0)
        o = self(x, torch.tensor(gamma, dtype=torch.float64)).flatten()
        return dict(params=dict(patch=1, channels=self.channels, multipliers=self.multipliers, resBlocks=self.blocks,
                                attention=self.attention, headChannels=self.head, groups=self.groups),
                    size=self.size, n=n, gamma=gamma, weights=sum(int(np.prod(s)) for s in self.names.values()),
                    probes={str(j): o[j].item() for j in sorted({i * (len(o) - 1) // 63 for i in range(64)})},
                    mean=o.mean().item(), std=o.std(unbiased=False).item(), norm=o.norm().item())


with torch.no_grad():
    places = Palette(256, 64, [1, 2, 4, 8], 2, [], 32, 32)
    cases = [Palette(16, 8, [1], 1, [1], 4, 4).golden(2, [0.9, 0.02]),
             Palette(32, 32, [1, 2, 2], 2, [2], 16, 8).golden(2, [0.37, 0.9999]),
             places.golden(1, [0.37])]
with open("palette.json", "w") as f:
    json.dump(dict(by="PyTorch " + torch.__version__ + ", double precision", cases=cases), f, indent=1)
    f.write("\n")
with open("palette_places2.txt", "w") as f:
    for name in sorted(places.names):
        f.write(name + " " + ",".join(map(str, places.names[name])) + "\n")
    # Buffers of the noise schedule, of training's 2,000 steps: no weights.
    for name in "gammas posterior_log_variance_clipped posterior_mean_coef1 posterior_mean_coef2 sqrt_recip_gammas sqrt_recipm1_gammas".split():
        f.write("buffer " + name + " 2000\n")
