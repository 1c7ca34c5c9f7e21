"""An origin in a process of its own whose answers say the path and a version that the caller changes at any moment:

    python3 versions.py VERSION_FILE

prints the port it picked. The first eight bytes of the file are the version. Every answer may be kept for a day and has the tag
`crowd`. A path that holds
`held` is never answered.
"""
import contextlib
import mmap
import pathlib
import select
import socket
import struct
import subprocess
import sys

from processes import end_with_parent


class Versions:
    """The origin as whoever starts it sees it."""

    def __init__(self, directory):
        self.file = pathlib.Path(directory) / "version"
        self.file.write_bytes(bytes(8))
        with open(self.file, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)
        self.process = subprocess.Popen([sys.executable, "-B", __file__, self.file], stdout=subprocess.PIPE, text=True,
                                        preexec_fn=end_with_parent)
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def say(self, version):
        """From now on every answer has this version."""
        self.memory[:8] = struct.pack("<q", version)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.memory.close()


@contextlib.contextmanager
def versions(directory):
    origin = Versions(directory)
    try:
        yield origin
    finally:
        origin.stop()


def answer(path, version):
    body = f"{path} {version}\n".encode()
    return (b"HTTP/1.1 200 OK\r\nCache-Control: public, max-age=86400\r\nCache-Tag: crowd\r\nContent-Length: "
            + str(len(body)).encode() + b"\r\n\r\n" + body)


def serve(version_file):
    with open(version_file, "r+b") as file:
        memory = mmap.mmap(file.fileno(), 8)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    connections, rest = {}, {}
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == listener.fileno():
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()], rest[connection.fileno()] = connection, b""
                poll.register(connection, select.EPOLLIN)
                continue
            connection = connections[descriptor]
            data = connection.recv(65536)
            if not data:
                poll.unregister(descriptor)
                connections.pop(descriptor).close()
                continue
            *heads, rest[descriptor] = (rest[descriptor] + data).split(b"\r\n\r\n")
            for head in heads:
                path = head.split(b" ", 2)[1].decode()
                version, = struct.unpack("<q", memory[:8])
                if "held" not in path:
                    connection.sendall(answer(path, version))


if __name__ == "__main__":
    serve(sys.argv[1])
