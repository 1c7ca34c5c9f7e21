"""The one origin behind every server: it hands out the benchmark's objects, which any cache may keep for a day."""
import hashlib
import http.server
import threading

# Name: (bytes, media type). The sizes of a media playlist, and of segments of a low and a high rendition.
OBJECTS = {
    "playlist.m3u8": (1024, "application/vnd.apple.mpegurl"),
    "segment-200k.m4s": (200 * 1024, "video/iso.segment"),
    "segment-2m.m4s": (2 * 1024 * 1024, "video/iso.segment"),
}
PREFIX = "/media/bench/"


def content(name):
    """Bytes that are different at every place and the same at every run."""
    size = OBJECTS[name][0]
    blocks = (hashlib.sha256(f"{name} {index}".encode()).digest() for index in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def fields(name):
    return [("Content-Type", OBJECTS[name][1]), ("Cache-Control", "public, max-age=86400"),
            ("ETag", f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'),
            ("Last-Modified", "Sat, 01 Nov 2025 08:00:00 GMT")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.split("?")[0].removeprefix(PREFIX)
        if name not in OBJECTS:
            self.send_error(404)
            return
        body = content(name)
        self.server.requests += 1
        self.send_response(200)
        for field in [*fields(name), ("Content-Length", str(len(body)))]:
            self.send_header(*field)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """An origin behind a cache has nothing to say."""


class Origin:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.requests = 0
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def requests(self):
        return self.server.requests

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
