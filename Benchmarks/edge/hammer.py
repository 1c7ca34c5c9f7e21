"""Connections that ask for objects all the time, while what they ask for is changed at the origin and purged.

One thread does everything, so the order of events is known: a request that is sent after a purge was answered must bring the
version of that purge, or a later one.
"""
import json
import random
import select
import socket
import time

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


class Hammer:
    """`CONNECTIONS` clients of one edge."""

    def __init__(self, port, admin_port, token, connections=CONNECTIONS):
        self.answered = 0
        # The version below which no request sent from now on may be answered.
        self.oldest = 0
        self.poll = select.epoll()
        self.connections, self.sent = {}, {}
        for _ in range(connections):
            connection = Connection(port)
            self.connections[connection.socket.fileno()] = connection
            self.poll.register(connection.socket, select.EPOLLIN)
        self.admin, self.token = Connection(admin_port), token
        self.poll.register(self.admin.socket, select.EPOLLIN)

    def fetch(self, paths):
        """Asks for each of them once."""
        rest = iter(paths)
        waiting = {number for number in self.connections if self._ask(number, next(rest, None))}
        while waiting:
            for number, _ in self.poll.poll():
                if self._take(number) and not self._ask(number, next(rest, None)):
                    waiting.discard(number)

    def run(self, origin, order, rounds, paths, pause=0.02):
        """Changes the version and purges, round after round, while all connections ask for any of `paths`.

        Returns the seconds from sending each purge to its answer, and what the edge itself measured, in microseconds.
        """
        for number in self.connections:
            self._ask(number, random.choice(paths))
        calls, inside = [], []
        for _ in range(rounds):
            self._serve_until(time.monotonic() + pause, paths)
            version = self.oldest + 1
            origin.say(version)
            begin = time.monotonic()
            self._send_purge(order)
            answer = self._serve_until(begin + 30, paths)
            calls.append(time.monotonic() - begin)
            inside.append(json.loads(answer)["elapsedMicroseconds"])
            self.oldest = version
        self._serve_until(time.monotonic() + pause, paths)
        self._drain()
        return calls, inside

    def purge(self, order):
        """Purges while nobody asks for anything; the seconds until the answer."""
        begin = time.monotonic()
        self._send_purge(order)
        while not self.admin.receive():
            pass
        return time.monotonic() - begin

    def close(self):
        for connection in [self.admin, *self.connections.values()]:
            connection.socket.close()
        self.poll.close()

    def _send_purge(self, order):
        body = json.dumps(order)
        self.admin.socket.sendall(
            f"POST /purge HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def _serve_until(self, deadline, paths):
        """Lets everybody ask and answer until a purge is answered, whose answer it returns, or the time is over."""
        while (left := deadline - time.monotonic()) > 0:
            for number, _ in self.poll.poll(left):
                if number == self.admin.socket.fileno():
                    answer = self.admin.receive()
                    if answer:
                        # What is sent from here on is sent after the answer.
                        return answer
                elif self._take(number):
                    self._ask(number, random.choice(paths))
        return None

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
        self.sent[number] = (path, self.oldest)
        self.connections[number].socket.sendall(f"GET {path} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        return True

    def _take(self, number):
        body = self.connections[number].receive()
        if body is None:
            return False
        path, oldest = self.sent[number]
        answered, version = body.decode().split()
        if answered != path or int(version) < oldest:
            raise OldBytes(f"{path} was answered with {body!r}, and must be of version {oldest} at least")
        self.answered += 1
        return True
