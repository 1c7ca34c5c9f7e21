"""Reading responses piece by piece, every byte compared with the origin's."""
import socket

import origin as origins


class Reader:
    """One plain connection that has asked for one object."""

    def __init__(self, server, name, receive_bytes=None):
        self.name = name
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.sendall(server.request(name))
        self.expected = origins.content(name)
        self.head, self.count, self.wrong = b"", 0, None

    def take(self, limit):
        """Receives once. False when nothing more comes: the object is whole, the connection has ended, or a byte is wrong."""
        try:
            received = self.socket.recv(limit)
        except ConnectionResetError:
            received = b""
        if not received:
            return False
        if not self.head.endswith(b"\r\n\r\n"):
            self.head += received
            end = self.head.find(b"\r\n\r\n") + 4
            if end < 4:
                return True
            self.head, received = self.head[:end], self.head[end:]
            if not self.head.startswith(b"HTTP/1.1 200 "):
                self.wrong = f"answered {self.head[:80]}"
        if not self.expected.startswith(received, self.count):
            self.wrong = f"wrong bytes at {self.count}"
        self.count += len(received)
        return self.wrong is None and not self.is_whole

    @property
    def is_whole(self):
        return self.wrong is None and self.count == len(self.expected)

    def close(self):
        self.socket.close()
