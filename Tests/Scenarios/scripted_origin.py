"""A release build of weir-edge in front of an origin that a test scripts byte by byte."""
import json
import pathlib
import signal
import socket
import subprocess
import threading

from installation import wait_for
from lone_edge import release_edge

DISTRIBUTION = {
    "Id": "E1",
    "Origins": [{"Id": "app"}],
    "CachePolicies": [{"Id": "kept"}],
    "CacheBehaviors": [
        {"PathPattern": "/api/*", "TargetOriginId": "app",
         "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]},
    ],
    "DefaultCacheBehavior": {"TargetOriginId": "app", "CachePolicyId": "kept"},
}


class Origin:
    """Accepts connections and hands each to `serve(connection)` on a thread of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.serve = serve
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass  # the edge has had enough

    def stop(self):
        self.listener.close()


class Edge:
    def __init__(self, directory, origin, **settings):
        directory = pathlib.Path(directory)
        (directory / "distribution.json").write_text(json.dumps(DISTRIBUTION))
        (directory / "edge.json").write_text(json.dumps({
            "distribution": "distribution.json", "http": {"listen": "127.0.0.1:0"},
            "admin": {"listen": "127.0.0.1:0", "token": "a-token-for-operators"},
            "cache": {"directory": "cache", "capacityMebibytes": 256}, "origins": {"app": {"url": origin.url}},
            "log": {"access": False}, **settings}))
        self.log = open(directory / "edge.log", "wb")
        self.process = subprocess.Popen([release_edge(), "--config", directory / "edge.json"],
                                        stdout=self.log, stderr=self.log)
        self.addresses = wait_for(lambda: self._serving(directory / "edge.log"), what="the edge to serve")

    def _serving(self, log):
        assert self.process.poll() is None, log.read_text()
        for line in log.read_text().splitlines():
            if line.startswith("{") and json.loads(line).get("msg") == "serving":
                return json.loads(line)
        return None

    @property
    def http(self):
        host, port = self.addresses["http"].rsplit(":", 1)
        return host, int(port)

    @property
    def resident_kibibytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=40)
        self.log.close()
        return code


def read_head(connection):
    """Reads up to the end of a head; returns it and what came with it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed in a head")
        head += piece
    head, rest = head.split(b"\r\n\r\n", 1)
    return head, rest
