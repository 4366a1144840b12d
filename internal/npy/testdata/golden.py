"""Arrays as NumPy writes them, for npy_test.go. Usage: python3 golden.py (NumPy 1.24), in this folder."""
import io
import json
import zipfile

import numpy as np

base = np.arange(24, dtype=np.float64).reshape(2, 3, 4) - 5
arrays = {}
for code in ["f8", "f4", "f2", "i8", "i4", "i2", "i1"]:
    for order in "<>":
        arrays[f"{code}{'le' if order == '<' else 'be'}"] = base.astype(order + code)
for code in ["u8", "u4", "u2", "u1"]:
    arrays[code] = (base + 5).astype(code)
arrays["bool"] = base > 0
arrays["fortran"] = np.asfortranarray(base)
arrays["vector"] = np.array([0.1, -2.5e-300, 3e300])
arrays["scalar"] = np.float64(7.5)
arrays["empty"] = np.zeros((0, 5), np.float32)
arrays["half"] = np.array([6e-8, -0.0, 65504, 1 / 3], np.float16)
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
for version in [(1, 0), (2, 0), (3, 0)]:
    b = io.BytesIO()
    np.lib.format.write_array(b, base[0].astype("<f4"), version=version)
    open(f"version{version[0]}.npy", "wb").write(b.getvalue())
np.save("object.npy", np.array([{}, 1], object), allow_pickle=True)
np.save("record.npy", np.zeros(3, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save("text.npy", np.array(["a", "bc"]))
json.dump({k: {"shape": list(np.shape(v)), "values": np.asarray(v, np.float64).ravel("C").tolist()} for k, v in arrays.items()},
          open("golden.json", "w"))
