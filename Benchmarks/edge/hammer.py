"""Connections that ask for objects all the time, while what they ask for is changed at the origin and purged.

All times are of one clock, so the order of events is known: a request that is sent after a purge was answered must bring the
version of that purge, or a later one.
"""
import dataclasses
import random
import select
import socket
import time

from purger import Purger

CONNECTIONS = 64


class OldBytes(Exception):
    """A request that was sent after the answer to a purge brought what the purge had covered."""


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def receive(self):
        """The body of the response, once it is whole."""
        data = self.socket.recv(65536)
        if not data:
            raise OSError("the edge closed a connection")
        self.buffer += data
        head, mark, rest = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return None
        start = head.lower().index(b"content-length:") + len(b"content-length:")
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return None
        if not head.startswith(b"HTTP/1.1 200 "):
            raise OSError(f"the edge answered {head.splitlines()[0].decode()}: {rest[:200]!r}")
        self.buffer = rest[length:]
        return rest[:length]


@dataclasses.dataclass
class Answer:
    path: str
    sent_at: int
    version: int


class Hammer:
    """`CONNECTIONS` clients of one edge, and one that purges."""

    def __init__(self, port, admin_port, token, connections=CONNECTIONS):
        self.answered = 0
        # When each purge was answered, and the version it brought.
        self.purges = [(0, 0)]
        self.poll = select.epoll()
        self.connections, self.sent = {}, {}
        for _ in range(connections):
            connection = Connection(port)
            self.connections[connection.socket.fileno()] = connection
            self.poll.register(connection.socket, select.EPOLLIN)
        self.purger = Purger(admin_port, token)
        self.poll.register(self.purger, select.EPOLLIN)

    def fetch(self, paths):
        """Asks for each of them once."""
        rest = iter(paths)
        waiting = {number for number in self.connections if self._ask(number, next(rest, None))}
        while waiting:
            for number, _ in self.poll.poll():
                if self._take(number) and not self._ask(number, next(rest, None)):
                    waiting.discard(number)

    def run(self, origin, order, rounds, paths, pause=0.02):
        """Changes the version and purges, round after round, while all connections ask for any of `paths`; the calls."""
        for number in self.connections:
            self._ask(number, random.choice(paths))
        calls = []
        for _ in range(rounds):
            self._serve_until(time.monotonic() + pause, paths)
            version = self.purges[-1][1] + 1
            origin.say(version)
            self.purger.send(order)
            call, meanwhile = self._serve_until(time.monotonic() + 30, paths)
            calls.append(call)
            self.purges.append((call.answered_at, version))
            for answer in meanwhile:
                self._check(answer)
        self._serve_until(time.monotonic() + pause, paths)
        self._drain()
        return calls

    def purge(self, order):
        """Purges while nobody asks for anything."""
        self.purger.send(order)
        return self.purger.receive()

    def close(self):
        self.purger.close()
        for connection in self.connections.values():
            connection.socket.close()
        self.poll.close()

    def _serve_until(self, deadline, paths):
        """Lets everybody ask and answer until a purge is answered or the time is over; the purge, and the answers that came
        before it was heard of."""
        meanwhile = []
        while (left := deadline - time.monotonic()) > 0:
            for number, _ in self.poll.poll(left):
                if number == self.purger.fileno():
                    return self.purger.receive(), meanwhile
                if answer := self._take(number):
                    meanwhile.append(answer)
                    self._ask(number, random.choice(paths))
        return None, meanwhile

    def _drain(self):
        """Until every request that was sent is answered."""
        waiting = set(self.sent)
        while waiting:
            for number, _ in self.poll.poll():
                if self._take(number):
                    waiting.discard(number)

    def _ask(self, number, path):
        if path is None:
            return False
        self.sent[number] = (path, time.monotonic_ns())
        self.connections[number].socket.sendall(f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        return True

    def _take(self, number):
        body = self.connections[number].receive()
        if body is None:
            return None
        path, sent_at = self.sent[number]
        answered, version = body.decode().split()
        if answered != path:
            raise OldBytes(f"{path} was answered with {body!r}")
        answer = Answer(path, sent_at, int(version))
        self._check(answer)
        self.answered += 1
        return answer

    def _check(self, answer):
        purged_at, version = next(purge for purge in reversed(self.purges) if purge[0] <= answer.sent_at)
        if answer.version < version:
            raise OldBytes(f"{answer.path} was answered with version {answer.version}, and was asked for "
                           f"{(answer.sent_at - purged_at) / 1e3:.0f} µs after version {version} was purged")
