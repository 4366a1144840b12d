"""The Fréchet distance of two Gaussians by pytorch-fid, and LAPACK's symmetric eigenvalues, to be run in turn with
    go test -run xxx -bench 'BenchmarkFrechet$' -cpu 1 ./metrics/sets          # and -cpu 2
Usage: OPENBLAS_NUM_THREADS=1 PYTHONPATH=PYTORCH-FID/src python3 frechet.py [d] [rounds]
Needs NumPy, SciPy and torch, as pytorch-fid does; its function is the same with or without torchvision.
The moments are those of the Go benchmark, by the same formula. Prints milliseconds, the medians of the rounds, and
the distance.
"""
import statistics
import sys
import time
import types

import numpy as np
import scipy.linalg

try:
    import torchvision  # noqa: F401
except ImportError:  # which pytorch-fid wants for its network and its images; neither is used here
    for name in ("torchvision", "torchvision.transforms", "pytorch_fid.inception"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchvision"].transforms = sys.modules["torchvision.transforms"]
    sys.modules["pytorch_fid.inception"].InceptionV3 = type("InceptionV3", (), {"BLOCK_INDEX_BY_DIM": {2048: 3}})
from pytorch_fid.fid_score import calculate_frechet_distance

d = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3


def moments(seed):
    """Variances that fall by e⁹ over the coordinates, and 32 directions that mix them."""
    j = np.arange(1, d + 1)
    u = np.sin(np.outer(0.37 * j + seed, np.arange(1, 33))) / 8
    return np.cos(0.1 * j * seed), np.diag(np.exp(-9 * j / d)) + u @ u.T


def median(f, reps):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(reps):
            out = f()
        times.append(1e3 * (time.perf_counter() - start) / reps)
    return statistics.median(times), out


(m1, s1), (m2, s2) = moments(1), moments(2)
reps = 20 if d < 512 else 1
eig, _ = median(lambda: scipy.linalg.eigvalsh(s1), reps)
fid, distance = median(lambda: calculate_frechet_distance(m1, s1, m2, s2), reps)
print(f"d={d} eigvalsh {eig:.3f} ms, pytorch-fid {fid:.3f} ms, distance {distance!r}")
