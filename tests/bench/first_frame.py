#!/usr/bin/env python3
"""Measures how long the workbench takes to its first full frame, and what it does while idle.

    cargo build --release
    python3 tests/bench/first_frame.py [target/release/elth] [--tickets 100] [--times 30] [--size 80x24] [--json]

The clock starts before `exec` and stops when the frame that shows a ticket's masks has arrived whole, in a
pseudo-terminal that answers nothing. Tickets are copies of the sample ticket of level 12. Needs Python alone.
"""

import argparse
import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_tickets" / "digits_resnet_14_8_level_12.safetensors"
# The end of a synchronised frame, and a sign that only a frame with a ticket's masks has.
FRAME, FULL = b"\x1b[?2026l", "█".encode()


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as home:
        tickets = pathlib.Path(home, "tickets")
        tickets.mkdir()
        for number in range(options.tickets):
            shutil.copy(SAMPLE, tickets / f"ticket-{number:03}.safetensors")
        opened = [Workbench(options, home) for _ in range(options.times)]
        idle = Workbench(options, home, idle=options.idle)
    times = sorted(1000 * each.first for each in opened)
    answer = {
        "tickets": options.tickets,
        "times": options.times,
        "first_frame_ms": {
            "p50": round(statistics.median(times), 2),
            "p90": round(times[int(0.9 * (len(times) - 1))], 2),
            "min": round(times[0], 2),
            "max": round(times[-1], 2),
        },
        "whole_process_cpu_ms_p50": round(statistics.median(each.cpu for each in opened), 2),
        "frames_until_full": max(each.frames for each in opened),
        "first_frame_bytes": opened[0].bytes,
        "idle_seconds": options.idle,
        "idle_bytes": idle.idle_bytes,
        "idle_cpu_ms": idle.idle_cpu,
    }
    print(json.dumps(answer, indent=None if options.json else 2))


class Workbench:
    """One opening of the workbench, closed with its own key."""

    def __init__(self, options, home, idle=0):
        began = time.perf_counter()
        self.child, self.screen = pty.fork()
        if self.child == 0:
            become_workbench(options, home)
        columns, rows = map(int, options.size.split("x"))
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.first, self.frames, self.bytes = self.wait_for_full_frame(began)
        self.idle_bytes = self.idle_cpu = None
        if idle:
            before = cpu_ms(self.child)
            self.idle_bytes = len(self.read_for(idle))
            self.idle_cpu = cpu_ms(self.child) - before
        os.write(self.screen, b"q")
        self.read_for(0.3)
        used = os.wait4(self.child, 0)[2]
        self.cpu = 1000 * (used.ru_utime + used.ru_stime)
        os.close(self.screen)

    def wait_for_full_frame(self, began):
        seen = b""
        while FULL not in seen or not seen.endswith(FRAME):
            if not select.select([self.screen], [], [], 5)[0]:
                os.kill(self.child, signal.SIGKILL)
                sys.exit(f"error: no full frame within 5 s; what came: {seen[-300:]!r}")
            seen += os.read(self.screen, 1 << 16)
        return time.perf_counter() - began, seen.count(FRAME), len(seen)

    def read_for(self, seconds):
        seen, until = b"", time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            if select.select([self.screen], [], [], left)[0]:
                try:
                    seen += os.read(self.screen, 1 << 16)
                except OSError:
                    break
        return seen


def become_workbench(options, home):
    columns, rows = map(int, options.size.split("x"))
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    chosen = {"ELTH_HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "ELTH_THEME": ""}
    os.execve(options.elth, [options.elth], {**os.environ, **chosen})


def cpu_ms(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) // os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("elth", nargs="?", default=str(ROOT / "target/release/elth"))
    parser.add_argument("--tickets", type=int, default=100)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--size", default="80x24", metavar="COLUMNSxROWS")
    parser.add_argument("--idle", type=float, default=3, metavar="SECONDS")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
