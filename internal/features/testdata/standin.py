"""Small networks with the interfaces of NVIDIA's Inception and OpenAI's CLIP archives, seeded random weights, and what
they give: python3 standin.py (PyTorch 1.13.1, Pillow 9.4, NumPy 1.24), in this folder."""
import json

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F


class Inception(nn.Module):
    """forward(img, return_features, use_fp16, no_output_bias) on bytes of any size, resized inside."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 3, 2)
        self.out = nn.Linear(12, 7)

    def forward(self, img, return_features: bool = False, use_fp16: bool = False, no_output_bias: bool = False):
        x = F.interpolate(img.to(torch.float32), (19, 19), mode="bilinear", align_corners=False)
        f = torch.relu(self.conv((x - 128) / 128)).mean([2, 3])
        if return_features:
            return f
        b = self.out.bias
        if no_output_bias:
            b = torch.zeros_like(b)
        return torch.softmax(F.linear(f, self.out.weight * 8, b), 1)


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attn = nn.MultiheadAttention(d, d // 64)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(d, 4 * d))
        self.mlp.add_module("c_proj", nn.Linear(4 * d, d))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        h = self.mlp.c_fc(self.ln_2(x))
        return x + self.mlp.c_proj(h * torch.sigmoid(1.702 * h))


class Visual(nn.Module):
    def __init__(self, d, patch, grid, blocks, embed):
        super().__init__()
        self.conv1 = nn.Conv2d(3, d, patch, patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(d) / 8)
        self.positional_embedding = nn.Parameter(torch.randn(grid * grid + 1, d) / 8)
        self.ln_pre, self.ln_post = nn.LayerNorm(d), nn.LayerNorm(d)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.ModuleList(Block(d) for _ in range(blocks))
        self.proj = nn.Parameter(torch.randn(d, embed) / 8)

    def forward(self, x):
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        x = self.ln_pre(x).transpose(0, 1)
        for b in self.transformer.resblocks:
            x = b(x)
        return self.ln_post(x[0]) @ self.proj


class Clip(nn.Module):
    """Only what names an archive's weights: the image encoder, and one weight of the text's."""

    def __init__(self):
        super().__init__()
        self.visual = Visual(64, 8, 2, 2, 10)
        self.text_projection = nn.Parameter(torch.randn(4, 10))

    def forward(self, image):
        return self.visual(image)


def picture(w, h, seed):
    y, x = np.mgrid[:h, :w]
    return np.stack([(7 * x + 3 * y * y + seed * 31 + c * 50 + x * y) % 256 for c in range(3)], 2).astype(np.uint8)


def clip_input(rgb, side):
    m = Image.fromarray(rgb)
    w, h = m.size
    m = m.resize((side, int(side * h / w)) if w < h else (int(side * w / h), side), Image.BICUBIC)
    w, h = m.size
    left, top = int(round((w - side) / 2)), int(round((h - side) / 2))
    x = torch.from_numpy(np.asarray(m.crop((left, top, left + side, top + side)), np.float32) / 255).permute(2, 0, 1)
    mean, std = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
    return ((x - mean[:, None, None]) / std[:, None, None])[None]


torch.manual_seed(7)
golden = {}
with torch.no_grad():
    net = Inception().eval()
    torch.jit.script(net).save("standin-inception.pt")
    rows = []
    for seed in (1, 2):
        x = torch.from_numpy(picture(24, 24, seed)).permute(2, 0, 1)[None].float()
        rows.append({"features": net(x, True)[0].tolist(), "probabilities": net(x, False, False, True)[0].tolist()})
    golden["inception"] = rows

    net = Clip().eval()
    for p in net.parameters():
        p.copy_(p.half().float() if p.dim() > 1 else (p + 0.1 * torch.randn_like(p)).half().float())
    rows = [net(clip_input(picture(w, h, seed), 16))[0].tolist() for w, h, seed in ((16, 16, 1), (40, 23, 2), (17, 64, 3))]
    golden["clip"] = rows
    half = Clip().half().eval()
    half.load_state_dict(net.half().state_dict())

    def store(module, source):
        for name, p in source.named_parameters(recurse=False):
            module.register_parameter(name, nn.Parameter(p.detach(), requires_grad=False))
        for name, child in source.named_children():
            setattr(module, name, store(nn.Module(), child))
        return module

    class Archive(nn.Module):
        def __init__(self):
            super().__init__()
            store(self, half)

        def forward(self, x):
            return x

    torch.jit.script(Archive()).save("standin-clip.pt")
json.dump(golden, open("standin.json", "w"))
