"""Makes the TorchScript files beside it, with PyTorch 1.13.1: python3 golden.py"""

import torch


def script(name, result):
    m = type(name[:-3].title(), (torch.jit.ScriptModule,), {})()  # a class of its own
    m.define(f"def forward(self, x):\n    f = x.mean([2, 3])\n    return {result}\n")
    m.eval()
    torch.jit.save(m, name)


script("means.pt", "(f, f[:, :2] - f[:, 1:])")  # the channels' means; two logits
script("features.pt", "f")
script("pixels.pt", "x.flatten(1)")
script("vector.pt", "f.sum(1)")
script("rows.pt", "f[1:]")
script("logits.pt", "(f, f[1:])")
script("zero.pt", "f[:, :0]")
script("double.pt", "f.double()")
script("sqrt.pt", "torch.sqrt(f)")  # not a number where negative
script("eight.pt", "x.reshape(x.size(0), 3 * 8 * 8)")  # for images of side 8
script("number.pt", "x.size(0)")
