"""Thousands of clients that send or take a byte now and then: who asks for what is stored does not notice, no reader of the
store is held by one of them, and little memory is."""
import contextlib
import pathlib
import socket
import struct
import time

import pytest

from lone_edge import idle
from scripted_origin import Edge, Origin, read_head

pytestmark = pytest.mark.alone

CLIENTS = 4_000
HITS, ROUNDS = 4_000, 5
SMALL, LARGE = bytes(1024), bytes(range(256)) * 8192


def serve(connection):
    """Answers GET by path; takes uploads and says nothing."""
    while True:
        head, _ = read_head(connection)
        if head.startswith(b"POST"):
            while connection.recv(65536):
                pass
            return
        body = LARGE if head.startswith(b"GET /large ") else SMALL
        connection.sendall(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nETag: \"1\"\r\nContent-Length: %d\r\n\r\n"
                           % len(body) + body)


@pytest.fixture
def edge(tmp_path):
    idle.allow_descriptors(CLIENTS + 2_000)
    origin = Origin(serve)
    edge = Edge(tmp_path, origin)
    edge.store = tmp_path / "cache"
    yield edge
    edge.stop()
    origin.stop()


class Viewer:
    """One kept connection."""

    def __init__(self, edge):
        self.stream = socket.create_connection(edge.http, timeout=20)
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path):
        """The time to the last byte, and what the edge says about where it came from."""
        start = time.perf_counter()
        self.stream.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path)
        head, body = read_head(self.stream)
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        pieces = len(body)
        while pieces < length:
            piece = self.stream.recv(1 << 20)
            assert piece, "cut short"
            pieces += len(piece)
        return time.perf_counter() - start, head.split(b"X-Cache: ")[1].split(b" ")[0]

    def hits(self, meanwhile=lambda _: None):
        """Median and p99, each the best of some rounds: other programs may disturb one, slow clients disturb all or none."""
        rounds = [self._round(meanwhile) for _ in range(ROUNDS)]
        return min(times[HITS // 2] for times in rounds), min(times[HITS * 99 // 100] for times in rounds)

    def _round(self, meanwhile):
        times = []
        for number in range(HITS):
            meanwhile(number)
            took, source = self.get(b"/small")
            assert source == b"Hit"
            times.append(took)
        return sorted(times)


def slow_head(connection):
    connection.sendall(b"GET /small HTTP/1.1\r\nHost: a\r\nX-Slow: ")


def slow_body(connection):
    connection.sendall(b"POST /api/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")


def slow_reader(connection):
    connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")


def one_more(connection):
    connection.send(b"a")


def one_less(connection):
    connection.recv(1)


@contextlib.contextmanager
def clients(edge, begin):
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(CLIENTS):
            connection = stack.enter_context(socket.socket())
            connection.settimeout(20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            connection.connect(edge.http)
            begin(connection)
            opened.append(connection)
        yield opened


def reading_transactions(store):
    """Slots of LMDB's lock files with a transaction: after two cache lines of header, one line each that begins with it."""
    count = 0
    for path in pathlib.Path(store).rglob("*lock*"):
        data = path.read_bytes()
        if len(data) < 128 or struct.unpack_from("=I", data)[0] != 0xBEEFC0DE:
            continue
        for offset in range(128, len(data) - 63, 64):
            transaction, process = struct.unpack_from("=Qi", data, offset)
            if process and transaction != 0xFFFFFFFFFFFFFFFF:
                count += 1
    return count


@pytest.mark.parametrize("begin, go_on, misses", [
    pytest.param(slow_head, one_more, True, id="heads"),
    pytest.param(slow_body, one_more, True, id="bodies"),
    pytest.param(slow_reader, one_less, True, id="readers"),
])
def test_thousands_of_slow_clients_are_felt_by_nobody(edge, begin, go_on, misses):
    viewer = Viewer(edge)
    viewer.get(b"/large")
    viewer.get(b"/small")
    calm, before = viewer.hits(), edge.resident_kibibytes
    with clients(edge, begin) as slow:
        attacked = viewer.hits(lambda number: go_on(slow[number % CLIENTS]))
        assert edge.resident_kibibytes - before < CLIENTS * 8, "a slow client holds more than 8 KiB"
        assert reading_transactions(edge.store) == 0
        if misses:
            assert viewer.get(b"/new")[1] == b"Miss"
    # A hit takes some forty microseconds; what others do on the machine costs one in a hundred a slice of the processor.
    said = "median %.3f ms and p99 %.3f ms without, %.3f ms and %.3f ms among slow clients" % tuple(
        seconds * 1000 for seconds in calm + attacked)
    assert attacked[0] < 2 * calm[0] + 0.0002 and attacked[1] < 2 * calm[1] + 0.005, said
