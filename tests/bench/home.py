"""A home as people come to have it: 1,000 tickets, 100 runs, two large tickets, one endless log, one run that lives.

Every file is made by `elth` itself or written as a trainer writes it; nothing is left out of a header or a log.
"""

import fcntl
import json
import os
import pathlib
import subprocess
import threading
import time

# Models and sparsities of the many tickets: each model's tickets are a chain, so that their lineages grow.
MODELS = [f"cifar_resnet_{depth}_{width}" for depth in (8, 14, 20, 32, 56, 110) for width in (2, 4)]
SPARSITIES = [0.2, 0.36, 0.488, 0.59, 0.672, 0.738]
# Tickets of 25 and of 100 million prunable weights.
LARGE = {"large-25m": "cifar_resnet_20_154", "large-100m": "cifar_resnet_20_307"}

RECIPE = """schema = 1
build = "b2b1d22f16571021"
trainer = "/opt/elth/elth-worker"
model = "cifar_resnet_20_8"
classes = 10
input = "3x8x8"
dataset = "digits"
data_digest = "c9f6df57e04920fabd66cc388860f8c92d3b7f56f08238c0f00d91a6998b9754"
data_dir = "/data"
device = "cpu"
threads = 1
precision = "exact"

[task]
kind = "train"
ticket = "352483998975caea239b02f98f15ee41b4c93b11920b14e7183ac857c0a358cb"
ticket_name = "level_1"
start_at = "2it"

[training]
training_steps = "{steps}it"
rewinding_steps = "2it"
milestone_steps = ["80ep", "120ep"]
warmup_steps = "0it"
batch_size = 128
lr = 0.1
gamma = 0.1
momentum = 0.9
weight_decay = 0.0001

[seeds]
init = {number}
order = 131799302578015
augment = 50458569191442
mask = 73029211569219
"""


class Bench:
    """A folder with a home in it, and the program that is measured."""

    def __init__(self, elth, folder):
        self.elth = str(pathlib.Path(elth).resolve())
        self.folder = pathlib.Path(folder).resolve()
        self.home = self.folder / "home"
        self.tickets, self.runs = self.home / "tickets", self.home / "runs"
        for folder in (self.tickets, self.runs):
            folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "ELTH_HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "ELTH_THEME": "",
        }

    def run(self, *words):
        subprocess.run([self.elth, *map(str, words)], env=self.environment, check=True, capture_output=True)

    def make_tickets(self, count):
        """Links under many names to a few dozen files: to whoever lists them, each is a file of its own."""
        source = self.folder / "source"
        source.mkdir(exist_ok=True)
        made = []
        for model in MODELS:
            given = model
            for level, sparsity in enumerate(SPARSITIES, 1):
                path = source / f"{model}-{level}.safetensors"
                if not path.exists():
                    self.run("prune", given, "--method", "magnitude", "--sparsity", sparsity, "-o", path)
                given = path
                made.append(path)
        for number in range(count):
            link = self.tickets / f"{number:04}-{made[number % len(made)].name}"
            if not link.exists():
                os.link(made[number % len(made)], link)

    def make_large(self):
        for name, model in LARGE.items():
            path = self.tickets / f"{name}.safetensors"
            if not path.exists():
                self.run("prune", model, "--method", "magnitude", "--sparsity", 0.9, "-o", path)

    def make_runs(self, count, lines=300):
        for number in range(1, count + 1):
            run = self.runs / f"train-{number}"
            if run.exists():
                continue
            write_run(run, number, lines, steps=10 * lines)
            ending = {"at": "2026-01-01T00:00:00.000Z", "exit": 0, "reason": None, "state": "done"}
            (run / "result.json").write_text(json.dumps(ending))

    def make_long_run(self, number, lines):
        run = self.runs / f"train-{number}"
        if not run.exists():
            write_run(run, number, lines, steps=10 * lines)
            ending = {"at": "2026-01-01T00:00:00.000Z", "exit": 0, "reason": None, "state": "done"}
            (run / "result.json").write_text(json.dumps(ending))

    def living(self, number, rate):
        return Living(self.runs / f"train-{number}", number, rate)


class Living:
    """A run whose trainer holds its lock and says something `rate` times a second, until it is left."""

    def __init__(self, run, number, rate):
        self.run, self.number, self.pause = run, number, 1 / rate
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.train, daemon=True)

    def __enter__(self):
        if not self.run.exists():
            write_run(self.run, self.number, 300, steps=1_000_000, ends=False)
        self.lease = open(self.run / "lease", "a+")
        fcntl.flock(self.lease, fcntl.LOCK_EX)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        self.lease.close()

    def train(self):
        step = 3_000
        with open(self.run / "events.jsonl", "a", buffering=1) as log:
            while not self.is_over.wait(self.pause):
                step += 10
                log.write(progress(step) + "\n")


def write_run(run, number, lines, steps, ends=True):
    """A run directory as a launcher and a trainer leave it; it appears in one step."""
    aside = run.with_name(f".new-{run.name}")
    for folder in ("tickets", "checkpoints"):
        (aside / folder).mkdir(parents=True)
    (aside / "recipe.toml").write_text(RECIPE.format(number=number, steps=steps))
    for lease in ("lease", "supervisor.lease", "launcher.lease"):
        holder = {"host": os.uname().nodename, "boot": "", "process": 1, "slurm_job": None}
        (aside / lease).write_text(json.dumps(holder))
    (aside / "waiting.json").write_text('{"device_uuid":null,"heard":0,"reason":"its trainer is starting"}')
    (aside / "worker.log").write_text("")
    with open(aside / "events.jsonl", "w") as log:
        for line in events(lines, steps, ends):
            log.write(line + "\n")
    aside.rename(run)


def events(lines, steps, ends):
    yield '{"event":"schema","version":1}'
    yield (
        '{"event":"started","at":"2026-01-01T00:00:00.000Z","device":"cpu","device_uuid":null,'
        f'"threads":1,"steps":{steps},"steps_per_epoch":11,"step":0}}'
    )
    yield '{"event":"phase","name":"training","level":null}'
    for line in range(1, lines + 1):
        yield progress(10 * line)
        if line % 100 == 0:
            yield (
                f'{{"event":"evaluated","step":{10 * line},"level":null,"level_step":{10 * line},'
                f'"test_loss":0.5,"test_accuracy":0.9,"correct":405,"examples":450}}'
            )
    if ends:
        yield '{"event":"done","at":"2026-01-01T01:00:00.000Z"}'


def progress(step):
    return (
        f'{{"event":"progress","step":{step},"level":null,"level_step":{step},"epoch":{step // 11},'
        f'"train_loss":{1 / (1 + step / 1000) + step % 7 / 100:.6f},"lr":0.1,"images_per_second":{6000 + step % 331}.25}}'
    )


def wait_until(happened, seconds, pause=0.0005):
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        if happened():
            return True
        time.sleep(pause)
    return False
