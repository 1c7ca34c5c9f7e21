"""The one origin behind every server: it hands out the benchmark's objects, which any cache may keep for a day."""
import functools
import hashlib
import http.server
import re
import threading
import time

# Name: (bytes, media type). The sizes of a media playlist, and of segments of a low and a high rendition.
OBJECTS = {
    "playlist.m3u8": (1024, "application/vnd.apple.mpegurl"),
    "segment-200k.m4s": (200 * 1024, "video/iso.segment"),
    "segment-2m.m4s": (2 * 1024 * 1024, "video/iso.segment"),
}
PREFIX = "/media/bench/"
# As many further segments as somebody asks for.
COLD_BYTES = 2 * 1024 * 1024
# What comes of a body that is held.
BEGINNING = 1024
COLD = re.compile(r"cold-[\w-]+\.m4s")


def cold(name):
    """The name of a segment of its own."""
    return f"cold-{name}.m4s"


def content(name):
    """Bytes that are different at every place and the same at every run."""
    if name in OBJECTS:
        return blocks(name, OBJECTS[name][0])
    start = int(hashlib.sha256(name.encode()).hexdigest(), 16) % COLD_BYTES
    common = blocks("cold", COLD_BYTES)
    return common[start:] + common[:start]


@functools.cache
def blocks(name, size):
    digests = (hashlib.sha256(f"{name} {index}".encode()).digest() for index in range(size // 32 + 1))
    return b"".join(digests)[:size]


def fields(name):
    media_type = OBJECTS[name][1] if name in OBJECTS else "video/iso.segment"
    return [("Content-Type", media_type), ("Cache-Control", "public, max-age=86400"),
            ("ETag", f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'),
            ("Last-Modified", "Sat, 01 Nov 2025 08:00:00 GMT")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.split("?")[0].removeprefix(PREFIX)
        if name not in OBJECTS and not COLD.fullmatch(name):
            self.send_error(404)
            return
        body = content(name)
        self.server.asked.append(name)
        self.server.gate.wait()
        self.send_response(200)
        for field in [*fields(name), ("Content-Length", str(len(body)))]:
            self.send_header(*field)
        self.server.began[name] = time.monotonic()
        self.end_headers()
        if not self.server.bodies.is_set():
            self.wfile.write(body[:BEGINNING])
            body = body[BEGINNING:]
            self.server.bodies.wait()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """An origin behind a cache has nothing to say."""


class Origin:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.asked, self.server.began, self.server.gate = [], {}, threading.Event()
        self.server.bodies = threading.Event()
        self.release()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def requests(self):
        return len(self.server.asked)

    def requests_of(self, name):
        return self.server.asked.count(name)

    def began(self, name):
        """When the last response with that object began, by the monotonic clock."""
        return self.server.began[name]

    def hold(self):
        """Requests are taken, and answered once `release` is called."""
        self.server.gate.clear()

    def hold_bodies(self):
        """Requests are answered with a head and the beginning of a body, whose rest comes once `release` is called."""
        self.server.bodies.clear()

    def release(self):
        self.server.gate.set()
        self.server.bodies.set()

    def stop(self):
        self.release()
        self.server.shutdown()
        self.server.server_close()
