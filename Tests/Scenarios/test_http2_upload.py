"""A request body over HTTP/2 goes to the origin as it comes, trailers left out, and no longer than it may be."""
import socket
import subprocess
import threading

import pytest

from scripted_origin import Edge, Origin, read_head

PIECE = bytes(range(256)) * 64


class Recorder:
    """An origin that remembers one request, and says when bytes of it have come."""

    def __init__(self):
        self.head, self.body, self.rest = b"", b"", b""
        self.changed = threading.Condition()

    def __call__(self, connection):
        self.head, self.rest = read_head(connection)
        while (size := int(self._line(connection), 16)):
            self._take(connection, size + 2)
        self._line(connection)
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\ntaken")

    def _line(self, connection):
        while b"\r\n" not in self.rest:
            self._more(connection)
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def _take(self, connection, count):
        while len(self.rest) < count:
            self._more(connection)
        with self.changed:
            self.body += self.rest[:count - 2]
            self.rest = self.rest[count:]
            self.changed.notify_all()

    def _more(self, connection):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("closed in a body")
        self.rest += piece

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.body) >= count, timeout=20), len(self.body)


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def edge(tmp_path, recorder):
    origin = Origin(recorder)
    edge = Edge(tmp_path, origin, limits={"bodyMebibytes": 1})
    yield edge
    assert edge.stop() == 0
    origin.stop()


def url(edge, path):
    return "http://%s:%d%s" % (*edge.http, path)


def test_a_streamed_post_reaches_the_origin_piece_by_piece(edge, recorder):
    curl = subprocess.Popen(
        ["curl", "-sS", "--max-time", "30", "--http2-prior-knowledge", "-X", "POST", "-T", "-", "-w", " %{http_code}",
         url(edge, "/api/upload")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for sent in range(1, 21):
        curl.stdin.write(PIECE)
        curl.stdin.flush()
        recorder.wait_for(sent * len(PIECE))
    output, _ = curl.communicate()
    assert output == b"taken 201"
    assert recorder.body == PIECE * 20
    head = recorder.head.decode().lower()
    assert head.startswith("post /api/upload http/1.1\r\n") and "transfer-encoding: chunked" in head


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_larger_than_allowed_is_answered_413(edge, tmp_path, announced):
    (tmp_path / "large").write_bytes(bytes(2 << 20))
    options = [] if announced else ["--no-content-length"]
    shown = subprocess.run(["nghttp", "-nv", *options, "-d", tmp_path / "large", url(edge, "/api/upload")],
                           capture_output=True, text=True, timeout=30).stdout
    assert ":status: 413" in shown, shown
    assert "RST_STREAM" in shown.split(":status: 413")[1] and "NO_ERROR" in shown.split(":status: 413")[1], shown


def test_trailers_of_a_request_end_its_body_and_go_no_further(edge, recorder):
    with socket.create_connection(edge.http, timeout=20) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0)
                           + frame(1, 4, 1, block((":method", "POST"), (":scheme", "http"), (":path", "/api/upload"),
                                                  (":authority", "a")))
                           + frame(0, 0, 1, PIECE) + frame(1, 5, 1, block(("x-checksum", "abc"))))
        answer = b""
        while b"taken" not in answer:
            piece = connection.recv(65536)
            assert piece, answer
            answer += piece
    assert recorder.body == PIECE
    assert b"checksum" not in recorder.head + recorder.rest


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*fields):
    """Fields as literals without indexing (RFC 7541 §6.2.2), none longer than 126 bytes."""
    return b"".join(b"\0" + b"".join(bytes([len(text)]) + text.encode() for text in field) for field in fields)
