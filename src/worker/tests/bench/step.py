#!/usr/bin/env python3
"""Measures a training step of the trainer beside PyTorch's own, in one go, and prints the ratio.

Both do forward, backward and SGD with momentum and weight decay in single precision, on the same libtorch version,
threads, batch and made-up images; the trainer masks its weights besides. They take turns, in both memory
layouts, so that whatever else the machine does meets both. On a quiet machine the medians count; on a busy one
the best steps say more, which are printed beside them.

    python3 src/worker/tests/bench/step.py --worker target/release/elth-worker --threads 2
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Two convolutions beside a shortcut, as in the official `cifar_resnet`."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, maps):
        out = functional.relu(self.bn1(self.conv1(maps)))
        out = self.bn2(self.conv2(out))
        return functional.relu(out + self.shortcut(maps))


class ResNet(nn.Module):
    """`cifar_resnet_N[_W]`."""

    def __init__(self, depth, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        blocks, inputs = [], width
        for stage in range(3):
            outputs = width << stage
            for unit in range((depth - 2) // 6):
                blocks.append(Block(inputs, outputs, 2 if stage and not unit else 1))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, images):
        maps = self.blocks(functional.relu(self.bn(self.conv(images))))
        return self.fc(functional.adaptive_avg_pool2d(maps, 1).flatten(1))


class Eager:
    """PyTorch's step, ready to be measured again and again."""

    def __init__(self, options, layout, fused):
        _, _, depth, *width = options.model.split("_")
        form = torch.channels_last if layout == "last" else torch.contiguous_format
        self.net = ResNet(int(depth), int(width[0]) if width else 16).to(memory_format=form)
        shape = [options.batch] + [int(size) for size in options.input.split("x")]
        self.images = torch.randn(shape).contiguous(memory_format=form)
        self.labels = torch.arange(options.batch) % 10
        self.sgd = torch.optim.SGD(
            self.net.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4, fused=fused or None
        )

    def measure(self, steps):
        """Seconds of each step, after three that do not count."""
        seconds = []
        for _ in range(3 + steps):
            since = time.perf_counter()
            self.sgd.zero_grad()
            loss = functional.cross_entropy(self.net(self.images), self.labels)
            loss.backward()
            self.sgd.step()
            loss.item()
            seconds.append(time.perf_counter() - since)
        return seconds[3:]


def worker_seconds(options, layout):
    """The median and the best step of the trainer's own measurement."""
    command = [options.worker, "bench", "--json", "--model", options.model, "--layout", layout]
    for name in ("batch", "threads", "steps", "input"):
        command += [f"--{name}", str(getattr(options, name))]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    if answer["libtorch"] != torch.__version__.split("+")[0]:
        sys.exit(f"the trainer has libtorch {answer['libtorch']}, this is {torch.__version__}")
    return answer["step_seconds"], answer["best_step_seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worker", required=True, help="the trainer's program")
    parser.add_argument("--model", default="cifar_resnet_20")
    parser.add_argument("--input", default="3x32x32")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10, help="steps a turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    eager = {
        f"pytorch {kind}, channels {layout}": Eager(options, layout, kind == "fused")
        for layout in ("first", "last")
        for kind in ("eager", "fused")
    }
    names = ["trainer, channels first", "trainer, channels last", *eager]
    medians, bests = ({name: [] for name in names} for _ in range(2))
    for turn in range(options.turns):
        for name in names if turn % 2 == 0 else reversed(names):
            if name in eager:
                steps = eager[name].measure(options.steps)
                median, best = statistics.median(steps), min(steps)
            else:
                median, best = worker_seconds(options, name.rsplit(" ", 1)[1])
            medians[name].append(median)
            bests[name].append(best)
    answer = {
        "model": options.model,
        "batch": options.batch,
        "threads": options.threads,
        "median": compared(options, {name: statistics.median(all) for name, all in medians.items()}),
        "best": compared(options, {name: min(all) for name, all in bests.items()}),
        "spread": {name: max(turns) / min(turns) for name, turns in medians.items()},
    }
    if options.json:
        print(json.dumps(answer))
        return
    print(f"{'images/s':32} {'median':>8} {'best':>8} {'slowest turn / fastest':>24}")
    rates = [answer[kind]["images_per_second"] for kind in ("median", "best")]
    for name in names:
        print(f"{name:32} {rates[0][name]:8.0f} {rates[1][name]:8.0f} {answer['spread'][name]:24.2f}")
    for key, what in [
        ("ratio_to_eager", "trainer / PyTorch eager"),
        ("ratio_to_pytorch", "trainer / PyTorch, fused too"),
    ]:
        print(f"{what:32} {answer['median'][key]:8.3f} {answer['best'][key]:8.3f}")


def compared(options, seconds):
    """Rates, and how the trainer's usual layout stands to the faster of PyTorch's two."""
    ours = seconds["trainer, channels last"]
    eager = min(value for name, value in seconds.items() if "eager" in name)
    pytorch = min(value for name, value in seconds.items() if "pytorch" in name)
    return {
        "images_per_second": {name: options.batch / value for name, value in seconds.items()},
        "ratio_to_eager": eager / ours,
        "ratio_to_pytorch": pytorch / ours,
    }


if __name__ == "__main__":
    main()
