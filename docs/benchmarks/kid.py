"""torch-fidelity's KID, 100 subsets of 1000 in 2048 dimensions, to be run in turn with
    go test -run xxx -bench KID/subsets -cpu 1 -benchtime 1x ./metrics/sets      (-cpu 2 for two threads)
Usage: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 kid.py PATH/TO/torch-fidelity [images …]
Prints seconds for float32 features, as its networks give, and for float64 ones. metric_kid.py alone is loaded: the
package asks for torchvision, which KID does not use.
"""
import pathlib
import sys
import time
import types

import numpy as np
import torch

package = types.ModuleType("torch_fidelity")
package.__path__ = [str(pathlib.Path(sys.argv[1]) / "torch_fidelity")]
features = types.ModuleType("torch_fidelity.utils")  # what extracts features
features.__getattr__ = lambda name: None
sys.modules.update({"torch_fidelity": package, "torch_fidelity.utils": features})
from torch_fidelity.metric_kid import kid_features_to_metric  # noqa: E402

OPTIONS = dict(kid_subsets=100, kid_subset_size=1000, kid_kernel="poly", kid_kernel_poly_degree=3,
               kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1, rng_seed=2020, verbose=False)

random = np.random.RandomState(0)
for n in map(int, sys.argv[2:] or (1000, 2000, 5000, 10000)):
    x, y = (np.abs(random.standard_normal((n, 2048))).astype(np.float32) for _ in range(2))
    for kind in (np.float32, np.float64):
        a, b = torch.from_numpy(x.astype(kind)), torch.from_numpy(y.astype(kind))
        start = time.perf_counter()
        value = kid_features_to_metric(a, b, **OPTIONS)
        print(f"n={n} {kind.__name__} {time.perf_counter() - start:.2f} s, "
              f"KID {value['kernel_inception_distance_mean']:.3e}", flush=True)
