"""Makes planes.npz and the JPEG files of decode/ that README.md's script does not make.
Needs Debian's Pillow 9.4, NumPy and torch 1.13, libturbojpeg.so.0 and cjpeg of libjpeg-turbo 2.1.5, and
torch-fidelity's package folder on the PYTHONPATH (the whole package would want torchvision):
    PYTHONPATH=/path/to/torch-fidelity/torch_fidelity python3 golden.py
"""
import ctypes
import io
import subprocess

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

# ---- resampling: the pattern of helper_test.go, and its first 8×8 pixels ----

y, x, c = np.mgrid[0:23, 0:37, 0:3]
waves = ((7 * y * y + 13 * x + 29 * x * y + 57 * c) % 256).astype(np.uint8)


def clean_fid(a, w, h):
    """Pillow's bicubic on each colour as float32, clipped: clean-fid's make_resizer without quantisation."""
    return np.stack([np.asarray(Image.fromarray(a[..., k].astype(np.float32), "F").resize((w, h), Image.BICUBIC)).clip(0, 255)
                     for k in range(3)])


def torch_of(mode, antialias):
    def resize(a, w, h):
        x = torch.from_numpy(a).permute(2, 0, 1)[None].float() / 255
        return 255 * F.interpolate(x, size=(h, w), mode=mode, align_corners=False, antialias=antialias)[0].numpy()
    return resize


def tf1(a, w, h):
    x = torch.from_numpy(a).permute(2, 0, 1)[None].float()
    return interpolate_bilinear_2d_like_tensorflow1x(x, size=(h, w), align_corners=False)[0].numpy()


kinds = {"clean-fid": clean_fid, "tf1-bilinear": tf1,
         "torch-bilinear": torch_of("bilinear", False), "torch-bicubic": torch_of("bicubic", False),
         "torch-bilinear-aa": torch_of("bilinear", True), "torch-bicubic-aa": torch_of("bicubic", True)}
planes = {}
for name, resize in kinds.items():
    for w, h in [(5, 5), (11, 11)]:
        planes[f"eight_{name}_{w}x{h}"] = resize(waves[:8, :8], w, h)
    for w, h in [(5, 23), (37, 10), (41, 6), (1, 1), (2, 3)]:
        planes[f"waves_{name}_{w}x{h}"] = resize(waves, w, h)
np.savez_compressed("planes.npz", **{k: v.astype(np.float32) for k, v in planes.items()})

# ---- JPEG files of every kind ----

s = np.stack([(2 + k) * xx + (4 - k) * yy + 40 * k for k in range(3) for yy, xx in [np.mgrid[0:24, 0:20]]], -1).astype(np.uint8)
s[8:16, 4:12] = [250, 20, 40]  # an edge in brightness and colour
s = Image.fromarray(s)


def keep(name, data):
    with open(f"decode/{name}.jpg", "wb") as f:
        f.write(data)
    ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB").save(f"decode/{name}.rgb.png", optimize=True)


def jpeg(m, **options):
    b = io.BytesIO()
    m.save(b, "JPEG", quality=90, **options)
    return b.getvalue()


def segments(data):
    """The marker segments before the scan, and the scan."""
    at, found = 2, []
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2:at + 4], "big")
        found.append(data[at:end])
        at = end
    return found, data[at:]


for name, sampling in [("422", 1), ("420-edge", 2), ("411", "4:1:1")]:
    keep("jpeg-" + name, jpeg(s, subsampling=sampling))
keep("jpeg-progressive-420", jpeg(s, progressive=True, subsampling=2))
keep("jpeg-one-pixel", jpeg(s.crop((5, 9, 6, 10))))
keep("jpeg-odd-size", jpeg(s.crop((0, 0, 17, 9))))
ppm = b"P6\n%d %d\n255\n" % s.size + s.tobytes()
for name, options in [("440", ["-sample", "1x2"]), ("311", ["-sample", "3x1"]), ("arithmetic", ["-arithmetic"]),
                      ("rgb-inside", ["-rgb"]), ("restarts", ["-restart", "2B"])]:
    keep("jpeg-" + name, subprocess.run(["cjpeg", "-quality", "90", *options], input=ppm, capture_output=True, check=True).stdout)

plain = jpeg(s)
head, scan = segments(plain)
keep("jpeg-stray-bytes", plain[:-2] + b"\x12\x34\x56" * 9 + plain[-2:])
keep("jpeg-jfif-version", plain[:11] + b"\x00\x00" + plain[13:])
keep("jpeg-tail", plain + b"something after the end")

inks = jpeg(s.convert("CMYK"))
head, scan = segments(inks)
keep("jpeg-cmyk-no-adobe", b"\xff\xd8" + b"".join(h for h in head if h[1] != 0xEE) + scan)

# YCCK, as Photoshop writes: TurboJPEG makes it of CMYK (pixel format 11, 4:4:4).
turbo = ctypes.CDLL("libturbojpeg.so.0")
turbo.tjInitCompress.restype = ctypes.c_void_p
a = np.asarray(s.convert("CMYK"))
out, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong()
failed = turbo.tjCompress2(ctypes.c_void_p(turbo.tjInitCompress()), (255 - a).ctypes.data_as(ctypes.c_void_p), a.shape[1], 0,
                           a.shape[0], 11, ctypes.byref(out), ctypes.byref(size), 0, 90, 0)
assert not failed
keep("jpeg-ycck", ctypes.string_at(out, size.value))
