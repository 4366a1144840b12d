"""Makes the TorchScript files beside it and torchscript.json, with PyTorch 1.13.1: python3 torchscript.py

Golden values are those of eager modules, in evaluation mode, with weight number i of all trainable ones at
0.3·sin(0.37 i) and pixel number i at sin(0.11 i), hidden ones 0; the hole is the square in the middle of half the side.
"""

import json

import torch
from torch import nn


class Inpainter(nn.Module):
    """Takes an image and what is hidden, both apart, in [−1, 1]."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(4, 6, 4, stride=4)
        self.norm = nn.GroupNorm(2, 6)
        self.drop = nn.Dropout(0.5)
        self.mix = nn.Conv2d(6, 6, 3, padding=1)
        self.up = nn.ConvTranspose2d(6, 3, 4, stride=4)

    def forward(self, image, mask):
        h = nn.functional.silu(self.norm(self.down(torch.cat([image, mask], 1))))
        return torch.tanh(self.up(self.drop(nn.functional.silu(self.mix(h)))))


class Unit(nn.Module):
    """Takes an image and what is visible in four channels, in [0, 1]; gives its code and the painting."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(4, 6, 4, stride=4)
        self.norm = nn.BatchNorm2d(6)
        self.token = nn.Parameter(torch.linspace(-1, 1, 6).reshape(6, 1, 1))  # no module's weight or bias
        self.gain = nn.Parameter(torch.tensor([1.5]), requires_grad=False)  # not trained
        self.unused = nn.Linear(2, 1)
        self.up = nn.Conv2d(6, 48, 1)
        with torch.no_grad():
            self.norm.running_mean.copy_(torch.linspace(-0.2, 0.3, 6))
            self.norm.running_var.copy_(torch.linspace(0.5, 1.5, 6))

    def forward(self, x):
        h = torch.relu(self.norm(self.down(x))) * self.gain + self.token
        return h, torch.sigmoid(nn.functional.pixel_shuffle(self.up(h), 4))


def known(m):
    i = 0
    with torch.no_grad():
        for p in m.parameters():
            if p.requires_grad:
                p.copy_((0.3 * torch.arange(i, i + p.numel(), dtype=torch.float64).mul(0.37).sin()).reshape(p.shape))
                i += p.numel()
    return m.eval()


def golden(name, m, paint, n=2, size=16):
    target = torch.arange(n * 3 * size * size, dtype=torch.float64).mul(0.11).sin().float().reshape(n, 3, size, size)
    region = torch.zeros(n, 1, size, size)
    region[:, :, size // 4:-size // 4, size // 4:-size // 4] = 1
    image = (target * (1 - region)).requires_grad_()
    out = paint(known(m), image, region)
    loss = (((out - target) ** 2) * region).sum((1, 2, 3)) / (3 * region.sum((1, 2, 3)))
    weights = [p for p in m.parameters() if p.requires_grad]
    grads = torch.autograd.grad(loss.mean(), weights + [image], allow_unused=True)
    flat = torch.cat([(torch.zeros_like(p) if g is None else g).flatten() for p, g in zip(weights, grads)])
    every = 37
    return dict(file=name, n=n, size=size, every=every, names=[k for k, p in m.named_parameters() if p.requires_grad],
                shapes=[list(p.shape) for p in weights], painting=out.flatten()[::every].tolist(), loss=loss.tolist(),
                gradient=flat.tolist(), image=grads[-1].flatten()[::every].tolist())


def define(name, forward, tensors, freeze=False):
    """Saves a module with the tensors under their names, and a forward of one's own."""
    class Plain(torch.jit.ScriptModule):
        def __init__(self, tensors, forward):
            super().__init__()
            for k, v in tensors.items():
                if isinstance(v, nn.Parameter):
                    self.register_parameter(k, v)
                elif isinstance(v, dict):
                    setattr(self, k, Plain(v, "def forward(self, x):\n    return x\n"))
                else:
                    self.register_buffer(k, v)
            self.define(forward + "\n")

    m = Plain(tensors, forward).eval()
    torch.jit.save(torch.jit.freeze(m) if freeze else m, name)


def of(m):
    """The tensors of a module by name."""
    out = dict(m._parameters)
    out.update(m._buffers)
    out.update({k: of(c) for k, c in m.named_children() if of(c)})
    return out


INPAINTER = """
def forward(self, image, mask):
    h = torch.conv2d(torch.cat([image, mask], 1), self.down.weight, self.down.bias, [4, 4])
    h = torch.group_norm(h, 2, self.norm.weight, self.norm.bias)
    h = torch.conv2d(h * torch.sigmoid(h), self.mix.weight, self.mix.bias, [1, 1], [1, 1])
    h = torch.dropout(h * torch.sigmoid(h), 0.5, self.training)
    return torch.tanh(torch.conv_transpose2d(h, self.up.weight, self.up.bias, [4, 4]))
"""
UNIT = """
def forward(self, x):
    h = torch.conv2d(x, self.down.weight, self.down.bias, [4, 4])
    h = torch.batch_norm(h, self.norm.weight, self.norm.bias, self.norm.running_mean, self.norm.running_var,
                         self.training, 0.1, 1e-5, False)
    h = torch.relu(h) * self.gain + self.token
    return h, torch.sigmoid(torch.pixel_shuffle(torch.conv2d(h, self.up.weight, self.up.bias), 4))
"""
PLAIN = "def forward(self, image, mask):\n    return "
torch.manual_seed(1)
inpainter, unit = Inpainter(), Unit()
define("inpainter.pt", INPAINTER, of(inpainter))
define("unit.pt", UNIT, of(unit))
define("frozen.pt", INPAINTER, of(inpainter), freeze=True)
w = lambda *shape: nn.Parameter(torch.full(shape, 0.5))
one = w(1, 1, 1, 1)
define("wrong-shape.pt", PLAIN + "(image * self.weight)[:, :2]", dict(weight=one))
define("random.pt", PLAIN + "image * self.weight + torch.randn_like(image)", dict(weight=one))
define("double.pt", PLAIN + "(image.double() * self.weight).float()", dict(weight=nn.Parameter(one.double())))
define("tied.pt", PLAIN + "image * self.weight + self.a.weight", dict(weight=one, a=dict(weight=one)))

with open("torchscript.json", "w") as f:
    json.dump(dict(by="PyTorch " + torch.__version__, cases=[
        golden("inpainter.pt", inpainter, lambda m, x, r: m(x, r)),
        golden("unit.pt", unit, lambda m, x, r: m(torch.cat([(x + 1) / 2, 1 - r], 1))[1] * 2 - 1),
    ]), f)
    f.write("\n")
