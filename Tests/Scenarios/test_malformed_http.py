"""Bytes that are no HTTP are answered at the door, with the right status, and the connection ends."""
import socket

import pytest

GET = b"GET /media/x HTTP/1.1\r\nHost: a\r\n"

CASES = {
    "both length framings": (b"POST /api/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "two content lengths": (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
    "bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "bare CR in a value": (GET + b"X-A: b\rc\r\n\r\n", 400),
    "NUL in a value": (GET + b"X-A: b\x00c\r\n\r\n", 400),
    "obs-fold": (GET + b"X-A: b\r\n c\r\n\r\n", 400),
    "space before the colon": (GET + b"X-A : b\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + b"Host: b\r\n\r\n", 400),
    "a signed content length": (GET + b"Content-Length: +1\r\n\r\na", 400),
    "an unknown transfer coding": (GET + b"Transfer-Encoding: xchunked\r\n\r\n", 400),
    "a long URL": (b"GET /" + b"a" * 8193 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "large header fields": (GET + b"X-A: " + b"b" * 20480 + b"\r\n\r\n", 431),
    "many header fields": (GET + b"X: y\r\n" * 5000 + b"\r\n", 431),
}


@pytest.mark.parametrize("listener", ["edge", "origin"])
@pytest.mark.parametrize("name", CASES)
def test_malformed_requests_are_refused_and_the_connection_closed(weir, listener, name):
    request, status = CASES[name]
    host, port = weir.ready[listener].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
