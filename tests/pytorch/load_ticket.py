"""Loads elth tickets into PyTorch networks under torch.nn.utils.prune, strictly, and saves them again.

    python load_ticket.py TICKET.safetensors BACK.safetensors [TICKET BACK]...

Prints for each the number of kept weights and of all prunable ones, as the network holds them.
"""

import json
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import prune


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels != out:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + self.shortcut(x)).relu()


class ResNet(nn.Module):
    def __init__(self, depth, width, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        blocks, channels = [], width
        for stage in range(3):
            for block in range((depth - 2) // 6):
                out = width << stage
                blocks.append(Block(channels, out, 2 if stage and not block else 1))
                channels = out
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.blocks(self.bn(self.conv(x)).relu()).mean((2, 3)))


def main(ticket, back):
    with safe_open(ticket, "pt") as file:
        about = file.metadata()
    depth, width = (about["model"].split("_")[2:] + ["16"])[:2]
    network = ResNet(int(depth), int(width), int(about["classes"]))
    prunable = [module for module in network.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    for module in prunable:
        prune.custom_from_mask(module, "weight", torch.ones_like(module.weight))
    network.load_state_dict(load_file(ticket), strict=True)
    network.eval()
    channels, height, columns = (int(size) for size in about["input"].split("x"))
    with torch.no_grad():
        assert network(torch.ones(2, channels, height, columns)).isfinite().all()
    kept = sum(int(module.weight_mask.sum()) for module in prunable)
    print(json.dumps({"kept": kept, "weights": sum(module.weight_mask.numel() for module in prunable)}))
    wanted = ("format", "version", "model", "classes", "input", "weights")
    save_file(network.state_dict(), back, {key: about[key] for key in wanted})


if __name__ == "__main__":
    for pair in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        main(*pair)
