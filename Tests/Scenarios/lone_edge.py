"""A release build of weir-edge as `Scripts/bench` measures it: signed cookies, access log and metrics on, one loop."""
import contextlib
import copy
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys

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
