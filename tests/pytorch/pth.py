"""Rewrites exported files in both formats of torch.save, and says what torch.load makes of the originals.

pth.py EXPORTED OUT: EXPORTED is a folder of `elth export --format openlth`.
"""

import sys
from collections import OrderedDict
from pathlib import Path

import torch

exported, out = Path(sys.argv[1]), Path(sys.argv[2])
for path in sorted(exported.glob("*.pth")):
    # Nothing but tensors: what is not is refused by PyTorch itself.
    loaded = torch.load(path, weights_only=True)
    print(path.name, type(loaded).__name__, len(loaded), sum(int(tensor.sum()) for tensor in loaded.values()) if path.name == "mask.pth" else "")
    for name, is_zip in (("zip", True), ("old", False)):
        (out / name).mkdir(parents=True, exist_ok=True)
        torch.save(loaded, out / name / path.name, _use_new_zipfile_serialization=is_zip)
        # Views of one storage, and parameters, as networks that share or slice theirs save them.
        whole = torch.cat([tensor.flatten() for tensor in loaded.values() if tensor.dtype == loaded[next(iter(loaded))].dtype])
        views, at = OrderedDict(), 0
        for key, tensor in loaded.items():
            if tensor.dtype == whole.dtype:
                views[key] = whole[at : at + tensor.numel()].view(tensor.shape)
                at += tensor.numel()
            else:
                views[key] = tensor
        (out / f"{name}-views").mkdir(parents=True, exist_ok=True)
        torch.save(views, out / f"{name}-views" / path.name, _use_new_zipfile_serialization=is_zip)
    if path.name != "mask.pth":
        half = OrderedDict((key, tensor.half() if tensor.is_floating_point() else tensor) for key, tensor in loaded.items())
        for name, is_zip in (("half-zip.pth", True), ("half-old.pth", False)):
            torch.save(half, out / name, _use_new_zipfile_serialization=is_zip)
