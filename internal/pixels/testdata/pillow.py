"""Prints "sha256 width height path" of each picture as Pillow sees it after exif_transpose and convert("RGB"), or
"error path". Paths come from standard input, one a line."""
import hashlib
import sys

from PIL import Image, ImageOps

for path in sys.stdin.read().splitlines():
    try:
        m = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        print(hashlib.sha256(m.tobytes()).hexdigest(), m.width, m.height, path)
    except Exception:
        print("error", path)
