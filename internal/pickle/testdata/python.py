"""Makes the Python checkpoints beside it, with PyTorch 1.13: python3 python.py"""

import os
from collections import OrderedDict

import torch


class Hostile:
    def __reduce__(self):
        return os.system, ("touch executed",)


a = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4
shared = torch.arange(8, dtype=torch.float32)
arrays = OrderedDict(
    a=a,
    columns=a.t(),  # strides (1, 3)
    every_second=shared[1::2],
    again=shared[1::2],
    scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 3),
    half=torch.tensor([1.0, -0.333251953125, 6.103515625e-05, 5.960464477539063e-08, 65504.0, float("inf")], dtype=torch.float16),
    bfloat=torch.tensor([1.0, -3.140625], dtype=torch.bfloat16),
    double=torch.tensor([0.1, -1e-3], dtype=torch.float64),
    parameter=torch.nn.Parameter(torch.tensor([7.0])),
    steps=torch.tensor(3),
    mask=torch.tensor([True, False]),
)
net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1))
torch.nn.init.constant_(net[0].weight, 0.5)
torch.nn.init.constant_(net[0].bias, -2)
nested = {"epoch": 3, "best": 91.5, "name": "net", "on": True, "none": None, "history": [1, -2, 70000, 1 << 40],
          "optimizer": {"state": {0: {"step": 1}}, "groups": [{"params": [0, 1]}]}, "state_dict": net.state_dict()}
for suffix, zipped in (("zip", True), ("legacy", False)):
    torch.save(arrays, f"arrays-{suffix}.pth", _use_new_zipfile_serialization=zipped)
    torch.save(nested, f"nested-{suffix}.pth", _use_new_zipfile_serialization=zipped)
    torch.save({"a": a, "b": Hostile()}, f"hostile-{suffix}.pth", _use_new_zipfile_serialization=zipped)
torch.save(net, "whole-zip.pth")
torch.save({"model": {"a": a}}, "model-zip.pth")
torch.save([a], "list-zip.pth")
torch.save({"n": 1}, "empty-zip.pth")
torch.save({"a": a}, "protocol4-zip.pth", pickle_protocol=4)
