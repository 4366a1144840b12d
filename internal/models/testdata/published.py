"""Published networks written a second time, in PyTorch, under the names and shapes of their released checkpoints:

    python3 published.py mae-vit-base-16 > published-mae-vit-base-16.json

Value k of a tensor is u·scale, u in [-1, 1) made by SplitMix64 from FNV-1a of the tensor's name and k; see fill.
The picture is sin(0.11 i), its hole the centred half.
"""
import json
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def fill(name, shape):
    seed = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        for b in name.encode():
            seed = (seed ^ np.uint64(b)) * np.uint64(0x100000001B3)
        z = seed + (np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(40)).astype(np.float64) / 2 ** 23 - 1
    if name.endswith("token"):
        u = 0.5 * u
    elif len(shape) > 1:
        u = u * (3 / np.prod(shape[1:])) ** 0.5
    elif "norm" in name and name.endswith("weight"):
        u = 1 + 0.2 * u
    else:
        u = 0.1 * u
    return torch.from_numpy(u.astype(np.float32)).reshape(shape)


def positions(g, d):
    """The fixed embedding of the class token (zeros) and of a g by g grid, columns before rows."""
    q = d // 4
    f = 10000.0 ** (-np.arange(q) / q)
    row, column = np.divmod(np.arange(g * g), g)
    a, b = column[:, None] * f, row[:, None] * f
    p = np.concatenate([np.sin(a), np.cos(a), np.sin(b), np.cos(b)], 1)
    return torch.from_numpy(np.concatenate([np.zeros((1, d)), p]).astype(np.float32))[None]


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in self.qkv(x).chunk(3, -1))
        a = torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, -1) @ v
        return self.proj(a.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-6), nn.LayerNorm(d, eps=1e-6)
        self.attn = Attention(d, heads)
        self.mlp = nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))


class MAE(nn.Module):
    """He et al. 2022, arXiv 2111.06377, with the class token of the released networks."""

    def __init__(self, size, patch, d, depth, heads, dd, ddepth, dheads):
        super().__init__()
        self.patch, self.grid = patch, size // patch
        n = self.grid ** 2
        self.cls_token = nn.Parameter(torch.zeros(1, 1, d))
        self.pos_embed = nn.Parameter(positions(self.grid, d), requires_grad=False)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, dd))
        self.decoder_pos_embed = nn.Parameter(positions(self.grid, dd), requires_grad=False)
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, d, patch, patch)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(d, eps=1e-6)
        self.decoder_embed = nn.Linear(d, dd)
        self.decoder_blocks = nn.ModuleList(Block(dd, dheads) for _ in range(ddepth))
        self.decoder_norm = nn.LayerNorm(dd, eps=1e-6)
        self.decoder_pred = nn.Linear(dd, patch * patch * 3)

    def forward(self, x, hidden):
        g, p = self.grid, self.patch
        seen = (~hidden).nonzero().flatten()
        h = self.patch_embed.proj(x).flatten(2).transpose(1, 2) + self.pos_embed[:, 1:]
        c = (self.cls_token + self.pos_embed[:, :1]).expand(len(x), -1, -1)
        h = torch.cat([c, h[:, seen]], 1)
        for b in self.blocks:
            h = b(h)
        z = self.norm(h)
        h = self.decoder_embed(z)
        full = self.mask_token.repeat(len(x), g * g, 1)
        full[:, seen] = h[:, 1:]
        h = torch.cat([h[:, :1], full], 1) + self.decoder_pos_embed
        for b in self.decoder_blocks:
            h = b(h)
        h = self.decoder_pred(self.decoder_norm(h))[:, 1:]
        # A token's values: row, column, channel.
        return z, h.reshape(-1, g, g, p, p, 3).permute(0, 5, 1, 3, 2, 4).reshape(-1, 3, g * p, g * p)


def mae(size, patch, dim, depth, heads, ddim, ddepth, dheads):
    m = MAE(size, patch, dim, depth, heads, ddim, ddepth, dheads).eval()
    weights = {k: v if "pos_embed" in k else fill(k, tuple(v.shape)) for k, v in m.state_dict().items()}
    m.load_state_dict(weights)
    pixels = torch.from_numpy(np.sin(0.11 * np.arange(3 * size * size, dtype=np.float64)).astype(np.float32)).reshape(1, 3, size, size)
    region = torch.zeros(size, size)
    region[size // 4:size - size // 4, size // 4:size - size // 4] = 1
    hidden = region.reshape(size // patch, patch, size // patch, patch).amax((1, 3)).flatten() > 0
    mean, spread = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    with torch.no_grad():
        z, y = m(((pixels * (1 - region) + 1) / 2 - mean) / spread, hidden)
        out = (y * spread + mean) * 2 - 1
    params = dict(patch=patch, dim=dim, depth=depth, heads=heads, decoderDim=ddim, decoderDepth=ddepth, decoderHeads=dheads,
                  classToken=True, pixels="imagenet")
    return dict(family="mae", params=params, size=size, tensors={k: list(v.shape) for k, v in weights.items()},
                embedding=probe(z), painting=probe(out))


def probe(t):
    t = t.double().flatten()
    at = sorted({i * (len(t) - 1) // 63 for i in range(64)})
    return dict(count=len(t), mean=t.mean().item(), norm=t.norm().item(), values={str(i): t[i].item() for i in at})


networks = {
    "mae-tiny": lambda: mae(32, 8, 24, 2, 3, 16, 2, 2),
    "mae-vit-base-16": lambda: mae(224, 16, 768, 12, 12, 512, 8, 16),
}

r = networks[sys.argv[1]]()
tensors = r.pop("tensors")
print(json.dumps(dict(by="PyTorch " + torch.__version__, **r), indent=1)[:-2] + ',\n "tensors": {\n' +
      ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in tensors.items()) + "\n }\n}")
