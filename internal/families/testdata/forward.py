"""The families written a second time, in PyTorch, for forward.json:

    python3 forward.py > forward.json

Weight i of the flat vector is scale·sin(0.37 i), or scale·sin(0.37 i²) where matrices of rank two would give one token for
all places; pixel i is sin(0.11 i); the hole is the centred half.
"""
import json

import numpy as np
import torch
import torch.nn.functional as F


class Flat:
    """Hands out the flat vector's weights in the order in which they are declared."""

    def __init__(self, scale, chirp=False):
        self.at, self.scale, self.chirp = 0, scale, chirp

    def take(self, *shape):
        n = int(np.prod(shape))
        i = np.arange(self.at, self.at + n, dtype=np.float64)
        self.at += n
        i = i * i if self.chirp else i
        return torch.from_numpy((self.scale * np.sin(0.37 * i)).astype(np.float32)).reshape(shape)

    def layer(self, *shape):
        return self.take(*shape), self.take(shape[0])

    def norm(self, d):
        return self.take(d), self.take(d)


def data(n, size):
    k = np.arange(n * 3 * size * size, dtype=np.float64)
    pixels = torch.from_numpy(np.sin(0.11 * k).astype(np.float32)).reshape(n, 3, size, size)
    region = torch.zeros(n, 1, size, size)
    a = size // 4
    region[:, :, a:size - a, a:size - a] = 1
    return pixels, region


def golden(name, params, size, masked, n, f, z, out):
    pixels, region = data(n, size)
    loss = ((out - pixels) ** 2 * region).sum((1, 2, 3)) / (3 * region.sum((1, 2, 3)))
    o = out.double().flatten()
    return dict(family=name, params=params, size=size, masked=masked, n=n, weights=f.at, scale=f.scale,
                embedding=z.double().flatten().tolist(),
                pixels={str(j): o[j].item() for j in sorted({i * (len(o) - 1) // 47 for i in range(48)})},
                sum=o.sum().item(), squares=(o * o).sum().item(), loss=loss.double().tolist())


def autoencoder(width, hidden, latent, size, masked, n):
    pixels, region = data(n, size)
    x = pixels * (1 - region)
    if masked:
        x = torch.cat([x, region], 1)
    g, f = size // 8, Flat(0.1)
    h = F.silu(F.conv2d(x, *f.layer(width, x.shape[1], 4, 4), stride=4))
    h = F.silu(F.conv2d(h, *f.layer(2 * width, width, 3, 3), stride=2, padding=1))
    h = F.silu(F.linear(h.flatten(1), *f.layer(hidden, 2 * width * g * g)))
    z = F.linear(h, *f.layer(latent, hidden))
    h = F.silu(F.linear(F.silu(z), *f.layer(hidden, latent)))
    h = F.silu(F.linear(h, *f.layer(2 * width * g * g, hidden))).reshape(n, 2 * width, g, g)
    h = F.silu(F.pixel_shuffle(F.conv2d(h, *f.layer(4 * width, 2 * width, 3, 3), padding=1), 2))
    out = torch.tanh(F.pixel_shuffle(F.conv2d(h, *f.layer(48, width, 3, 3), padding=1), 4))
    return golden("autoencoder", dict(width=width, hidden=hidden, latent=latent), size, masked, n, f, z, out)


def positions(g, d):
    q = d // 4
    f = 10000.0 ** (-np.arange(q) / q)
    y, x = np.divmod(np.arange(g * g), g)
    a, b = x[:, None] * f, y[:, None] * f
    return torch.from_numpy(np.concatenate([np.sin(a), np.cos(a), np.sin(b), np.cos(b)], 1).astype(np.float32))


def block(f, x, d, heads):
    n, t, _ = x.shape
    h = F.layer_norm(x, (d,), *f.norm(d), eps=1e-6)
    qkv = F.linear(h, *f.layer(3 * d, d)).reshape(n, t, 3, heads, d // heads)
    q, k, v = (qkv[:, :, i].transpose(1, 2) for i in range(3))
    a = torch.softmax(q @ k.transpose(-2, -1) / (d // heads) ** 0.5, -1) @ v
    x = x + F.linear(a.transpose(1, 2).reshape(n, t, d), *f.layer(d, d))
    h = F.layer_norm(x, (d,), *f.norm(d), eps=1e-6)
    h = F.gelu(F.linear(h, *f.layer(4 * d, d)))
    return x + F.linear(h, *f.layer(d, 4 * d))


def mae(patch, dim, depth, heads, ddim, ddepth, dheads, size, n):
    pixels, region = data(n, size)
    x = pixels * (1 - region)
    g, p, f = size // patch, patch, Flat(0.6)  # large, so that attention is far from even
    # A token is a patch's values: channel, row, column.
    tokens = x.reshape(n, 3, g, p, g, p).permute(0, 2, 4, 1, 3, 5).reshape(n, g * g, 3 * p * p)
    hidden = region[0, 0].reshape(g, p, g, p).amax((1, 3)).flatten() > 0
    seen = (~hidden).nonzero().flatten()
    h = F.linear(tokens, *f.layer(dim, 3 * p * p)) + positions(g, dim)
    h = h[:, seen]
    for _ in range(depth):
        h = block(f, h, dim, heads)
    z = F.layer_norm(h, (dim,), *f.norm(dim), eps=1e-6)
    h = F.linear(z, *f.layer(ddim, dim))
    full = f.take(ddim).expand(n, g * g, ddim).clone()
    full[:, seen] = h
    h = full + positions(g, ddim)
    for _ in range(ddepth):
        h = block(f, h, ddim, dheads)
    h = F.linear(F.layer_norm(h, (ddim,), *f.norm(ddim), eps=1e-6), *f.layer(3 * p * p, ddim))
    out = torch.tanh(h.reshape(n, g, g, 3, p, p).permute(0, 3, 1, 4, 2, 5).reshape(n, 3, size, size))
    params = dict(patch=patch, dim=dim, depth=depth, heads=heads, decoderDim=ddim, decoderDepth=ddepth, decoderHeads=dheads)
    return golden("mae", params, size, True, n, f, z, out)


def mage(patch, codes, code, width, blocks, dim, depth, heads, ddim, ddepth, dheads, classes, steps, size, n):
    """Every hidden place takes its likeliest token, the most confident ones first."""
    pixels, region = data(n, size)
    g, p, f = size // patch, patch, Flat(1.2, chirp=True)
    t, words = g * g, codes + classes + 1
    tokens = (pixels * (1 - region)).reshape(n, 3, g, p, g, p).permute(0, 2, 4, 1, 3, 5).reshape(n, t, 3 * p * p)

    def tokenizer(x):
        h = F.linear(x, *embed)
        for norm, up, down in residual:
            h = h + F.linear(F.silu(F.linear(F.layer_norm(h, (width,), *norm, eps=1e-6), *up)), *down)
        return F.linear(F.layer_norm(h, (width,), *last, eps=1e-6), *to_code)

    def nearest(z):
        return ((z[:, :, None] - book) ** 2).sum(-1).argmin(-1)

    embed = f.layer(width, 3 * p * p)
    residual = [(f.norm(width), f.layer(2 * width, width), f.layer(width, 2 * width)) for _ in range(blocks)]
    last, to_code, book = f.norm(width), f.layer(code, width), f.take(codes, code)
    embeddings, places, norm0 = f.take(words, dim), f.take(t + 1, dim), f.norm(dim)
    here = f.at  # the blocks are run several times, from the same weights

    def encoder(ids, kept):
        f.at = here
        h = embeddings[torch.cat([torch.full((n, 1), codes + classes - 1), ids.gather(1, kept)], 1)]
        h = h + places[torch.cat([torch.zeros(n, 1, dtype=torch.long), kept + 1], 1)]
        h = F.layer_norm(h, (dim,), *norm0, eps=1e-6)
        for _ in range(depth):
            h = block(f, h, dim, heads)
        return F.layer_norm(h, (dim,), *f.norm(dim), eps=1e-6)

    hidden = region[0, 0].reshape(g, p, g, p).amax((1, 3)).flatten() > 0
    seen, hole = (~hidden).nonzero().flatten(), hidden.nonzero().flatten()
    ids = nearest(tokenizer(tokens))
    ids[:, hole] = -1
    z = encoder(ids, seen.expand(n, -1))
    dembed, dplaces = f.layer(ddim, dim), f.take(t + 1, ddim)
    there = f.at

    def decoder(h, kept):
        f.at = there
        h = F.linear(h, *dembed)
        full = h[:, :1].expand(n, t + 1, ddim).clone()
        full.scatter_(1, (kept + 1)[:, :, None].expand(-1, -1, ddim), h[:, 1:])
        h = full + dplaces
        for _ in range(ddepth):
            h = block(f, h, ddim, dheads)
        h = F.layer_norm(h, (ddim,), *f.norm(ddim), eps=1e-6)
        h = F.gelu(F.linear(h, *f.layer(dim, ddim)))
        h = F.layer_norm(h, (dim,), *f.norm(dim), eps=1e-5)
        return (h @ embeddings.T + f.take(words))[:, 1:]

    left = [len(hole)]
    for k in range(1, steps + 1):
        left.append(0 if k == steps else max(1, min(left[-1] - 1, int(len(hole) * np.cos(np.pi / 2 * k / steps)))))
    for after in left[1:]:
        kept = torch.stack([(row >= 0).nonzero().flatten() for row in ids])
        logp = decoder(encoder(ids, kept), kept)[:, :, :codes].log_softmax(-1)
        best, token = logp.max(-1)
        for row, b, c in zip(ids, best, token):
            masked = (row < 0).nonzero().flatten()
            stay = masked[b[masked].argsort(descending=True)][:len(masked) - after]
            row[stay] = c[stay]

    inn = f.layer(width, code, 3, 3)
    res = [(f.layer(width, width, 3, 3), f.layer(width, width, 3, 3)) for _ in range(blocks)]
    to_pixels = f.layer(3 * p * p, width, 3, 3)

    def paint(q):
        h = F.conv2d(q.transpose(1, 2).reshape(-1, code, g, g), *inn, padding=1)
        for a, b in res:
            h = h + F.conv2d(F.silu(F.conv2d(F.silu(h), *a, padding=1)), *b, padding=1)
        return torch.tanh(F.pixel_shuffle(F.conv2d(F.silu(h), *to_pixels, padding=1), p))

    params = dict(patch=patch, codes=codes, codeDim=code, width=width, blocks=blocks, dim=dim, depth=depth, heads=heads, decoderDim=ddim,
                  decoderDepth=ddepth, decoderHeads=dheads, classes=classes, steps=steps, temperature=0, choiceTemperature=0)
    c = golden("mage", params, size, True, n, f, z, paint(book[ids]))
    c["loss"], c["chirp"] = None, True  # the loss draws a mask
    return c


print(json.dumps(dict(by="PyTorch " + torch.__version__, cases=[
    autoencoder(2, 6, 4, 16, True, 2),
    autoencoder(3, 8, 5, 32, False, 1),
    mae(4, 8, 2, 2, 4, 1, 1, 16, 2),
    mage(4, 20, 3, 4, 1, 16, 2, 2, 8, 1, 2, 2, 3, 32, 2),
]), indent=1))
