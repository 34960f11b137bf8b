#!/usr/bin/env python3
"""Measures the workbench as its users meet it, and prints each figure beside its goal.

    cargo build --release
    python3 tests/bench/workbench.py [target/release/elth] [--quick] [--only NAME,…] [--json]

Makes a home of its own (1,000 tickets, 100 runs, tickets of 25 and 100 million weights, a log of 1,000,000 rows; 2 GB,
kept with --folder DIR for the next time) and opens the workbench on it in a pseudo-terminal of 200×60 that answers
nothing. The clock of a key starts before it is written and stops when the frame that shows what it asked for has
arrived whole. A loaded machine shows in every figure: processor time is printed beside them. Needs Python alone.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from home import Bench, LARGE, Living
from screen import Workbench

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONG, LIVE = 900, 901


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.elth, options.folder or folder)
        small = Bench(options.elth, bench.folder / "small")
        prepare(bench, small, options)
        wanted = options.only.split(",") if options.only else list(MEASURES)
        rows = []
        for name in wanted:
            for row in MEASURES[name](bench, small, options):
                rows.append(row)
                if not options.json:
                    print(line(row), flush=True)
    if options.json:
        print(json.dumps(rows))


def prepare(bench, small, options):
    """Makes what is missing; all of it is in the page cache afterwards, as on a machine that is in use."""
    started = time.perf_counter()
    bench.make_tickets(1000)
    bench.make_runs(100)
    bench.make_large()
    bench.make_long_run(LONG, 10_000 if options.quick else 1_000_000)
    small.make_tickets(5)
    small.make_runs(1)
    for path in [*bench.tickets.glob("large-*"), bench.runs / f"train-{LONG}" / "events.jsonl"]:
        with open(path, "rb") as file:
            while file.read(1 << 24):
                pass
    # A file that was written within the last two seconds is in no index.
    time.sleep(max(0.0, 2.5 - (time.perf_counter() - started)))
    bench.run("tickets")


def is_full(text):
    """A shelf with a ticket's picture on it."""
    return "tickets" in text and "kept %" in text and "reading" not in text


def row(name, value, goal, unit, note=""):
    return {"name": name, "value": round(value, 2), "goal": goal, "unit": unit, "note": note}


def line(row):
    value, goal = row["value"], row["goal"]
    verdict = "" if goal is None else "ok  " if value <= goal else "OVER"
    goal = "" if goal is None else f"<= {goal:g}"
    return f"{row['name']:<58} {value:>10,.2f} {row['unit']:<9} {goal:>10} {verdict} {row['note']}".rstrip()


def percentiles(times):
    times = sorted(times)
    return statistics.median(times), times[min(len(times) - 1, int(0.95 * len(times)))]


def first_frame(bench, _, options):
    for size, times in (("200x60", options.times), ("80x24", options.times // 3 + 1)):
        waits, cpu, frames = [], [], 0
        for _ in range(times):
            with Workbench(bench, size) as workbench:
                came, count = workbench.frame_with(is_full)
                waits.append(1000 * (came - workbench.began))
                frames, length = max(frames, count), workbench.bytes
                cpu.append(workbench.leave())
        p50, p95 = percentiles(waits)
        note = f"{statistics.median(cpu):.1f} ms of processor, {frames} frame{'s' * (frames > 1)} at the most"
        yield row(f"first full frame {size}, p50", p50, 25, "ms", note)
        yield row(f"first full frame {size}, p95", p95, 40, "ms")
        yield row(f"first full frame {size}, bytes", length / 1000, 12 if size == "80x24" else None, "kB")


def without_index(bench, _, options):
    waits = []
    for _ in range(3):
        for index in (bench.folder / "cache").rglob("*.index"):
            index.unlink()
        with Workbench(bench) as workbench:
            waits.append(1000 * (workbench.frame_with(is_full)[0] - workbench.began))
    yield row("first full frame 200x60 without an index, p50", statistics.median(waits), None, "ms")
    bench.run("tickets")


def heatmap(bench, _, options):
    for name, goal in (("large-25m", 15), ("large-100m", 30)):
        waits, cpu = [], []
        for _ in range(5):
            with Workbench(bench) as workbench:
                workbench.frame_with(is_full)
                workbench.press("/")
                before, busy = workbench.bytes, workbench.cpu_ms()
                waits.append(workbench.press(pasted(name), lambda text: shows_large(text, name)))
                length = workbench.bytes - before
                cpu.append(workbench.cpu_ms() - busy)
        p50, p95 = percentiles(waits)
        note = f"{statistics.median(cpu):.1f} ms of processor, slowest {p95:.1f} ms"
        yield row(f"{name}: from its key to its picture, p50", p50, goal, "ms", note)
        yield row(f"{name}: bytes of that frame", length / 1000, 50, "kB")


def pasted(text):
    return b"\x1b[200~" + text.encode() + b"\x1b[201~"


def shows_large(text, name):
    return text.count(name) >= 2 and "kept %" in text and "reading" not in text


def select_large(workbench, name="large-25m"):
    """Selects the ticket among all of them."""
    workbench.frame_with(is_full)
    workbench.press("/")
    workbench.press(pasted(name), lambda text: shows_large(text, name))
    workbench.press("\r")
    workbench.rest(0.2)
    workbench.press("\x1b", lambda text: text.count("tickets") >= 1 and name in text)
    workbench.rest(0.2)


def keys(bench, _, options):
    with Workbench(bench) as workbench:
        select_large(workbench)
        for there, back, shown in (("k", "j", None), ("?", "\x1b", None)):
            waits = pressed(workbench, there, back, options.keys)
            p50, p95 = percentiles(waits)
            yield row(f"key to paint, large-25m selected, {there} and back, p95", p95, 8, "ms", f"p50 {p50:.1f} ms")
        before = workbench.screen.text()
        workbench.press("\r", lambda text: text != before)
        workbench.rest(0.5)
        if "ticket" in workbench.screen.text().splitlines()[0]:
            p50, p95 = percentiles(pressed(workbench, "l", "h", options.keys))
            yield row("key to paint, large-25m's own screen, p95", p95, 8, "ms", f"p50 {p50:.1f} ms")


def pressed(workbench, there, back, times):
    """Milliseconds of each of two keys in turn that undo one another; a pause between them as between two strokes."""
    waits = []
    for at in range(times):
        before = workbench.screen.text()
        waits.append(workbench.press(back if at % 2 else there, lambda text: text != before))
        workbench.rest(0.02)
    return waits


def select_run(workbench, number):
    """Goes to the runs and selects one, which is among the youngest."""
    workbench.press("\t", lambda text: "train-" in text)
    for _ in range(10):
        if is_selected(workbench.screen.text(), f"train-{number}"):
            return
        workbench.press("j")


def is_selected(text, name):
    return any("›" in line and name in line.split() for line in text.splitlines())


def long_log(bench, _, options):
    rows = 10_000 if options.quick else 1_000_000
    # The last line of progress, as the run's screen says it.
    last = {str(10 * rows), f"{10 * rows:,}"}
    with Workbench(bench) as workbench:
        workbench.frame_with(is_full)
        select_run(workbench, LONG)
        before = workbench.cpu_ms()
        latest = workbench.press("\r", lambda text: "loss" in text and any(step in text for step in last))
        loaded, waits, rests = latest, [], 0
        began = time.perf_counter()
        busy = workbench.cpu_ms()
        while time.perf_counter() - began < 10:
            seen = workbench.screen.text()
            waits.append(workbench.press("\x1b" if len(waits) % 2 else "?", lambda text: text != seen))
            workbench.rest(0.02)
            now = workbench.cpu_ms()
            # Loaded when its processor rests: for a while, because on a loaded machine it also waits for its turn.
            if now - busy >= 4:
                loaded, rests = latest + 1000 * (time.perf_counter() - began), 0
            elif (rests := rests + 1) == 12:
                break
            busy = now
        spent = workbench.cpu_ms() - before
        if len(waits) % 2:
            workbench.press("\x1b")
        yield row(f"log of {rows:,} rows: latest values painted", latest, 30, "ms")
        yield row(f"log of {rows:,} rows: all loaded", loaded, 120, "ms", f"{spent:.0f} ms of processor, keys pressed meanwhile")
        yield row("key to paint while it loads, p95", percentiles(waits)[1], 16, "ms", f"{len(waits)} keys")


def memory(bench, small, options):
    with Workbench(small) as workbench:
        workbench.frame_with(is_full)
        select_run(workbench, 1)
        workbench.press("\r", lambda text: "loss" in text)
        workbench.rest(1)
        now, most = workbench.memory_mb()
        yield row("memory, one run open", now, 20, "MB", f"highest {most:.0f} MB")
    with Workbench(bench) as workbench:
        select_large(workbench, "large-100m")
        select_run(workbench, LONG)
        workbench.press("\r", lambda text: "loss" in text)
        workbench.rest(3)
        now, most = workbench.memory_mb()
        yield row("memory, 1,000 tickets, 1M rows, mask of 100M", now, 80, "MB", f"highest {most:.0f} MB")


def idle(bench, small, options):
    for name, home in (("1,000 tickets, 100 runs", bench), ("5 tickets, 1 run", small)):
        with Workbench(home) as workbench:
            workbench.frame_with(is_full)
            workbench.rest(3)
            before = workbench.cpu_ms()
            came = workbench.rest(options.seconds)
            cpu = (workbench.cpu_ms() - before) / options.seconds / 10
            yield row(f"idle, {name}: bytes", came / options.seconds, 0, "B/s")
            yield row(f"idle, {name}: processor", cpu, 0.05, "% a core")


def live(bench, small, options):
    with Living(small.runs / f"train-{LIVE}", LIVE, 4), Workbench(small) as workbench:
        workbench.frame_with(is_full)
        select_run(workbench, LIVE)
        workbench.press("\r", lambda text: "loss" in text)
        workbench.rest(3)
        before = workbench.cpu_ms()
        came = workbench.rest(options.seconds)
        cpu = (workbench.cpu_ms() - before) / options.seconds / 10
        yield row("a run that lives at 4 Hz: bytes", came / options.seconds / 1000, 1.5, "kB/s")
        yield row("a run that lives at 4 Hz: processor", cpu, 1, "% a core")


def commands(bench, _, options):
    """Whole processes: the shelf as a list, and tickets of 25 million weights."""
    made = bench.folder / "made.safetensors"
    large = bench.tickets / "large-25m.safetensors"
    deeper = LARGE["large-25m"].replace("_20_", "_26_")
    for name, words, goal in (
        ("tickets", ["tickets"], None),
        ("show large-25m", ["show", large], None),
        ("prune to 25M", ["prune", LARGE["large-25m"], "--method", "magnitude", "--sparsity", 0.9, "-o", made, "--force"], 1000),
        ("transform 25M to itself", ["transform", large, "--to", LARGE["large-25m"], "-o", made, "--force"], 1000),
        ("transform 25M, three units more", ["transform", large, "--to", deeper, "-o", made, "--force"], None),
    ):
        walls, cpus = [], []
        for _ in range(3):
            started = time.perf_counter()
            child = subprocess.Popen([bench.elth, *map(str, words)], env=bench.environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(child.pid, 0)
            if status:
                sys.exit(f"error: elth {name} failed")
            walls.append(1000 * (time.perf_counter() - started))
            cpus.append(1000 * (used.ru_utime + used.ru_stime))
        note = f"{min(cpus):.0f} ms of processor, {used.ru_maxrss * 1024 / 1e6:.0f} MB at the highest"
        yield row(f"elth {name}, quickest of 3", min(walls), goal, "ms", note)


MEASURES = {
    "first-frame": first_frame,
    "without-index": without_index,
    "heatmap": heatmap,
    "keys": keys,
    "long-log": long_log,
    "memory": memory,
    "idle": idle,
    "live": live,
    "commands": commands,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("elth", nargs="?", default=str(ROOT / "target/release/elth"))
    parser.add_argument("--folder", help="where the home is made and kept")
    parser.add_argument("--only", help="of " + ", ".join(MEASURES))
    parser.add_argument("--times", type=int, default=30, help="openings of the workbench")
    parser.add_argument("--keys", type=int, default=100, help="keys of each kind")
    parser.add_argument("--seconds", type=float, default=10, help="of idling and of watching")
    parser.add_argument("--quick", action="store_true", help="a log of 10,000 rows instead of 1,000,000")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
