"""Makes ops.json, adam.json and the .pt files beside it, with PyTorch 1.13.1:

    python3 golden.py

Debian 12's python3-torch calls itself 1.13.0a0; it is the same build as
libtorch1.13 1.13.1. Numbers are stored as float32 prints them.
"""

import hashlib
import json
import struct

import torch
import torch.nn.functional as F

torch.manual_seed(1)


def rand(*shape, positive=False):
    x = torch.randn(*shape).mul(64).round().div(64)  # exact in few digits
    return x.abs() + 0.25 if positive else x


def store(x):
    kind = {torch.float32: "floats", torch.float64: "doubles", torch.int64: "ints"}[x.dtype]
    return {"shape": list(x.shape), kind: x.detach().flatten().tolist()}


cases = []


def case(op, f, *inputs, args=(), value=None):
    """f(*inputs), and the gradient of mean(out²) for the first input."""
    first = inputs[0]
    if first.dtype == torch.float32:
        first = first.clone().requires_grad_()
    out = f(first, *inputs[1:])
    c = {"op": op, "in": [store(x) for x in inputs], "out": store(out)}
    if args:
        c["args"] = list(args)
    if value is not None:
        c["value"] = value
    if out.requires_grad:
        (g,) = torch.autograd.grad(out.square().mean(), first)
        c["grad"] = store(g)
    cases.append(c)


a, b, row = rand(2, 3), rand(2, 3), rand(3)
case("Add", torch.add, a, b)
case("Add", torch.add, a, row)
case("Sub", torch.sub, a, b)
case("Mul", torch.mul, a, b)
case("Div", torch.div, a, rand(2, 3, positive=True))
case("Scale", lambda x: x * -1.5, a, value=-1.5)
case("Shift", lambda x: x + 0.75, a, value=0.75)
case("Neg", torch.neg, a)
case("Square", torch.square, a)
case("Sqrt", torch.sqrt, rand(2, 3, positive=True))
case("ClampMax", lambda x: x.clamp(max=0.25), a, value=0.25)
case("Tanh", torch.tanh, a)
case("SiLU", F.silu, a)
case("ReLU", F.relu, a)
case("GELU", F.gelu, a)
case("Softmax", lambda x: x.softmax(1), a, args=[1])
case("Softmax", lambda x: x.softmax(0), a, args=[0])
c = rand(2, 3, 2)
case("Sum", torch.sum, c)
case("SumDims", lambda x: x.sum([0, 2]), c, args=[0, 0, 2])
case("SumDims", lambda x: x.sum([1], keepdim=True), c, args=[1, 1])
case("Mean", torch.mean, c)
case("MeanDims", lambda x: x.mean([0, 2]), c, args=[0, 0, 2])
case("MeanDims", lambda x: x.mean([1], keepdim=True), c, args=[1, 1])
case("Dot", torch.dot, rand(4), rand(4))
case("Matmul", torch.matmul, rand(2, 3), rand(3, 4))
case("Matmul", torch.matmul, rand(2, 2, 3), rand(2, 3, 2))
m = torch.randn(4, 4, dtype=torch.float64)
case("Eigenvalues", torch.linalg.eigvalsh, (m + m.T).mul(64).round().div(64))
case("CrossEntropy", F.cross_entropy, rand(3, 4), torch.tensor([3, 0, 1]))
case("Linear", F.linear, rand(2, 3), rand(4, 3), rand(4))
x, w = rand(2, 2, 5, 4), rand(3, 2, 3, 3)
case("Conv2D", lambda x, w, b: F.conv2d(x, w, b, 1, 1), x, w, rand(3), args=[1, 1])
case("Conv2D", lambda x, w, b: F.conv2d(x, w, b, 2, 0), x, w, rand(3), args=[2, 0])
w = rand(2, 3, 3, 3)
case("ConvTranspose2D", lambda x, w, b: F.conv_transpose2d(x, w, b, 1, 1), rand(1, 2, 3, 2), w, rand(3), args=[1, 1])
case("ConvTranspose2D", lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 0), rand(1, 2, 3, 2), w, rand(3), args=[2, 0])
case("PixelShuffle", lambda x: F.pixel_shuffle(x, 2), rand(1, 8, 2, 1), args=[2])
case("PixelUnshuffle", lambda x: F.pixel_unshuffle(x, 2), rand(1, 2, 4, 2), args=[2])
case("LayerNorm", lambda x, w, b: F.layer_norm(x, [4], w, b, 1e-6), rand(3, 4), rand(4), rand(4), args=[4], value=1e-6)
case("BatchNormEval", lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, False, 0.1, 1e-5),
     rand(2, 2, 2, 2), rand(2), rand(2), rand(2), rand(2, positive=True), value=1e-5)
case("Reshape", lambda x: x.reshape(3, -1), c, args=[3, -1])
case("Flatten", lambda x: x.flatten(1), c)
case("Permute", lambda x: x.permute(2, 0, 1), c, args=[2, 0, 1])
case("Transpose", lambda x: x.transpose(0, 2), c, args=[0, 2])
case("Expand", lambda x: x.expand(2, 3, 2), rand(2, 1, 2), args=[2, 3, 2])
case("Narrow", lambda x: x.narrow(1, 1, 2), c, args=[1, 1, 2])
case("Cat", lambda x, y: torch.cat([x, y], 1), rand(2, 2), rand(2, 3), args=[1])
case("IndexSelect", lambda x, i: x.index_select(1, i), rand(2, 4), torch.tensor([3, 0, 3]), args=[1])
case("Gather", lambda x, i: x.gather(1, i), rand(2, 4), torch.tensor([[3, 0], [1, 1]]), args=[1])
case("Detach", lambda x: x.detach(), a)
case("ResizeBilinear", lambda x: F.interpolate(x, (5, 3), mode="bilinear"), rand(1, 2, 3, 4), args=[5, 3])
case("ResizeBilinear", lambda x: F.interpolate(x, (2, 2), mode="bilinear"), rand(1, 1, 5, 4), args=[2, 2])

# In float64, and without drawing numbers, so that what comes after stays as it is.
tall = torch.arange(12, dtype=torch.float64).reshape(4, 3).mul(37).remainder(11).sub(5)
upper = torch.tensor([[2.0, -1, 0.5], [0, 4, 3], [0, 0, -0.5]], dtype=torch.float64)
case("SingularValues", torch.linalg.svdvals, tall)
case("Triangle", lambda x: torch.linalg.qr(x, "r")[1], tall)
case("SolveRight", lambda a, b: torch.linalg.solve_triangular(a, b, upper=True, left=False), upper, tall)

# Without drawing numbers either.
grid = torch.arange(2 * 2 * 5 * 6, dtype=torch.float32).reshape(2, 2, 5, 6).mul(37).remainder(41).sub(20).div(8)
taps = torch.arange(3 * 2 * 3 * 3, dtype=torch.float32).reshape(3, 2, 3, 3).mul(17).remainder(11).sub(5).div(8)
case("Conv2DNoBias", lambda x, w: F.conv2d(x, w, None, 2, 1), grid, taps, args=[2, 1])
case("MaxPool2DCeil", lambda x: F.max_pool2d(x, 3, 2, 0, ceil_mode=True), grid, args=[3, 2])
unet = (torch.arange(96, dtype=torch.float32) * 37 % 53 / 16 - 1.5).reshape(2, 4, 3, 4)  # no draws: later numbers stay
case("GroupNorm", lambda x, w, b: F.group_norm(x, 2, w, b, 1e-5), unet, torch.tensor([0.5, -1, 2, 1.5]), torch.tensor([0.25, 0, -1, 1]), args=[2], value=1e-5)
case("UpsampleNearest", lambda x: F.interpolate(x, scale_factor=3, mode="nearest"), unet, args=[3])
case("AvgPool2D", lambda x: F.avg_pool2d(x, 2), unet, args=[2])
case("Clamp", lambda x: x.clamp(-0.5, 0.75), unet, args=[-2, 3])
table = grid.flatten()[:12].reshape(4, 3)
case("Embedding", lambda x, i: F.embedding(i, x), table, torch.tensor([[3, 1, 3], [0, 0, 2]]))
case("Argmin", lambda x: x.argmin(1), table, args=[1])
case("Argmax", lambda x: x.argmax(0), table, args=[0])
case("LogSoftmax", lambda x: x.log_softmax(1), table, args=[1])
case("SmoothedCrossEntropy", lambda x, y: F.cross_entropy(x, y, reduction="none", label_smoothing=0.1), table,
     torch.tensor([2, 0, 1, 1]), value=0.1)

with open("ops.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")

# torch.optim.Adam over 20 steps, gradients from 1e-4 to 10, and its defaults.
n = 7
w = torch.nn.Parameter(torch.linspace(0.5, 2, n))
opt = torch.optim.Adam([w], lr=1e-2)
start, grads, rates, weights = w.tolist(), [], [], []
for t in range(20):
    g = torch.randn(n) * torch.logspace(-4, 1, n)
    lr = 1e-2 * (1 - t / 40)
    opt.param_groups[0]["lr"] = lr
    w.grad = g
    opt.step()
    grads.append(g.tolist())
    rates.append(lr)
    weights.append(w.tolist())
x = torch.tensor([3.0, -4.0, 12.0])
x.grad = x.clone()
norm = torch.nn.utils.clip_grad_norm_([x], 6.5).item()
with open("adam.json", "w") as f:
    json.dump({"start": start, "grads": grads, "rates": rates, "weights": weights,
               "clip": {"in": x.tolist(), "limit": 6.5, "norm": norm, "out": x.grad.tolist()},
               "digest": hashlib.sha256(b"a.weight[2 2]\n" + struct.pack("<4f", 1, -2, 3, 0.5)
                                        + b"a.bias[1]\n" + struct.pack("<f", -0.0)).hexdigest()}, f, indent=1)
    f.write("\n")


def script(name, inputs, result):
    m = type(name[:-3].title(), (torch.jit.ScriptModule,), {})()  # a class of its own
    m.define(f"def forward(self, {inputs}):\n    return {result}\n")
    m.eval()
    torch.jit.save(m, name)


script("double.pt", "x", "x * 2.0")
script("pair.pt", "a, b", "(a + b, a @ b.t())")
script("number.pt", "x", "x.size(0)")
script("mixed.pt", "x", "(x, x.size(0))")
torch.save({"w": torch.ones(2)}, "weights.pt")  # a state_dict, no module
