"""JPEG files to a float32 tensor [3, 299, 299] with Pillow and NumPy, to be run in turn with
    go test -run xxx -bench Folder/turbo/pillow-bicubic -cpu 1 -benchtime 600x ./internal/pixels
Usage: python3 images.py FOLDER [files] [rounds]        FOLDER is searched for *.JPEG, *.jpeg and *.jpg
Prints microseconds per image: the median of the rounds, one core. The stages' times are of one more round.
"""
import pathlib
import statistics
import sys
import time

import numpy as np
from PIL import Image

SIDE = 299
folder = pathlib.Path(sys.argv[1])
files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpeg", ".jpg"))
files = files[: int(sys.argv[2]) if len(sys.argv) > 2 else 300]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5


def decode(path):
    return Image.open(path).convert("RGB")


def resize(image):
    return image.resize((SIDE, SIDE), Image.BICUBIC)


def tensor(image):
    x = np.asarray(image).astype(np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(x) / np.float32(255)


whole, parts = [], {"decode": 0.0, "resize": 0.0, "tensor": 0.0}
for _ in range(rounds):
    start = time.perf_counter()
    for path in files:
        tensor(resize(decode(path)))
    whole.append(1e6 * (time.perf_counter() - start) / len(files))
for path in files:
    times = [time.perf_counter()]
    x = path
    for work in (decode, resize, tensor):
        x = work(x)
        times.append(time.perf_counter())
    for i, name in enumerate(parts):
        parts[name] += 1e6 * (times[i + 1] - times[i]) / len(files)
print(f"{statistics.median(whole):.0f} us/image of {len(files)} (rounds {', '.join(f'{v:.0f}' for v in whole)}); "
      + ", ".join(f"{name} {v:.0f}" for name, v in parts.items()))
