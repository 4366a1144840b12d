"""Makes narrow networks with seeded weights and what they give, with PyTorch 1.13:

    python3 networks.py

ResNet-20 two channels wide and SqueezeNets with widths divided by 16, as checkpoints; networks.json has the features
and logits of three pictures. ResNet is written here from He et al. (2016, section 4.2), SqueezeNet from Iandola et al.
(2016), with the names and strides that published checkpoints have.
"""

import json

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.stride, self.pad = stride, (cout - cin) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.pad, self.pad)))


class ResNet(nn.Module):
    def __init__(self, width, blocks, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        cin = width
        for stage in range(3):
            layers = []
            for i in range(blocks):
                layers.append(Block(cin, width << stage, 2 if stage and not i else 1))
                cin = width << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.linear = nn.Linear(cin, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        f = self.layer3(self.layer2(self.layer1(x))).mean([2, 3])
        return f, self.linear(f)


class Fire(nn.Module):
    def __init__(self, cin, c):
        super().__init__()
        self.squeeze, self.expand1x1, self.expand3x3 = nn.Conv2d(cin, c, 1), nn.Conv2d(c, 4 * c, 1), nn.Conv2d(c, 4 * c, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self, version, thin, classes):
        super().__init__()
        pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
        f = lambda cin, c: Fire(cin // thin, c // thin)
        first = (96, 7) if version == "1.0" else (64, 3)
        layers = [nn.Conv2d(3, first[0] // thin, first[1], 2), nn.ReLU(), pool(), f(first[0], 16), f(128, 16)]
        if version == "1.0":
            layers += [f(128, 32), pool(), f(256, 32), f(256, 48), f(384, 48), f(384, 64), pool(), f(512, 64)]
        else:
            layers += [pool(), f(128, 32), f(256, 32), pool(), f(256, 48), f(384, 48), f(384, 64), f(512, 64)]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512 // thin, classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        h = self.features(x)
        return h.mean([2, 3]), self.classifier(h).flatten(1)


def save(state, path):  # the legacy format: less room for many small tensors
    torch.save(state, path, _use_new_zipfile_serialization=False)


def pictures(n, side):
    """Grey levels that the tests make too: they differ in every pixel, colour and picture."""
    i = torch.arange(n * 3 * side * side)
    return (i * 7 + i // 5 + i // (side * side) * 31).remainder(251).reshape(n, 3, side, side).float()


def seeded(net, seed):
    torch.manual_seed(seed)
    for name, p in net.named_parameters():
        nn.init.normal_(p, 0, 0.1) if p.dim() == 1 else nn.init.kaiming_normal_(p)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5), nn.init.normal_(m.running_mean, 0, 0.2), nn.init.uniform_(m.running_var, 0.5, 2)
    return net.eval()


def flat(x):
    return [round(v, 7) if abs(v) < 1 else float(f"{v:.8g}") for v in x.flatten().tolist()]


def run(net, x):
    with torch.no_grad():
        f, l = net(x)
    return {"features": flat(f), "dim": f.shape[1], "logits": flat(l), "classes": l.shape[1]}


out = {}
resnet = seeded(ResNet(2, 3, 10), 1)
x = pictures(3, 32) / 255
x = (x - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
out["resnet20"] = run(resnet, x)
save({"state_dict": {"module." + k: v for k, v in resnet.state_dict().items()}}, "resnet20.pth")

x = pictures(3, 224).flip(1) - torch.tensor([104.0, 117.0, 123.0]).view(3, 1, 1)
for version, seed in (("1.0", 2), ("1.1", 3)):
    net = seeded(SqueezeNet(version, 16, 5), seed)
    out["squeezenet-" + version] = run(net, x)
    save(net.state_dict(), f"squeezenet-{version}.pth")
    if version == "1.1":
        backbone = net

# LPIPS v0.1 (Zhang et al. 2018, equation 1) with the outputs of ReLU and of fire layers 4, 7, 9, 10, 11 and 12, in float64.
lin = [torch.rand(c, generator=torch.Generator().manual_seed(10 + i)) for i, c in enumerate([4, 8, 16, 24, 24, 32, 32])]
save({f"lin{i}.model.1.weight": w.view(1, -1, 1, 1) for i, w in enumerate(lin)}, "lin.pth")


def taps(x):
    shift = torch.tensor([-0.030, -0.088, -0.188], dtype=torch.float64).view(3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450], dtype=torch.float64).view(3, 1, 1)
    h, out = (x - shift) / scale, []
    for i, layer in enumerate(backbone.features):
        h = layer(h)
        if i in (1, 4, 7, 9, 10, 11, 12):
            out.append(h / (h.square().sum(1, keepdim=True).sqrt() + 1e-10))
    return out


backbone = backbone.double()
with torch.no_grad():
    p = pictures(4, 40).double() / 127.5 - 1
    per = [((a - b).square() * w.double().view(-1, 1, 1)).sum(1).mean([1, 2])
           for a, b, w in zip(taps(p[:2]), taps(p[2:]), lin)]
    out["lpips"] = {"layers": [[v.item() for v in layer] for layer in per], "values": sum(per).tolist()}

with open("networks.json", "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")
