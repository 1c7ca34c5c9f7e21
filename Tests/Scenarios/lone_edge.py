"""A release build of weir-edge as `Scripts/bench` measures it: signed cookies, access log and metrics on, one loop."""
import collections
import contextlib
import copy
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks/edge"))

import access_log  # noqa: E402, F401
import idle  # noqa: E402
import load  # noqa: E402
import origin as origins  # noqa: E402
import purge  # noqa: E402
import servers  # noqa: E402
import slow_readers  # noqa: E402, F401
from servers import HTTP1, TLS1  # noqa: E402
from setting import stage  # noqa: E402

PLAYLIST, SEGMENT = "playlist.m3u8", "segment-200k.m4s"


def release_edge():
    assert "WEIR_RELEASE_BIN" in os.environ, (
        "WEIR_RELEASE_BIN is not set: run Scripts/test, or build with swift build -c release --product weir-edge and set it "
        "to the folder of the binary")
    return pathlib.Path(os.environ["WEIR_RELEASE_BIN"]) / "weir-edge"


class CountedWeir(servers.Weir):
    """The edge under callgrind, which counts from when it is told to."""

    def launch(self, setting, program, *arguments, **environment):
        return super().launch(
            setting, "valgrind", "--tool=callgrind", "--instr-atstart=no",
            f"--callgrind-out-file={self.directory / 'callgrind'}", program, *arguments, **environment)

    def control(self, option):
        subprocess.run(["callgrind_control", option, str(self.program.process.pid)], check=True, capture_output=True)

    def instructions(self, body):
        """How many instructions all threads execute while `body` runs."""
        self.control("--instr=on")
        self.control("--zero")
        body()
        self.control("--dump")
        dump, = self.directory.glob("callgrind.*")
        text = dump.read_text(errors="replace")
        dump.unlink()
        return int(re.search(r"^totals: (\d+)", text, re.M)[1])


class LimitedWeir(servers.Weir):
    """The edge with every limit on what clients take, none of which they reach."""

    def distribution(self):
        document = copy.deepcopy(super().distribution())
        rate = {"PerSecond": 10_000, "Burst": 1_000_000}
        bandwidth = {"BytesPerSecond": 10_000_000_000, "BurstBytes": 1_000_000_000_000}
        limits = {"RequestsPerAddress": rate, "RequestsPerGrant": rate, "StreamsPerGrant": {"Quantity": 1},
                  "BandwidthPerResponse": bandwidth, "BandwidthPerGrant": bandwidth}
        for behavior in document["CacheBehaviors"]:
            if "TrustedKeyGroups" in behavior:
                behavior["Limits"] = limits
        assert "Limits" in json.dumps(document)
        return document


class CountedLimitedWeir(LimitedWeir, CountedWeir):
    pass


class Control(http.server.BaseHTTPRequestHandler):
    """An origin that has nothing to say and takes every report."""
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        self.server.is_ending.wait(int(query["wait"][0]))
        self.answer(200, b'{"log":"L","latest":0,"entries":[]}')

    def do_POST(self):
        report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.rows += report["videos"]
        self.answer(204, b"")

    def answer(self, status, body):
        self.send_response(status)
        if body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TellingWeir(servers.Weir):
    """The edge with an origin that it tells what it serves of videos."""

    def configuration(self, setting):
        self.control_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
        self.control_server.daemon_threads = True
        self.control_server.is_ending, self.control_server.rows = threading.Event(), []
        threading.Thread(target=self.control_server.serve_forever, daemon=True).start()
        return super().configuration(setting) | {"control": {
            "url": f"http://127.0.0.1:{self.control_server.server_address[1]}", "edgeId": "counted", "accessKeyId": "AK",
            "secretAccessKey": "secret"}}

    def stop(self):
        super().stop()
        self.control_server.is_ending.set()
        self.control_server.shutdown()
        self.control_server.server_close()

    @property
    def told(self):
        """By video, what it was told; complete once the edge has stopped."""
        told = collections.defaultdict(collections.Counter)
        for row in self.control_server.rows:
            told[row.pop("videoId")].update({name: value for name, value in row.items() if name != "at"})
        return told


class CountedTellingWeir(TellingWeir, CountedWeir):
    pass


class CountedBannedWeir(purge.Banned, CountedWeir):
    pass


@contextlib.contextmanager
def lone_edge(server=servers.Weir, **environment):
    """Starts the edge with its objects already stored."""
    with stage(release_edge(), None) as setting:
        setting.environment = environment
        edge = server(setting)
        try:
            for name in origins.OBJECTS:
                assert load.verify(edge, HTTP1, name) is None
            yield edge
        finally:
            edge.stop()


class KeptConnection:
    """One keep-alive connection that asks for one object again and again."""

    def __init__(self, edge, protocol, name):
        self.stream = socket.create_connection(("127.0.0.1", edge.port if protocol == HTTP1 else edge.tls_port))
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if protocol == TLS1:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.stream = context.wrap_socket(self.stream)
        self.request = edge.request(name)
        self.body_count = origins.OBJECTS[name][0]
        self.buffer = bytearray(1 << 20)

    def hit(self, times):
        for _ in range(times):
            self.stream.sendall(self.request)
            self.take_response()

    def take_response(self):
        count = self.stream.recv_into(self.buffer)
        head_end = self.buffer.find(b"\r\n\r\n", 0, count)
        assert self.buffer.startswith(b"HTTP/1.1 200 ") and head_end > 0, bytes(self.buffer[:count])
        assert self.buffer.find(b"X-Cache: Hit", 0, head_end) > 0, bytes(self.buffer[:head_end])
        total = head_end + 4 + self.body_count
        while count < total:
            more = self.stream.recv_into(memoryview(self.buffer)[count:])
            assert more > 0, "the edge closed the connection"
            count += more
        assert count == total

    def close(self):
        self.stream.close()
