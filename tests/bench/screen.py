"""A pseudo-terminal with a screen behind it: enough of an emulator for what a frame of the workbench is made of."""

import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import sys
import termios
import time

# The end of a synchronised frame.
FRAME = b"\x1b[?2026l"
CONTROL = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])|\x1b[()].|\x1b[^\[()]|([\r\n\b])")


class Screen:
    """What the bytes so far have painted; styles are passed over."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.margins = (0, rows)
        self.rest = b""

    def feed(self, data):
        data, self.rest = self.rest + data, b""
        at = 0
        for found in CONTROL.finditer(data):
            self.write(data[at : found.start()])
            self.control(found)
            at = found.end()
        # What is not whole yet waits: a sequence, or the bytes of one letter.
        tail = data[at:]
        cut = tail.find(b"\x1b")
        if cut < 0:
            cut = len(tail) - unfinished(tail)
        self.write(tail[:cut])
        self.rest = tail[cut:]

    def write(self, text):
        for letter in text.decode("utf-8", "replace"):
            if self.row < self.rows and self.column < self.columns:
                self.cells[self.row][self.column] = letter
            self.column += 1

    def control(self, found):
        kind = found.group(2)
        numbers = [int(part) for part in re.findall(rb"\d+", found.group(1) or b"")]
        if kind == b"H":
            self.row, self.column = (numbers + [1, 1])[0] - 1, (numbers + [1, 1])[1] - 1
        elif kind == b"J":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif kind in (b"A", b"B", b"C", b"D"):
            steps = numbers[0] if numbers else 1
            self.row += {b"A": -steps, b"B": steps}.get(kind, 0)
            self.column += {b"C": steps, b"D": -steps}.get(kind, 0)
        elif kind == b"r":
            self.margins = (numbers[0] - 1, numbers[1]) if numbers else (0, self.rows)
        elif found.group(3) == b"\n" and self.row + 1 == self.margins[1]:
            del self.cells[self.margins[0]]
            self.cells.insert(self.row, [" "] * self.columns)
        elif found.group(3) == b"\n":
            self.row += 1
        elif found.group(3) == b"\r":
            self.column = 0

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)


def unfinished(tail):
    """How many bytes at the end are the start of a letter that is still to come."""
    for back in range(1, min(4, len(tail) + 1)):
        byte = tail[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
        if byte < 0x80:
            return 0
    return 0


class Workbench:
    """`elth` in a pseudo-terminal that answers nothing."""

    def __init__(self, bench, size="200x60", words=()):
        # It opens as for the first time, not as it was left.
        shutil.rmtree(bench.environment["XDG_STATE_HOME"], ignore_errors=True)
        columns, rows = map(int, size.split("x"))
        self.screen = Screen(columns, rows)
        self.began = time.perf_counter()
        self.bytes = 0
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(bench.elth, [bench.elth, *words], bench.environment)
        self.log = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child:
            self.leave()

    def read(self, seconds):
        """Bytes that come within that time, at once when some are there; none where nothing comes."""
        if not select.select([self.terminal], [], [], max(seconds, 0))[0]:
            return b""
        try:
            data = os.read(self.terminal, 1 << 16)
        except OSError:
            return b""
        self.bytes += len(data)
        return data

    def frame_with(self, shows, patience=20):
        """Waits for the frame after which the screen is as wanted; the seconds when it had arrived whole, and its number."""
        until, frames, pending = time.perf_counter() + patience, 0, b""
        while time.perf_counter() < until:
            data = self.read(until - time.perf_counter())
            came = time.perf_counter()
            pending += data
            if FRAME not in pending[-len(data) - len(FRAME) :] or not pending.endswith(FRAME):
                continue
            frames += pending.count(FRAME)
            self.screen.feed(pending)
            pending = b""
            if shows(self.screen.text()):
                return came, frames
        os.kill(self.child, signal.SIGKILL)
        sys.exit(f"error: the screen is not as expected after {patience} s:\n{self.screen.text()}")

    def press(self, keys, shows=lambda text: True, patience=20):
        """Milliseconds from a key to the whole frame that shows what is wanted."""
        began = time.perf_counter()
        os.write(self.terminal, keys if isinstance(keys, bytes) else keys.encode())
        return 1000 * (self.frame_with(shows, patience)[0] - began)

    def rest(self, seconds):
        """Lets so much time pass; what came is on the screen then, and its length returned."""
        until, came = time.perf_counter() + seconds, 0
        while (left := until - time.perf_counter()) > 0:
            data = self.read(left)
            self.screen.feed(data)
            came += len(data)
        return came

    def cpu_ms(self):
        """Processor time so far, of all threads; as fine as the kernel keeps it."""
        total = 0
        for thread in pathlib.Path(f"/proc/{self.child}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
        return total / 1e6

    def memory_mb(self):
        """Resident memory now, and at its highest, in 10^6 bytes."""
        status = pathlib.Path(f"/proc/{self.child}/status").read_text()
        now, most = (int(re.search(rf"{key}:\s+(\d+)", status).group(1)) for key in ("VmRSS", "VmHWM"))
        return now * 1024 / 1e6, most * 1024 / 1e6

    def leave(self):
        """Ctrl-C; milliseconds of processor that the whole process took."""
        os.write(self.terminal, b"\x03")
        self.rest(0.05)
        used = os.wait4(self.child, 0)[2]
        os.close(self.terminal)
        self.child = None
        return 1000 * (used.ru_utime + used.ru_stime)
