"""A new weir-edge takes the place of a running one: no request fails, no connection is refused."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest
import requests

from installation import BIN, Installation, wait_for
from own_edge import Authority, Origin, OwnEdge, ask, content, free_port, insecure

LARGE = 2 << 20
FAILED = "upgrade failed, this process goes on; mend the cause and ask for the upgrade again"


@pytest.fixture
def origin():
    origin = Origin(size=LARGE)
    yield origin
    origin.stop()


def body_of(path):
    return content(path, LARGE)


class UpgradableEdge(OwnEdge):
    """An edge with TLS that runs from a copy of the program, to be replaced; whichever process serves is stopped at the end."""

    def __init__(self, directory, origin, configure=lambda document: None, inherited=None):
        directory = pathlib.Path(directory)
        Authority().issue(directory, "edge", ["edge.test"])
        self.program = directory / "weir-edge"
        self.install(BIN / "weir-edge")

        def change(document):
            document["https"] = {"certificateFile": "edge.pem", "keyFile": "edge.key"}
            document["upgrade"] = {"readySeconds": 30, "drainSeconds": 60, "idleSeconds": 2}
            configure(document)

        super().__init__(directory, origin, change, program=self.program)

    def install(self, program):
        """Replaces the program's file as a package does, which leaves the running process a deleted one."""
        temporary = self.program.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        try:
            os.link(program, temporary)
        except OSError:
            temporary.write_bytes(pathlib.Path(program).read_bytes())
            temporary.chmod(0o755)
        temporary.rename(self.program)

    def install_script(self, text):
        script = self.directory / "script"
        script.write_text("#!/usr/bin/env python3\n" + text)
        script.chmod(0o755)
        self.install(script)

    def serving(self):
        """Process ids of the edges that have begun to serve, in order."""
        return [line["pid"] for line in self.says("serving")]

    def upgrade(self):
        """Asks for an upgrade and waits until the old process is gone; returns the new one's id."""
        answer = self.admin("/upgrade")
        assert answer.status_code == 200, (answer.text, self.transcript())
        return answer.json()["pid"]

    def stop(self):
        code = super().stop()
        # The last one's own line may still be on its way.
        for pid in {*self.serving(), *(line["pid"] for line in self.says("successor started"))}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not is_alive(pid), 40, what=f"process {pid} to end")
        return code


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class Client(threading.Thread):
    """Asks again and again until told to stop; `failures` should stay empty. Knows its longest wait for an answer."""

    def __init__(self, edge, requests_per_connection, tls=False, pause=0.002):
        super().__init__(daemon=True)
        self.edge, self.requests_per_connection, self.tls, self.pause = edge, requests_per_connection, tls, pause
        self.failures, self.answers, self.longest, self.done = [], 0, 0.0, threading.Event()
        self.caches = []
        self.start()

    def run(self):
        while not self.done.is_set():
            began = time.monotonic()
            try:
                self.converse()
            except Exception as error:  # any failure at all is one too many
                self.failures.append((time.monotonic() - began, repr(error)))

    def converse(self):
        connection = self.edge.connect("edge.test") if self.tls else socket.create_connection(
            ("127.0.0.1", self.edge.port), timeout=30)
        with connection:
            for _ in range(self.requests_per_connection):
                began = time.monotonic()
                head, body = ask(connection, "/hit")
                self.longest = max(self.longest, time.monotonic() - began)
                assert head[0] == "HTTP/1.1 200 OK" and body == body_of("/hit"), head
                self.caches += [line for line in head if line.startswith("X-Cache:")]
                self.answers += 1
                if "Connection: close" in head or self.done.is_set():
                    return
                time.sleep(self.pause)

    def finish(self):
        self.done.set()
        self.join(60)
        assert not self.is_alive()


class SlowDownload(threading.Thread):
    """Takes a body in small bites, and begins to hurry when told."""

    def __init__(self, edge, path):
        super().__init__(daemon=True)
        self.connection = socket.socket()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.connection.settimeout(60)
        self.connection.connect(("127.0.0.1", edge.port))
        self.path, self.body, self.begun, self.hurry = path, b"", threading.Event(), threading.Event()
        self.start()

    def run(self):
        self.connection.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.connection.recv(1024)
        self.head, self.body = data.split(b"\r\n\r\n", 1)
        self.begun.set()
        while len(self.body) < LARGE:
            piece = self.connection.recv(65536 if self.hurry.is_set() else 1024)
            if not piece:
                return
            self.body += piece
            if not self.hurry.is_set():
                self.hurry.wait(0.05)

    def finish(self):
        self.hurry.set()
        self.join(60)
        self.connection.close()
        return self.body


class HTTP2Client(threading.Thread):
    """curl asking over HTTP/2 and TLS, many requests a connection, again and again."""

    def __init__(self, edge):
        super().__init__(daemon=True)
        self.edge, self.done, self.failures, self.answers = edge, threading.Event(), [], 0
        self.start()

    def run(self):
        url = f"https://127.0.0.1:{self.edge.tls_port}/hit?[1-40]"
        while not self.done.is_set():
            run = subprocess.run(
                ["curl", "-sk", "--http2", "--fail", "--parallel", "--parallel-max", "4", "-w",
                 "%{http_version} %{http_code} %{size_download}\n", "-o", "/dev/null", "--rate", "600/s", url],
                capture_output=True, text=True, timeout=60)
            lines = run.stdout.split("\n")[:-1]
            wrong = [line for line in lines if not line.startswith(f"2 200 {LARGE}")]
            if run.returncode or wrong:
                self.failures.append((run.returncode, wrong, run.stderr))
            self.answers += len(lines)

    def finish(self):
        self.done.set()
        self.join(90)
        assert not self.is_alive()


@pytest.fixture
def impatient(tmp_path, origin):
    """An edge that gives a new process three seconds."""
    edge = UpgradableEdge(tmp_path, origin, lambda document: document["upgrade"].update(readySeconds=3))
    yield edge
    edge.stop()


@pytest.fixture
def edge(tmp_path, origin):
    edge = UpgradableEdge(tmp_path, origin)
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as connection:
        ask(connection, "/hit")
    wait_for(lambda: "Hit" in " ".join(ask_once(edge, "/hit")[0]), what="the object to be stored")
    yield edge
    edge.stop()


def ask_once(edge, path):
    with socket.create_connection(("127.0.0.1", edge.port), timeout=30) as connection:
        return ask(connection, path)


def old_is_gone(edge):
    return wait_for(lambda: edge.process.poll() is not None, 60, what="the old process to end")


def test_continuous_clients_notice_nothing_of_two_upgrades(edge, origin):
    kept, fresh, secure = Client(edge, 10**9), Client(edge, 1), Client(edge, 20, tls=True)
    second = HTTP2Client(edge)
    first, slow = edge.process.pid, SlowDownload(edge, "/hit")
    assert slow.begun.wait(30)
    asked = len(origin.requests)
    wait_for(lambda: min(kept.answers, fresh.answers, secure.answers, second.answers) > 20, what="clients at work")

    edge.install(BIN / "weir-edge")
    pid = edge.upgrade()
    assert pid != first and is_alive(first), "the old process serves the slow download"
    answered = fresh.answers
    wait_for(lambda: fresh.answers > answered + 20, what="answers of the new process")
    assert len(slow.body) < LARGE, "the download was to span the upgrade"
    assert slow.finish() == body_of("/hit")
    assert old_is_gone(edge) and edge.process.returncode == 0

    # The successor has learnt everything that is needed to leave its place as well, this time by signal.
    os.kill(pid, signal.SIGUSR2)
    wait_for(lambda: len(edge.serving()) == 3, 60, what="the third process")
    wait_for(lambda: not is_alive(pid), 60, what="the second process to end")

    for client in (kept, fresh, secure, second):
        client.finish()
        assert client.failures == [], edge.transcript()[-3000:]
    assert all("Hit" in cache for client in (kept, fresh, secure) for cache in client.caches)
    assert [path for path in origin.requests[asked:] if "?" not in path] == [], "nothing was fetched again"
    print(f"longest wait: kept {kept.longest * 1e3:.0f} ms, fresh {fresh.longest * 1e3:.0f} ms, "
          f"TLS {secure.longest * 1e3:.0f} ms; {kept.answers + fresh.answers + secure.answers + second.answers} answers")
    # The last one is the writer: what it fetches is stored.
    assert ask_once(edge, "/new")[1] == body_of("/new")
    wait_for(lambda: "Hit" in " ".join(ask_once(edge, "/new")[0]), what="the new object to be stored")


BROKEN = {
    "ends at once": ("raise SystemExit(3)", "exit code 3"),
    "says nothing": ("import time; time.sleep(600)", "was not ready within"),
    "says what nobody understands": (
        "import os, socket\ncontrol = socket.socket(fileno=2 + int(os.environ['LISTEN_FDS']))\n"
        "control.send(b'hello')\ncontrol.recv(100)", "hello"),
    "ends with the data in its hands": (
        "import os, socket\ncontrol = socket.socket(fileno=2 + int(os.environ['LISTEN_FDS']))\n"
        "control.send(b'prepared')\nassert control.recv(100) == b'open'\nos._exit(7)", "exit code 7"),
    "says why it cannot": (
        "import os, socket\ncontrol = socket.socket(fileno=2 + int(os.environ['LISTEN_FDS']))\n"
        "control.send(b'prepared')\nassert control.recv(100) == b'open'\ncontrol.send(b'failed no luck today')",
        "no luck today"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_when_the_new_program_is_broken_the_old_process_goes_on_as_the_writer(impatient, kind):
    script, reason = BROKEN[kind]
    edge, client = impatient, Client(impatient, 5)
    wait_for(lambda: client.answers > 5, what="a client at work")
    edge.install_script(script)
    answer = edge.admin("/upgrade")
    assert answer.status_code == 500 and reason in answer.json()["error"], answer.text
    failure = wait_for(lambda: edge.says(FAILED), what="the line in the log")
    assert len(failure) == 1 and reason in failure[0]["reason"]
    goes_on_as_the_writer(edge, client)
    # Mended, it works.
    edge.install(BIN / "weir-edge")
    edge.upgrade()
    assert old_is_gone(edge)
    client.finish()
    assert client.failures == []


def goes_on_as_the_writer(edge, client):
    answers = client.answers
    wait_for(lambda: client.answers > answers + 10, what="the client to be served")
    assert edge.process.poll() is None and edge.serving() == [edge.process.pid]
    assert edge.metric('weir_edge_upgrades_total') == 1
    assert ask_once(edge, "/afterwards")[1] == body_of("/afterwards")
    wait_for(lambda: "Hit" in " ".join(ask_once(edge, "/afterwards")[0]), what="an object to be stored")
    assert edge.admin("/purge").status_code in (200, 400)
    assert not edge.says("data not taken back: this process changes none of it until it is upgraded or restarted")


def test_a_broken_configuration_leaves_the_old_process_in_place(edge):
    client = Client(edge, 5)
    good = (edge.directory / "edge.json").read_text()
    (edge.directory / "edge.json").write_text('{"xyzzy": 1}')
    os.kill(edge.process.pid, signal.SIGUSR2)
    wait_for(lambda: edge.says(FAILED), what="the line in the log")
    assert "$.xyzzy" in edge.transcript()
    goes_on_as_the_writer(edge, client)
    client.finish()
    assert client.failures == []
    (edge.directory / "edge.json").write_text(good)


def test_a_second_request_during_an_upgrade_is_refused_and_sigterm_ends_both(edge):
    edge.install_script("import os, time, pathlib\npathlib.Path('%s').write_text(str(os.getpid()))\ntime.sleep(600)"
                        % (edge.directory / "sleeper"))
    os.kill(edge.process.pid, signal.SIGUSR2)
    wait_for((edge.directory / "sleeper").exists, what="the new program to run")
    sleeper = wait_for(lambda: (edge.directory / "sleeper").read_text(), what="its id")
    answer = edge.admin("/upgrade")
    assert answer.status_code == 409 and "under way" in answer.json()["error"]
    os.kill(edge.process.pid, signal.SIGUSR2)
    wait_for(lambda: len(edge.says("upgrade refused")) == 2, what="the refusal by signal")
    edge.process.send_signal(signal.SIGTERM)
    assert edge.process.wait(30) == 0
    assert not is_alive(int(sleeper))


def test_listeners_may_come_go_and_move_and_loops_may_become_more_or_fewer(edge):
    old_port, kept = edge.port, edge.admin_port
    for loops in (4, 1):
        edge.document["loops"] = loops
        edge.write()
        edge.upgrade()
        for _ in range(20):
            assert ask_once(edge, "/hit")[1] == body_of("/hit")
            with edge.connect("edge.test") as connection:
                assert ask(connection, "/hit")[1] == body_of("/hit")
    old_is_gone(edge)
    edge.port = free_port()
    edge.document["http"]["listen"] = f"127.0.0.1:{edge.port}"
    del edge.document["https"]
    edge.write()
    old = edge.serving()[-1]
    edge.upgrade()
    assert edge.admin_port == kept and ask_once(edge, "/hit")[1] == body_of("/hit")
    wait_for(lambda: not is_alive(old), 60, what="the old process to end")
    for port in (old_port, edge.tls_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=10)


def edge_process(weir, known=()):
    """The one process id of the installation's edge that is not known yet and says that it serves."""
    lines = [json.loads(line) for line in (weir.directory / "logs/edge.log").read_text().splitlines()
             if line.startswith("{")]
    pids = [line["pid"] for line in lines if line["msg"] == "serving" and line["pid"] not in known]
    return pids[0] if pids else None


def test_up_adopts_the_new_process_restarts_it_and_stops_it(own_weir):
    first = wait_for(lambda: edge_process(own_weir), what="the line of the first process")
    run = subprocess.run([BIN / "weir", "upgrade", "--ready", own_weir.directory / "ready.json"],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, (run.stderr, own_weir.transcript())
    second = wait_for(lambda: edge_process(own_weir, [first]), what="the line of the new process")
    assert run.stdout == f"process {second} serves now; the old one drains\n"
    wait_for(lambda: not pathlib.Path(f"/proc/{first}").exists(), 30, what="the old process to end and to be reaped")
    assert parent(second) == own_weir.process.pid
    assert requests.get(own_weir.ready["edge"] + "/configuration.json", timeout=10).status_code == 200
    assert "starting it again" not in own_weir.transcript()
    assert "weir-edge has left its place to a new process" in own_weir.transcript()

    # It is supervised like the first one was.
    os.kill(second, signal.SIGKILL)
    third = wait_for(lambda: edge_process(own_weir, [first, second]), 30, what="the edge to be started again")
    assert "weir-edge ended with signal 9" in own_weir.transcript()
    os.kill(third, signal.SIGUSR2)
    fourth = wait_for(lambda: edge_process(own_weir, [first, second, third]), 30, what="another upgrade")
    assert own_weir.stop() == 0
    for pid in (third, fourth):
        assert not pathlib.Path(f"/proc/{pid}").exists()


def test_the_new_process_ends_when_the_supervisor_is_killed(tmp_path):
    weir = Installation(tmp_path / "data")
    first = wait_for(lambda: edge_process(weir), what="the line of the first process")
    os.kill(first, signal.SIGUSR2)
    second = wait_for(lambda: edge_process(weir, [first]), 30, what="the upgrade")
    weir.process.kill()
    weir.process.wait()
    for pid in (first, second):
        wait_for(lambda: not is_alive(pid), 60, what=f"process {pid} to end")
    weir.log.close()


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
