#!/usr/bin/env bash
# How long commands take as whole processes on cifar_resnet_56, of 20 runs each.
#
# A loaded machine or a slow disk shows: writing a ticket waits until it is on the disk.
#
#   cargo build --release && tests/bench/commands.sh [PATH-OF-ELTH]
set -euo pipefail
cd "$(dirname "$0")/../.."

elth=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/elth}")
desk=$(mktemp -d)
trap 'rm -r "$desk"' EXIT
export ELTH_HOME=$desk/home
"$elth" prune cifar_resnet_56 --method magnitude --sparsity 0.9 -o "$desk/ticket.safetensors" >/dev/null
mkdir -p "$ELTH_HOME/tickets"
for number in {1..100}; do
    ln "$desk/ticket.safetensors" "$ELTH_HOME/tickets/$number.safetensors"
done

measure() {
    local name=$1 runs=()
    shift
    local TIMEFORMAT='%R %U %S'
    for _ in {1..20}; do
        runs+=("$({ time "$@" >/dev/null; } 2>&1)")
    done
    printf '%s\n' "${runs[@]}" | sort -n | awk -v name="$name" '
        { wall[NR] = $1 * 1000; busy += ($2 + $3) * 1000 }
        END { printf "%-12s %5d ms median %5d ms slowest %6.1f ms of processor\n", name, wall[int((NR + 1) / 2)], wall[NR], busy / NR }'
}

measure version "$elth" --version
measure map "$elth" map cifar_resnet_56 cifar_resnet_110
measure show "$elth" show "$desk/ticket.safetensors"
measure heatmap "$elth" show "$desk/ticket.safetensors" --heatmap
measure "show --json" "$elth" show "$desk/ticket.safetensors" --json
measure diff "$elth" diff "$desk/ticket.safetensors" "$desk/ticket.safetensors"
measure squeeze "$elth" transform "$desk/ticket.safetensors" --to cifar_resnet_44 --force -o "$desk/made.safetensors"
measure stretch "$elth" transform "$desk/ticket.safetensors" --to cifar_resnet_110 --force -o "$desk/made.safetensors"
measure preview "$elth" transform "$desk/ticket.safetensors" --to cifar_resnet_110 --dry-run
measure "100 tickets" "$elth" tickets
