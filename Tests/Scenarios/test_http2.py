"""HTTP/2 with clients other people wrote: what they get is what HTTP/1.1 brings."""
import pathlib
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lone_edge import HTTP1, PLAYLIST, SEGMENT, KeptConnection, lone_edge, origins

LARGE = "segment-2m.m4s"


@pytest.fixture(scope="module")
def edge():
    with lone_edge() as edge:
        yield edge


def curl(edge, url, *options):
    fields = [item for key, value in edge.request_fields.items() for item in ("-H", f"{key}: {value}")]
    return subprocess.run(["curl", "-sS", "-k", "--max-time", "20", *options, *fields, url], capture_output=True,
                          check=True).stdout


@pytest.mark.parametrize("name", [PLAYLIST, SEGMENT, LARGE])
@pytest.mark.parametrize("protocol, option", [("h2+tls", "--http2"), ("h1", "--http2-prior-knowledge")])
def test_curl_gets_the_same_bytes_over_http2(edge, name, protocol, option):
    assert curl(edge, edge.url(protocol, name), option) == origins.content(name)
    shown = curl(edge, edge.url(protocol, name), option, "-D-", "-o/dev/null").decode().lower()
    assert shown.startswith("http/2 200") and "x-cache: hit" in shown


def test_a_range_and_a_head_over_http2(edge):
    url = edge.url("h2+tls", SEGMENT)
    assert curl(edge, url, "--http2", "-r", "1000-70000") == origins.content(SEGMENT)[1000:70001]
    shown = curl(edge, url, "--http2", "-I").decode().lower()
    assert shown.startswith("http/2 200") and f"content-length: {len(origins.content(SEGMENT))}" in shown


@pytest.mark.parametrize("connections, streams", [(1, 1), (1, 100), (20, 10)])
def test_h2load_gets_every_answer(edge, connections, streams):
    fields = [item for key, value in edge.request_fields.items() for item in ("-H", f"{key}: {value}")]
    output = subprocess.run(
        ["h2load", f"-c{connections}", f"-m{streams}", "-n2000", *fields, edge.url("h2+tls", PLAYLIST),
         edge.url("h2+tls", SEGMENT)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"2000 done, 2000 succeeded, 0 failed, 0 errored", output), output
    assert "status codes: 2000 2xx" in output, output


def test_an_older_client_still_speaks_http1_over_tls(edge):
    assert curl(edge, edge.url("h2+tls", PLAYLIST), "--http1.1") == origins.content(PLAYLIST)


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def rapid_resets(edge, count):
    """One connection that asks and takes back at once; returns the error code it was told goodbye with."""
    block = bytes([0x82, 0x86, 0x84, 0x41, 0x01]) + b"x"
    hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0)
    attack = b"".join(frame(1, 5, stream, block) + frame(3, 0, stream, bytes([0, 0, 0, 8]))
                      for stream in range(1, 2 * count, 2))
    with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
        try:
            connection.sendall(hello + attack)
        except OSError:
            pass
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    while answer:
        length, kind = int.from_bytes(answer[:3], "big"), answer[3]
        if kind == 7:
            return int.from_bytes(answer[13:17], "big")
        answer = answer[9 + length:]
    return None


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def p99_of_hits(connection, count):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        connection.hit(1)
        times.append(time.perf_counter() - start)
    return sorted(times)[int(count * 0.99)]


def test_rapid_resets_cost_nobody_else_anything(edge):
    pid = edge.program.process.pid
    other = KeptConnection(edge, HTTP1, PLAYLIST)
    p99_of_hits(other, 2_000)
    assert rapid_resets(edge, 10_000) == 11
    calm, before = p99_of_hits(other, 5_000), resident_bytes(pid)
    with ThreadPoolExecutor(1) as pool:
        attacks = pool.submit(lambda: [rapid_resets(edge, 10_000) for _ in range(20)])
        attacked = p99_of_hits(other, 5_000)
        assert attacks.result() == [11] * 20
    other.close()
    assert resident_bytes(pid) - before < 4 << 20, "resets left memory behind"
    # The attacker shares this interpreter with the client, hence the constant.
    assert attacked < 2 * calm + 0.005, f"p99 {calm * 1000:.2f} ms without, {attacked * 1000:.2f} ms with the attack"
