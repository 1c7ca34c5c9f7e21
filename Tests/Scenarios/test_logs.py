"""Access logs: nothing is lost by rotation, a stop or an upgrade; what is lost by a reader that stalls is counted."""
import fcntl
import json
import os
import pathlib
import signal
import socket
import threading

import pytest
import requests

from installation import wait_for
from own_edge import Origin, OwnEdge

FIELDS = 33


@pytest.fixture
def origin():
    origin = Origin(1_000)
    yield origin
    origin.stop()


@pytest.fixture
def edges():
    running = []
    yield running
    for edge in running:
        edge.stop()


def logging_to(edges, tmp_path, origin, **access):
    edges.append(OwnEdge(tmp_path, origin, lambda document: document.update(accessLog=access)))
    return edges[-1]


class Load:
    """Asks for objects on some connections until it is told to stop, and counts the answers."""

    def __init__(self, edge, connections=4):
        self.is_ending, self.answers, self.edge = threading.Event(), [0] * connections, edge
        self.threads = [threading.Thread(target=self.ask, args=(number,)) for number in range(connections)]
        for thread in self.threads:
            thread.start()

    def ask(self, number):
        with requests.Session() as session:
            while not self.is_ending.is_set():
                answer = session.get(f"http://127.0.0.1:{self.edge.port}/{number}?n={self.answers[number]}", timeout=10)
                assert answer.status_code == 200
                self.answers[number] += 1

    def total(self):
        return sum(self.answers)

    def end(self):
        self.is_ending.set()
        for thread in self.threads:
            thread.join()
        return self.total()


def lines(*paths):
    return [line for path in paths for line in pathlib.Path(path).read_text().splitlines()]


@pytest.mark.parametrize("form", ["json", "w3c"])
def test_rotation_under_load_loses_no_line(tmp_path, origin, edges, form):
    edge = logging_to(edges, tmp_path, origin, output="file", file="access.log", format=form)
    current, load = tmp_path / "access.log", Load(edge)
    for number in range(5):
        reached = load.total() + 100
        wait_for(lambda: load.total() >= reached, timeout=30, what="requests between two rotations")
        current.rename(tmp_path / f"access.log.{number}")
        edge.process.send_signal(signal.SIGHUP)
        wait_for(current.exists, timeout=10, what="the log to be opened anew")
    answers = load.end()
    edge.stop()
    files = [tmp_path / f"access.log.{number}" for number in range(5)] + [current]
    logged = [line for line in lines(*files) if not line.startswith("#")]
    if form == "json":
        asked = {(each["path"], each["query"]) for each in map(json.loads, logged)}
    else:
        assert all(path.read_text().startswith("#Version: 1.0\n#Fields: date time ") for path in files)
        assert all(line.count("\t") == FIELDS - 1 for line in logged)
        asked = {(line.split("\t")[7], line.split("\t")[11]) for line in logged}
    assert len(logged) == answers == len(asked)


def test_a_pipe_nobody_reads_costs_lines_that_are_counted_exactly(tmp_path, origin, edges):
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    edge = OwnEdge(tmp_path, origin, lambda document: document.update(
        loops=1, accessLog={"output": "stdout", "bufferKibibytes": 64}), output=write_end)
    edges.append(edge)
    os.close(write_end)
    asked = 0
    with requests.Session() as session:
        while dropped(edge) < 50:
            for _ in range(50):
                assert session.get(f"http://127.0.0.1:{edge.port}/a?n={asked}", timeout=10).status_code == 200
                asked += 1
    lost = int(dropped(edge))
    wait_for(lambda: edge.says("access log lines are dropped: what may wait is full"), timeout=10, what="a warning")
    received = bytearray()
    reader = threading.Thread(target=drain, args=(read_end, received))
    reader.start()
    wait_for(lambda: edge.says("access log lines were dropped"), timeout=20, what="the end of it to be said")
    assert [each["lines"] for each in edge.says("access log lines were dropped")] == [lost]
    assert len(edge.says("access log cannot be written, its lines wait")) == 1
    edge.stop()
    reader.join(timeout=10)
    os.close(read_end)
    assert len(received.splitlines()) + lost == asked
    assert all(json.loads(line)["status"] == 200 for line in received.splitlines())


def drain(descriptor, received):
    while piece := os.read(descriptor, 65_536):
        received += piece


def dropped(edge):
    for line in edge.admin("/metrics", "GET").text.splitlines():
        if line.startswith('weir_edge_log_dropped_lines_total{log="access"}'):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError("no metric of dropped lines")


def test_a_full_disk_is_said_once_and_its_lines_come_when_there_is_room(tmp_path, origin, edges):
    edge = logging_to(edges, tmp_path, origin, output="file", file="access.log")
    os.symlink("/dev/full", tmp_path / "full")
    url = f"http://127.0.0.1:{edge.port}/a"
    assert requests.get(url, timeout=10).status_code == 200
    wait_for((tmp_path / "access.log").exists, timeout=10, what="the log")
    os.rename(tmp_path / "access.log", tmp_path / "access.log.1")
    os.rename(tmp_path / "full", tmp_path / "access.log")
    edge.process.send_signal(signal.SIGHUP)
    wait_for(lambda: edge.says("reloaded"), timeout=10, what="the reload")
    for _ in range(10):
        assert requests.get(url, timeout=10).status_code == 200
    wait_for(lambda: edge.says("access log cannot be written, its lines wait"), timeout=10, what="the full disk")
    assert "No space left" in edge.says("access log cannot be written, its lines wait")[0]["reason"]
    os.unlink(tmp_path / "access.log")
    edge.process.send_signal(signal.SIGHUP)
    wait_for(lambda: edge.says("access log is written again"), timeout=10, what="the log to go on")
    edge.stop()
    assert len(lines(tmp_path / "access.log.1", tmp_path / "access.log")) == 11
    assert len(edge.says("access log cannot be written, its lines wait")) == 1


def test_a_syslog_daemon_that_went_away_gets_its_lines_when_it_is_back(tmp_path, origin, edges):
    path = tmp_path / "log.socket"
    daemon = listen(path)
    edge = logging_to(edges, tmp_path, origin, output="syslog", syslog=str(path), facility="local3")
    url = f"http://127.0.0.1:{edge.port}/a"
    assert requests.get(url, timeout=10).status_code == 200
    message = daemon.recv(65_536).decode()
    head, body = message.split(" - - ", 1)
    assert head.startswith("<158>1 ") and json.loads(body)["path"] == "/a"
    daemon.close()
    path.unlink()
    assert requests.get(url, timeout=10).status_code == 200
    wait_for(lambda: edge.says("access log cannot be written, its lines wait"), timeout=10, what="the daemon's absence")
    daemon = listen(path)
    assert json.loads(daemon.recv(65_536).decode().split(" - - ", 1)[1])["path"] == "/a"
    wait_for(lambda: edge.says("access log is written again"), timeout=10, what="the log to go on")
    daemon.close()


def listen(path):
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    daemon.bind(str(path))
    daemon.settimeout(10)
    return daemon


def test_an_upgrade_under_load_loses_no_line(tmp_path, origin, edges):
    edge = logging_to(edges, tmp_path, origin, output="file", file="access.log")
    load = Load(edge)
    wait_for(lambda: load.total() > 100, timeout=30, what="requests")
    answer = edge.admin("/upgrade")
    assert answer.status_code == 200, answer.text
    successor = answer.json()["pid"]
    reached = load.total() + 100
    wait_for(lambda: load.total() >= reached, timeout=30, what="requests to the new process")
    answers = load.end()
    edge.process.wait(timeout=40)
    os.kill(successor, signal.SIGTERM)
    wait_for(lambda: not pathlib.Path(f"/proc/{successor}").exists() or is_zombie(successor), timeout=40,
             what="the new process to end")
    assert len(lines(tmp_path / "access.log")) == answers


def is_zombie(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
