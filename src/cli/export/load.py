"""Loads the ticket beside this file into its PyTorch network, under torch.nn.utils.prune.

    python load.py [TICKET.safetensors]      prints what it holds
    from load import load                    network, about = load("ticket.safetensors")
"""

import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils import prune

from model import build

HERE = Path(__file__).resolve().parent


def load(path):
    """The network with its masks in place, and what the file says of itself."""
    with safe_open(path, "pt") as file:
        about = file.metadata()
    channels, height, width = (int(size) for size in about["input"].split("x"))
    network = build(about["model"], int(about["classes"]), channels * height * width)
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            prune.custom_from_mask(module, "weight", torch.ones_like(module.weight))
    network.load_state_dict(load_file(path), strict=True)
    # A forward pass puts masked weights into `weight`; so does this, for whoever looks before one.
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight = module.weight_orig * module.weight_mask
    return network, about


if __name__ == "__main__":
    network, about = load(sys.argv[1] if len(sys.argv) > 1 else HERE / "ticket.safetensors")
    masks = [tensor for name, tensor in network.named_buffers() if name.endswith("_mask")]
    kept, weights = sum(int(mask.sum()) for mask in masks), sum(mask.numel() for mask in masks)
    print(f"{about['model']}: {kept} of {weights} weights kept")
