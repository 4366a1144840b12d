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


class MAGE:
    """Li et al. 2022, arXiv 2211.09117, with the tokenizer of MaskGIT as released for PyTorch; in double precision."""

    def __init__(self, size, width, multipliers, blocks, groups, codes, code, classes, d, depth, heads, dd, ddepth, dheads, margin):
        self.__dict__.update(locals())
        self.grid, self.shapes, self.least = size // 2 ** (len(multipliers) - 1), {}, float("inf")

    def weight(self, name, *shape):
        self.shapes[name] = shape
        return fill(name, shape).double()

    def layer(self, name, *shape):
        return self.weight(name + ".weight", *shape), self.weight(name + ".bias", shape[0])

    def conv(self, name, x, out, k=3, bias=True):
        w = self.weight(name + ".weight", out, x.shape[1], k, k)
        return F.conv2d(x, w, self.weight(name + ".bias", out) if bias else None, padding=k // 2)

    def norm(self, name, x):
        return F.silu(F.group_norm(x, self.groups, *self.layer(name, x.shape[1]), eps=1e-6))

    def residual(self, name, x, out):
        h = self.conv(name + ".conv1", self.norm(name + ".norm1", x), out, bias=False)
        h = self.conv(name + ".conv2", self.norm(name + ".norm2", h), out, bias=False)
        if x.shape[1] != out:
            x = self.conv(name + ".nin_shortcut", h, out, k=1, bias=False)
        return x + h

    def middle(self, name, h):
        return self.residual(name + "mid.block_2", self.residual(name + "mid.block_1", h, h.shape[1]), h.shape[1])

    def tokenize(self, x):
        e = "vqgan.encoder."
        h = self.conv(e + "conv_in", x, self.width, bias=False)
        for level, m in enumerate(self.multipliers):
            for i in range(self.blocks):
                h = self.residual(f"{e}down.{level}.block.{i}", h, self.width * m)
            if level < len(self.multipliers) - 1:
                h = F.avg_pool2d(h, 2)
        z = self.conv(e + "conv_out", self.norm(e + "norm_out", self.middle(e, h)), self.code, k=1)
        far = torch.cdist(z.flatten(2).transpose(1, 2), self.weight("vqgan.quantize.embedding.weight", self.codes, self.code)[None])
        return self.sure(-far ** 2)

    def sure(self, scores):
        """The best of the last dimension; remembers the least lead over the second, relative to the scores' spread."""
        two = scores.topk(2, -1).values
        self.least = min(self.least, ((two[..., 0] - two[..., 1]).min() / scores.std()).item())
        return scores.argmax(-1)

    def paint(self, ids):
        e, g = "vqgan.decoder.", self.grid
        q = self.weight("vqgan.quantize.embedding.weight", self.codes, self.code)[ids]
        h = self.middle(e, self.conv(e + "conv_in", q.transpose(1, 2).reshape(-1, self.code, g, g), self.width * self.multipliers[-1]))
        for level in reversed(range(len(self.multipliers))):
            for i in range(self.blocks):
                h = self.residual(f"{e}up.{level}.block.{i}", h, self.width * self.multipliers[level])
            if level:
                h = self.conv(f"{e}up.{level}.upsample.conv", h.repeat_interleave(2, 2).repeat_interleave(2, 3), h.shape[1])
        return self.conv(e + "conv_out", self.norm(e + "norm_out", h), 3)

    def stack(self, name, h, depth, heads):
        d = h.shape[-1]
        for i in range(depth):
            p = f"{name}.{i}."
            x = F.layer_norm(h, (d,), *self.layer(p + "norm1", d), eps=1e-6)
            q, k, v = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in F.linear(x, *self.layer(p + "attn.qkv", 3 * d, d)).chunk(3, -1))
            a = torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, -1) @ v
            h = h + F.linear(a.transpose(1, 2).flatten(2), *self.layer(p + "attn.proj", d, d))
            x = F.gelu(F.linear(F.layer_norm(h, (d,), *self.layer(p + "norm2", d), eps=1e-6), *self.layer(p + "mlp.fc1", 4 * d, d)))
            h = h + F.linear(x, *self.layer(p + "mlp.fc2", d, 4 * d))
        return h

    def embed(self, ids, places):
        d = self.d
        h = self.weight("token_emb.word_embeddings.weight", self.codes + self.classes + 1, d)[ids]
        h = h + self.weight("token_emb.position_embeddings.weight", self.grid ** 2 + 1, d)[places]
        h = self.stack("blocks", F.layer_norm(h, (d,), *self.layer("token_emb.LayerNorm", d), eps=1e-6), self.depth, self.heads)
        return F.layer_norm(h, (d,), *self.layer("norm", d), eps=1e-6)

    def forward(self, x, region):
        g = self.grid
        hidden = region.reshape(g, self.size // g, g, self.size // g).amax((1, 3))
        hidden = F.max_pool2d(hidden[None, None], 2 * self.margin + 1, 1, self.margin).flatten() > 0
        ids = self.tokenize(x)
        label, mask = self.codes + min(76, self.classes - 1), self.codes + self.classes
        shown = torch.cat([torch.full((1, 1), label), torch.where(hidden, mask, ids)], 1)
        places = torch.arange(g * g + 1)
        seen = torch.cat([torch.zeros(1, dtype=torch.long), (~hidden).nonzero().flatten() + 1])
        z = self.embed(shown[:, seen], places[seen])
        h = F.linear(self.embed(shown, places), *self.layer("decoder_embed", self.dd, self.d))
        h = torch.where(torch.cat([torch.zeros(1, dtype=torch.bool), hidden])[None, :, None], h[:, :1], h)
        h = self.stack("decoder_blocks", h + self.weight("decoder_pos_embed_learned", 1, g * g + 1, self.dd), self.ddepth, self.dheads)
        h = F.layer_norm(h, (self.dd,), *self.layer("decoder_norm", self.dd), eps=1e-6)[:, 1:]
        h = F.gelu(F.linear(h, *self.layer("mlm_layer.fc", self.d, self.dd)))
        h = F.layer_norm(h, (self.d,), *self.layer("mlm_layer.ln", self.d), eps=1e-5)
        words = self.weight("token_emb.word_embeddings.weight", self.codes + self.classes + 1, self.d)
        logits = (h @ words.T + self.weight("mlm_layer.bias", 1, 1, len(words)))[..., :self.codes]
        best = self.sure(logits[:, hidden])
        ids = ids.clone()
        ids[:, hidden] = best
        return z, self.paint(ids)


def mage(*sizes):
    m = MAGE(*sizes)
    pixels = torch.from_numpy(np.sin(0.11 * np.arange(3 * m.size ** 2, dtype=np.float64)).astype(np.float32)).double().reshape(1, 3, m.size, m.size)
    region = torch.zeros(m.size, m.size)
    region[m.size // 4:m.size - m.size // 4, m.size // 4:m.size - m.size // 4] = 1
    with torch.no_grad():
        z, out = m.forward((pixels * (1 - region) + 1) / 2, region)
    patch = m.size // m.grid
    unused = dict(cls_token=(1, 1, m.d), pos_embed=(1, m.grid ** 2 + 1, m.d), mask_token=(1, 1, m.dd), decoder_pos_embed=(1, m.grid ** 2 + 1, m.dd))
    unused.update({"patch_embed.proj.weight": (m.d, 3, patch, patch), "patch_embed.proj.bias": (m.d,),
                   "decoder_pred.weight": (3 * patch ** 2, m.dd), "decoder_pred.bias": (3 * patch ** 2,)})
    params = dict(patch=patch, codes=m.codes, codeDim=m.code, width=m.width, blocks=m.blocks, tokenizer="vqgan", multipliers=m.multipliers,
                  groups=m.groups, pixels="unit", margin=m.margin, dim=m.d, depth=m.depth, heads=m.heads, decoderDim=m.dd,
                  decoderDepth=m.ddepth, decoderHeads=m.dheads, classes=m.classes, steps=1, temperature=0, choiceTemperature=0, showMask=True)
    print("least lead of a token over the second", m.least, file=sys.stderr)
    return dict(family="mage", params=params, size=m.size, lead=m.least, tensors={k: list(v) for k, v in {**m.shapes, **unused}.items()},
                embedding=probe(z), painting=probe(out * 2 - 1))


def probe(t):
    t = t.double().flatten()
    at = sorted({i * (len(t) - 1) // 63 for i in range(64)})
    return dict(count=len(t), mean=t.mean().item(), norm=t.norm().item(), values={str(i): t[i].item() for i in at})


networks = {
    "mae-tiny": lambda: mae(32, 8, 24, 2, 3, 16, 2, 2),
    "mae-vit-base-16": lambda: mae(224, 16, 768, 12, 12, 512, 8, 16),
    "mage-tiny": lambda: mage(32, 8, [1, 2, 2], 2, 4, 32, 6, 5, 24, 2, 3, 16, 2, 2, 1),
    "mage-vit-base-16": lambda: mage(256, 128, [1, 1, 2, 2, 4], 2, 32, 1024, 256, 1000, 768, 12, 12, 768, 8, 16, 1),
}

r = networks[sys.argv[1]]()
tensors = r.pop("tensors")
print(json.dumps(dict(by="PyTorch " + torch.__version__, **r), indent=1)[:-2] + ',\n "tensors": {\n' +
      ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in tensors.items()) + "\n }\n}")
