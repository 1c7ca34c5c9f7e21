"""Programs under measurement: started on a core of their own, watched through /proc, ended on any exit."""
import ctypes
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1


class BenchError(Exception):
    """Something the person at the terminal can mend."""


# What each program comes from, so that a missing one is named with its remedy.
PACKAGES = {"nginx": "nginx", "varnishd": "varnish", "wrk": "wrk", "h2load": "nghttp2-client", "nghttp": "nghttp2-client",
            "openssl": "openssl", "curl": "curl", "ffmpeg": "ffmpeg", "taskset": "util-linux"}


def require(*programs):
    missing = sorted({PACKAGES[name] for name in programs if not find(name)})
    if missing:
        raise BenchError(f"not installed: {' '.join(missing)}; install with: "
                         f"apt-get install {' '.join(missing)}   (or Scripts/deps --bench)")


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end_with_parent():
    """Between fork and exec: the kernel ends the child when this program dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def pin_this_process(core):
    pin("self", core)


def pin(pid, core):
    """Every thread of it; those that start later inherit it."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), {core})


def allow_descriptors(count):
    """For this program and the servers it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


class Program:
    """A server process and its children."""

    def __init__(self, name, arguments, core, log, environment=None):
        self.name = name
        self.log = pathlib.Path(log)
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                ["taskset", "-c", str(core), find(arguments[0]) or arguments[0], *map(str, arguments[1:])],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=end_with_parent,
                env={**os.environ, **(environment or {})})

    def wait_until_listening(self, *ports):
        def is_listening():
            if self.process.poll() is not None:
                raise BenchError(f"{self.name} ended with status {self.process.returncode}:\n{self.transcript()}")
            return all(accepts(port) for port in ports)
        wait_for(is_listening, 20, f"{self.name} to listen")

    def transcript(self):
        return self.log.read_text(errors="replace")[-3000:]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def tree(self):
        """The process ids of the program and all its descendants."""
        return tree(self.process.pid)

    def cpu_seconds(self):
        """User and system time of every thread of every process of the tree, those that have ended included."""
        return sum(map(process_cpu_seconds, self.tree()))

    def resident_bytes(self):
        return sum(map(process_resident_bytes, self.tree()))


def tree(pid):
    """The process and all its descendants."""
    found, open_ids = [], [pid]
    while open_ids:
        pid = open_ids.pop()
        found.append(pid)
        for children in children_files(pid):
            try:
                open_ids += map(int, children.read_text().split())
            except OSError:
                continue  # a thread that has ended meanwhile
    return found


def children_files(pid):
    try:
        return list(pathlib.Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return []  # a process that has ended meanwhile


def process_cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    utime, stime = int(fields[11]), int(fields[12])
    return (utime + stime) / TICKS_PER_SECOND


def process_resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise BenchError(f"process {pid} has no resident memory")
