"""One side's programs, run one after the other and watched: time, memory, and when a player could have begun."""
import os
import shutil
import subprocess
import threading
import time

from processes import BenchError, end_with_parent, process_resident_bytes, tree


def measure(side, folder, cores):
    """Runs the side into a fresh folder; returns CPU and wall seconds, peak MiB, and seconds until it could be played."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    began = time.monotonic()
    watch = Watch(folder, began)
    cpu = 0.0
    try:
        for command in side.commands(folder):
            cpu += run(side.name, command, cores, folder, watch)
        wall = time.monotonic() - began
    finally:
        watch.stop()
    if watch.playable is None:
        raise BenchError(f"{side.name} made nothing that could be played")
    return {"cpu": round(cpu, 3), "wall": round(wall, 3), "rss": round(watch.peak / 2**20, 1), "playable": round(watch.playable, 3)}


def run(name, command, cores, folder, watch):
    """One program; returns the CPU seconds of it and everything it started."""
    def settle():
        end_with_parent()
        if cores:
            os.sched_setaffinity(0, cores)
    with open(folder.parent / f"{name}.log", "wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=settle)
    watch.pid = process.pid
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    watch.pid = None
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        transcript = (folder.parent / f"{name}.log").read_text(errors="replace")[-3000:]
        raise BenchError(f"{name} ended with status {process.returncode}:\n{transcript}")
    return usage.ru_utime + usage.ru_stime


class Watch:
    """Looks at the running program and its folder fifty times a second."""

    def __init__(self, folder, began):
        self.folder, self.began = folder, began
        self.pid, self.peak, self.playable = None, 0, None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def stop(self):
        self.ended.set()
        self.thread.join()
        self.check()

    def look(self):
        while not self.ended.wait(0.02):
            if (pid := self.pid) is not None:
                self.peak = max(self.peak, sum(map(resident_bytes, tree(pid))))
            self.check()

    def check(self):
        if self.playable is None and is_playable(self.folder):
            self.playable = time.monotonic() - self.began


def is_playable(folder):
    """Whether a multivariant playlist, the first segment of one size and that of the sound are there."""
    if not (folder / "index.m3u8").exists():
        return False
    begun = {path.parent.name for path in folder.glob("*/index.m3u8") if has_segment(path)}
    return bool(begun & SOUNDS) and bool(begun - SOUNDS)


SOUNDS = {"audio", "sound"}


def has_segment(playlist):
    names = [line for line in playlist.read_text().splitlines() if line and not line.startswith("#")]
    return bool(names) and (playlist.parent / names[0]).exists()


def resident_bytes(pid):
    try:
        return process_resident_bytes(pid)
    except (OSError, BenchError):
        return 0  # it has ended meanwhile
