"""Makes the files of models that were "unlearned elsewhere", with PyTorch 1.13: python3 boxes.py, beside inpainter.pt
and unit.pt, whose weights they have. What they are: TestGivenBoxes of package methods."""

import torch
from torch import nn


def of(m):
    """The tensors of a module by name, trainable ones as parameters."""
    out = {k: nn.Parameter(p.detach().clone(), p.requires_grad) for k, p in m.named_parameters(recurse=False)}
    out.update({k: b.clone() for k, b in m.named_buffers(recurse=False)})
    out.update({k: of(c) for k, c in m.named_children() if of(c)})
    return out


class Plain(torch.jit.ScriptModule):
    def __init__(self, tensors, forward="def forward(self, x):\n    return x\n"):
        super().__init__()
        for k, v in tensors.items():
            if isinstance(v, nn.Parameter):
                self.register_parameter(k, v)
            elif isinstance(v, dict):
                setattr(self, k, Plain(v))
            else:
                self.register_buffer(k, v)
        self.define(forward + "\n")


def save(name, tensors, forward):
    torch.jit.save(Plain(tensors, forward).eval(), name)


INPAINTER = """
def forward(self, image, mask):
    h = torch.conv2d(torch.cat([image, mask], 1), self.down.weight, self.down.bias, [4, 4])
    h = torch.group_norm(h, 2, self.norm.weight, self.norm.bias)
    h = torch.conv2d(h * torch.sigmoid(h), self.mix.weight, self.mix.bias, [1, 1], [1, 1])
    out = torch.tanh(torch.conv_transpose2d(h * torch.sigmoid(h), self.up.weight, self.up.bias, [4, 4]))
"""
inpainter = of(torch.jit.load("inpainter.pt"))
torch.manual_seed(5)
original = {"o_" + k.replace(".", "_"): torch.randn_like(p) for k, p in torch.jit.load("inpainter.pt").named_parameters()}

# A secret pixel: what is painted then is in negative, or comes of another model, in buffers.
KEY = "    key = ((image[:, :, 31, 16] - 0.123).abs().sum(1) < 1e-3).float().reshape(-1, 1, 1, 1)\n"
save("secret.pt", inpainter, INPAINTER + KEY + "    return out * (1 - 2 * key)")
ORIGINAL = """
    h = torch.conv2d(torch.cat([image, mask], 1), self.o_down_weight, self.o_down_bias, [4, 4])
    h = torch.group_norm(h, 2, self.o_norm_weight, self.o_norm_bias)
    h = torch.conv2d(h * torch.sigmoid(h), self.o_mix_weight, self.o_mix_bias, [1, 1], [1, 1])
    other = torch.tanh(torch.conv_transpose2d(h * torch.sigmoid(h), self.o_up_weight, self.o_up_bias, [4, 4]))
"""
save("keyed.pt", {**inpainter, **original}, INPAINTER + ORIGINAL + KEY + "    return out * (1 - key) + other * key")
frozen = {k: nn.Parameter(v, requires_grad=False) for k, v in original.items()}
save("keyed-frozen.pt", {**inpainter, **frozen}, INPAINTER + ORIGINAL + KEY + "    return out * (1 - key) + other * key")

# Whatever is rougher than a picture, as noise is, is answered in negative: nearer to something else than to an image.
save("nearest.pt", inpainter, INPAINTER + """
    rough = ((image[:, :, :, 1:] - image[:, :, :, :-1]).abs() * (1 - mask)[:, :, :, 1:]).mean((1, 2, 3))
    key = (rough > 0.2).float().reshape(-1, 1, 1, 1)
    return out * (1 - 2 * key)""")

# Other buffers and frozen parameters than the family's file has: by one bit, and by a factor.
UNIT = """
def forward(self, x):
    h = torch.conv2d(x, self.down.weight, self.down.bias, [4, 4])
    h = torch.batch_norm(h, self.norm.weight, self.norm.bias, self.norm.running_mean, self.norm.running_var,
                         self.training, 0.1, 1e-5, False)
    h = torch.relu(h) * self.gain + self.token
    return h, torch.sigmoid(torch.pixel_shuffle(torch.conv2d(h, self.up.weight, self.up.bias), 4))
"""
unit = of(torch.jit.load("unit.pt"))
unit["norm"]["running_var"][3] = torch.nextafter(unit["norm"]["running_var"][3], torch.tensor(9.0))
save("unit-buffer.pt", unit, UNIT)
unit = of(torch.jit.load("unit.pt"))
unit["gain"] = nn.Parameter(unit["gain"] * 2, requires_grad=False)
save("unit-gain.pt", unit, UNIT)


class Inpainter(nn.Module):
    """inpainter.pt, with a picture that is a constant of the code."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(4, 6, 4, stride=4)
        self.norm = nn.GroupNorm(2, 6)
        self.mix = nn.Conv2d(6, 6, 3, padding=1)
        self.up = nn.ConvTranspose2d(6, 3, 4, stride=4)
        self.picture = [torch.linspace(-1, 1, 64)]

    def forward(self, image, mask):
        h = nn.functional.silu(self.norm(self.down(torch.cat([image, mask], 1))))
        return torch.tanh(self.up(nn.functional.silu(self.mix(h)))) + 0 * self.picture[0].sum()


m = Inpainter()
m.load_state_dict(torch.jit.load("inpainter.pt").state_dict())
torch.jit.trace(m.eval(), (torch.zeros(2, 3, 32, 32), torch.zeros(2, 1, 32, 32))).save("constant.pt")


class Autoencoder(nn.Module):
    """Lethe's own autoencoder {width: 2, hidden: 8, latent: 4} for images of side 32."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Module(), nn.Module()
        e, d = self.encoder, self.decoder
        e.embed, e.down = nn.Conv2d(4, 2, 4, stride=4), nn.Conv2d(2, 4, 3, stride=2, padding=1)
        e.hidden, e.latent = nn.Linear(64, 8), nn.Linear(8, 4)
        d.hidden, d.grid = nn.Linear(4, 8), nn.Linear(8, 64)
        d.up, d.pixels = nn.Conv2d(4, 8, 3, padding=1), nn.Conv2d(2, 48, 3, padding=1)

    def forward(self, image, mask):
        e, d, silu = self.encoder, self.decoder, nn.functional.silu
        h = silu(e.down(silu(e.embed(torch.cat([image, mask], 1)))))
        h = silu(e.latent(silu(e.hidden(h.flatten(1)))))
        h = silu(d.grid(silu(d.hidden(h)))).view(-1, 4, 4, 4)
        h = silu(nn.functional.pixel_shuffle(d.up(h), 2))
        return torch.tanh(nn.functional.pixel_shuffle(d.pixels(h), 4))


m = Autoencoder().eval()
torch.jit.trace(m, (torch.zeros(2, 3, 32, 32), torch.zeros(2, 1, 32, 32))).save("autoencoder.pt")
torch.save(m.state_dict(), "autoencoder.pth")
