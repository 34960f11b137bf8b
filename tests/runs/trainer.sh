#!/bin/sh
# Stands in for the trainer: takes the lease, counts steps, checkpoints, answers wishes, ends as FAKE_END says.
set -eu

case $1 in
hello)
    echo "{\"program\":\"elth-worker\",\"protocol\":1,\"build\":\"$FAKE_BUILD\",\"libtorch\":\"0\",\"cuda\":${FAKE_CUDA:-false},\"devices\":[]}"
    exit 0
    ;;
eval)
    echo "$2" >&2
    [ -z "${FAKE_EVAL:-}" ] || { : >"$FAKE_EVAL" && sleep 5; }
    echo '{"loss":0.5,"accuracy":0.25,"examples":8,"data_digest":"0123456789ab"}'
    exit 0
    ;;
esac

dir=$2
device=$4
mkdir -p "$dir/checkpoints" "$dir/tickets"
exec 9<>"$dir/lease"
flock -n 9 || { echo "elth-worker: another trainer works on it" >&2; exit 1; }
: >"$dir/lease"
printf '{"host":"%s","boot":"","process":%s}' "$(uname -n)" $$ >&9

# Processes of ours must not hold the lease when we are killed.
nap() { sleep "${1:-0.02}" 9>&-; }
say() { printf '%s\n' "$1" >>"$dir/events.jsonl"; }
at() { date -u +%Y-%m-%dT%H:%M:%S.000Z 9>&-; }

[ "${FAKE_END:-done}" != silent ] || { echo "libtorch_cpu.so: cannot open shared object file" >&2; exit 127; }
[ -s "$dir/events.jsonl" ] || say '{"event":"schema","version":1}'
steps=${FAKE_STEPS:-10}
step=$(cat "$dir/checkpoints/step" 2>/dev/null || echo 0)
say "{\"event\":\"started\",\"at\":\"$(at)\",\"device\":\"$device\",\"threads\":2,\"steps\":$steps,\"steps_per_epoch\":5,\"step\":$step}"

answered=0
state=running
while [ "$step" -lt "$steps" ] || [ "$state" = paused ]; do
    control=$(cat "$dir/control.json" 9>&-)
    number=${control#*\"number\":}
    number=${number%%[!0-9]*}
    if [ "$number" != "$answered" ]; then
        case $control in
        *pause*) state=paused ;;
        *stop*) state=stopped ;;
        *) state=running ;;
        esac
        answered=$number
        say "{\"event\":\"answered\",\"number\":$number,\"state\":\"$state\"}"
    fi
    case $state in
    stopped)
        say "{\"event\":\"stopped\",\"at\":\"$(at)\"}"
        exit 0
        ;;
    running)
        step=$((step + 1))
        echo "$step" >"$dir/checkpoints/step"
        say "{\"event\":\"progress\",\"step\":$step,\"level\":0,\"level_step\":$step,\"epoch\":$((step / 5)),\"train_loss\":0.$((99 - step % 90)),\"lr\":0.1,\"images_per_second\":100.0}"
        ;;
    esac
    nap
done

case ${FAKE_END:-done} in
failed)
    say "{\"event\":\"failed\",\"at\":\"$(at)\",\"reason\":\"loss became NaN at step $step\"}"
    exit 1
    ;;
done)
    say "{\"event\":\"evaluated\",\"step\":$step,\"level\":0,\"level_step\":$step,\"test_loss\":0.2,\"test_accuracy\":0.96,\"correct\":432,\"examples\":450}"
    : >"$dir/tickets/ticket.safetensors"
    say '{"event":"wrote","path":"tickets/ticket.safetensors","level":0,"kept":5,"digest":"00"}'
    say '{"event":"wrote","path":"tickets/trained.safetensors","level":0,"digest":"00"}'
    say "{\"event\":\"done\",\"at\":\"$(at)\"}"
    ;;
esac
