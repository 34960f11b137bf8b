#!/usr/bin/env bash
# How long importing a .pth file of 25.6 million weights takes as a whole process, in both formats of torch.save.
#
# ELTH_PYTHON needs torch, to write the files; the smallest of five runs is the one that no disk disturbed.
#
#   cargo build --release && ELTH_PYTHON=… tests/bench/import.sh [PATH-OF-ELTH]
set -euo pipefail
cd "$(dirname "$0")/../.."

elth=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/elth}")
desk=$(mktemp -d)
trap 'rm -r "$desk"' EXIT
export ELTH_HOME=$desk/home
"$elth" prune imagenet_resnet_50 --method magnitude --sparsity 0.5 -o "$desk/ticket.safetensors" >/dev/null
"$elth" export "$desk/ticket.safetensors" --format openlth -o "$desk/level" >/dev/null
"${ELTH_PYTHON:-python3}" - "$desk" <<'PYTHON'
import sys, pathlib, torch
desk = pathlib.Path(sys.argv[1])
weights = torch.load(next((desk / "level").glob("model_*.pth")), weights_only=True)
torch.save(weights, desk / "zip.pth")
torch.save(weights, desk / "old.pth", _use_new_zipfile_serialization=False)
PYTHON
TIMEFORMAT='%R s'
for file in zip.pth old.pth level; do
    for run in 1 2 3 4 5; do
        { time "$elth" import "$desk/$file" --model imagenet_resnet_50 -o "$desk/made-$file-$run" >/dev/null; } 2>&1
        rm -r "$desk/made-$file-$run"
    done | sort -n | head -1 | sed "s/^/$file: /"
done
