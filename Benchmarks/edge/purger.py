"""A client that does nothing but purge, in a process of its own, so that its figures are not about a client that is busy:

    python3 purger.py ADMIN_PORT TOKEN

reads orders from its standard input, one JSON document a line, and prints what came of each, one a line.
"""
import contextlib
import dataclasses
import json
import os
import socket
import struct
import subprocess
import sys
import time

from processes import end_with_parent


@dataclasses.dataclass
class Call:
    """One purge, as three clocks saw it."""
    # By the clock of `time.monotonic_ns`, when the client had the answer in its hands.
    answered_at: int
    # From sending the order until then.
    client_seconds: float
    # From sending the order until the kernel had the answer for the client, whenever that was given a processor.
    socket_seconds: float
    # What the store took, as the answer says: from the order's being read to its being in force and on the disk.
    store_seconds: float


class Purger:
    """The process as whoever starts it sees it."""

    def __init__(self, admin_port, token):
        self.process = subprocess.Popen(
            [sys.executable, "-B", __file__, str(admin_port), token], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=end_with_parent)

    def fileno(self):
        """Readable when a call is over."""
        return self.process.stdout.fileno()

    def send(self, order):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            raise OSError("a purge failed")
        return Call(*json.loads(line))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


# Linux' number; Python does not name it.
SO_TIMESTAMPNS = 35


class Connection:
    """A connection that was accepted and has had an answer, so that neither is in the figures."""

    def __init__(self, port, token):
        self.fields = f"Host: edge\r\nAuthorization: Bearer {token}\r\n"
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

        self.socket.sendall(f"GET /origins HTTP/1.1\r\n{self.fields}\r\n".encode())
        self.receive()

    def purge(self, order):
        body = json.dumps(order)
        request = f"POST /purge HTTP/1.1\r\n{self.fields}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        begin, wall = time.monotonic_ns(), time.time_ns()
        self.socket.sendall(request)
        answer, arrived = self.receive()
        end = time.monotonic_ns()
        return [end, (end - begin) / 1e9, (arrived - wall) / 1e9, answer["elapsedMicroseconds"] / 1e6]

    def receive(self):
        """The answer's document, and when its last byte arrived by the clock of the wall."""
        data = b""
        while True:
            more, notes, _, _ = self.socket.recvmsg(65536, 64)
            if not more:
                raise OSError("the edge closed the connection")
            data += more
            head, mark, body = data.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            if mark and len(body) == int(length):
                break
        if not head.startswith(b"HTTP/1.1 200 "):
            raise OSError(f"the edge answered {head.splitlines()[0].decode()}: {body!r}")
        seconds, nanoseconds = struct.unpack("qq", notes[0][2]) if notes else (0, time.time_ns())
        return json.loads(body), seconds * 1_000_000_000 + nanoseconds


def serve(port, token):
    # Who purges has a machine of their own; here it at least does not wait for the clients, where the kernel allows that.
    with contextlib.suppress(PermissionError):
        os.nice(-19)
    # The kernel stamps what arrives while somebody wants it stamped, and begins some time after the first asks.
    witness = socket.socket()
    witness.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    for line in sys.stdin:
        connection = Connection(port, token)
        print(json.dumps(connection.purge(json.loads(line))), flush=True)
        connection.socket.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
