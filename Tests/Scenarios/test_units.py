"""The systemd units as far as they can be tried without systemd: what their filters allow is what the programs call."""
import os
import pathlib
import re
import subprocess

import pytest
import requests

from installation import BIN, ROOT, SAMPLE, wait_for
from own_edge import TOKEN, Origin, OwnEdge

UNITS = ROOT / "EdgeConfig/deploy/systemd"
# SQLite gives its journal the database's owner, which it tries as root only. The units run nothing as root, tests may.
AS_ROOT_ONLY = {"fchown"} if os.geteuid() == 0 else set()


def members(group):
    """The system calls of one of systemd's groups, such as @system-service."""
    page = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True, text=True).stdout
    words = [word for word in map(str.strip, page.splitlines()[1:]) if word and not word.startswith("#")]
    return set().union(*(members(word) if word.startswith("@") else {word} for word in words))


def allowed(unit):
    calls = set()
    for value in re.findall(r"^SystemCallFilter=(.*)$", (UNITS / unit).read_text(), re.M):
        named = set().union(*(members(word) if word.startswith("@") else {word} for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls


def made(trace):
    return set(re.findall(r"^\d+\s+(?:<\.\.\. )?(\w+)(?:\(| resumed)", pathlib.Path(trace).read_text(errors="replace"), re.M))


def test_the_edge_makes_no_system_call_that_its_unit_forbids(tmp_path):
    program, trace = tmp_path / "weir-edge", tmp_path / "calls"
    program.write_text(f"#!/bin/sh\nexec strace -D -f -o {trace} {BIN / 'weir-edge'} \"$@\"\n")
    program.chmod(0o755)
    origin = Origin()
    edge = OwnEdge(tmp_path, origin, program=program)
    def cached(path):
        return requests.get(f"http://127.0.0.1:{edge.port}{path}", timeout=30).headers["X-Cache"].startswith("Hit")
    for path in ("/a", "/b.m3u8"):
        wait_for(lambda: cached(path), 20, what=f"{path} to be stored")
    purge = requests.post(f"http://127.0.0.1:{edge.admin_port}/purge", json={"all": True}, timeout=30,
                          headers={"Authorization": f"Bearer {TOKEN}"})
    assert purge.status_code == 200, purge.text
    assert edge.admin("/reload").status_code == 200
    assert edge.stop() == 0, edge.transcript()
    origin.stop()
    calls = made(trace)
    assert {"epoll_wait", "accept4", "mincore"} <= calls, sorted(calls)
    assert calls - allowed("weir-edge.service") == set()


@pytest.mark.parametrize("program", ["weir-origin", "weir-transcoder"])
def test_origin_and_transcoder_make_none_either(own_weir, tmp_path, program):
    trace = tmp_path / "calls"
    tracer = subprocess.Popen(["strace", "-f", "-o", trace, "-p", str(own_weir.pid_of(program))],
                              stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    token = own_weir.sign_in()
    video_id = own_weir.publish(SAMPLE, token)
    tracer.terminate()
    tracer.communicate(timeout=30)
    calls = made(trace)
    assert "epoll_wait" in calls, sorted(calls)
    assert calls - AS_ROOT_ONLY - allowed(f"{program}.service") == set()
