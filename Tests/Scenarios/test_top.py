"""`weir top` on a terminal: drawn, resized, left as it was found."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from installation import BIN


class Terminal:
    """A terminal with a program on it."""

    def __init__(self, *command, columns=100, rows=30, **environment):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", **environment})
        self.screen = ""

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, *texts, timeout=20):
        """Reads until all texts have come since the last call; returns what came."""
        start, deadline = len(self.screen), time.monotonic() + timeout
        while not all(text in self.screen[start:] for text in texts):
            assert time.monotonic() < deadline, f"waited for {texts} in {self.screen[start:]!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.screen += os.read(self.master, 65536).decode(errors="replace")
        return self.screen[start:]

    def press(self, key):
        os.write(self.master, key.encode())

    def end(self):
        code = self.process.wait(timeout=20)
        assert termios.tcgetattr(self.slave) == self.before, "the terminal was not given back as it was"
        os.close(self.master)
        os.close(self.slave)
        return code


@pytest.fixture
def top(weir):
    return lambda **environment: Terminal(
        BIN / "weir", "top", "--ready", weir.directory / "ready.json", "--interval", "1", **environment)


def test_it_draws_follows_the_size_and_leaves_the_terminal_as_it_was(top):
    terminal = top()
    assert "\x1b[36m" in terminal.until("weir top", "RESULT", "TOP PATHS"), "no colours"
    terminal.until("RESULT")
    terminal.resize(60, 5)
    small = terminal.until("weir top", "\x1b[J")
    assert small.rsplit("\x1b[H", 1)[1].count("\r\n") == 4
    terminal.press("p")
    terminal.until("paused")
    terminal.press("q")
    terminal.until("\x1b[?1049l")
    assert terminal.end() == 0


@pytest.mark.parametrize("way_out", ["\x03", signal.SIGTERM], ids=["control-C", "SIGTERM"])
def test_other_ways_out_give_the_terminal_back_too(top, way_out):
    terminal = top()
    terminal.until("RESULT")
    if isinstance(way_out, str):
        terminal.press(way_out)
    else:
        terminal.process.send_signal(way_out)
    terminal.until("\x1b[?25h", "\x1b[?1049l")
    assert terminal.end() == 0


def test_no_color_is_honoured(top):
    terminal = top(NO_COLOR="1")
    screen = terminal.until("RESULT", "TOP PATHS")
    assert "\x1b[3" not in screen and "\x1b[1m" not in screen
    terminal.press("q")
    terminal.until("\x1b[?1049l")
    assert terminal.end() == 0
