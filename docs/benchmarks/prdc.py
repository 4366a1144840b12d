"""clovaai's precision, recall, density and coverage, to be run in turn with
    go test -run xxx -bench PRDC -cpu 1 -benchtime 1x ./metrics/sets      (-cpu 2 for two threads)
Usage: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 prdc.py PATH/TO/generative-evaluation-prdc [threads] [images]
Prints seconds for float64 and float32 features of 1000 dimensions, k = 5. The package asks scikit-learn for 8 jobs;
here it gets as many as there are threads.
"""
import sys
import time

import numpy as np
import sklearn.metrics

sys.path.insert(0, sys.argv[1])
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
images = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
distances = sklearn.metrics.pairwise_distances
sklearn.metrics.pairwise_distances = lambda x, y, metric, n_jobs: distances(x, y, metric=metric, n_jobs=threads)
from prdc import compute_prdc  # noqa: E402

random = np.random.RandomState(0)
x, y = (random.standard_normal((images, 1000)).astype(np.float32) for _ in range(2))
for kind in (np.float64, np.float32):
    a, b = x.astype(kind), y.astype(kind)
    start = time.perf_counter()
    value = compute_prdc(a, b, 5)
    print(f"{kind.__name__} {time.perf_counter() - start:.2f} s, {value}", flush=True)
