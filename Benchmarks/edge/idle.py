"""`bench idle`: what a kept connection without a request holds of the server's memory."""
import contextlib
import socket
import time

import origin as origins
import servers as kinds
from compare import machine
from processes import allow_descriptors
from setting import running

NAME = "playlist.m3u8"
WARM_UP = 256


def idle(setting, connections):
    """Resident bytes per idle connection that has had one response."""
    allow_descriptors(connections + 1_000)
    with running([kinds.Weir], setting) as [server]:
        return {"machine": machine(), "connections": connections,
                "bytesPerConnection": round(bytes_per_connection(server, connections))}


def bytes_per_connection(server, connections):
    """The growth of what is resident. A few connections come and go first, so that what the first ones bring along once is
    not counted."""
    with opened(server, WARM_UP):
        time.sleep(2)
    before = server.program.resident_bytes()
    with opened(server, connections):
        time.sleep(2)  # what is given back by the clock has been given back
        return (server.program.resident_bytes() - before) / connections


@contextlib.contextmanager
def opened(server, connections):
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            stack.enter_context(with_one_response(server))
        yield


def with_one_response(server):
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(server.request(NAME))
    answer = b""
    while not answer.endswith(origins.content(NAME)):
        received = connection.recv(65_536)
        if not received:
            raise ConnectionError(f"{server.name} closed a connection: {answer[:200]}")
        answer += received
    return connection


def table(result):
    yield (f"{result['connections']} connections over HTTP/1.1, idle after one response each: "
           f"{result['bytesPerConnection']} bytes resident per connection")
