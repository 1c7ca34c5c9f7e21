"""What is compared: an origin's S3 gateway, and nginx that stores what is put to it."""
import datetime
import getpass
import hashlib
import hmac
import os
import pathlib
import re
import subprocess
import urllib.parse

import control
from ports import free_port
from processes import BenchError, Program, wait_for

BUCKET, KEY = "benchmark-media", "film.mp4"


class Side:
    """A server that a file is put to by `curl`, and where the file lies then."""
    name = ""

    def put(self, film):
        """Returns the header fields of the answer, lower case."""
        run = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--dump-header", "-", "--output", os.devnull,
                              "--upload-file", film, self.url()], capture_output=True, text=True)
        if run.returncode:
            raise BenchError(f"{self.name} refused the file: {run.stderr}{self.program.transcript()}")
        return dict(re.findall(r"(?m)^([\w-]+): *(.*?)\r?$", run.stdout.lower()))

    def stop(self):
        self.program.stop()


class Weir(Side):
    """A presigned PUT, as `POST /api/v1/uploads` hands them out: what is stored is digested, and on the disk before the answer."""
    name = "weir-origin"

    def __init__(self, setting, weir_origin):
        self.origin = Origin(setting, weir_origin)
        self.program = self.origin.program
        self.program.wait_until_listening(self.origin.s3_port)
        self.blobs = self.origin.directory / "objects/blobs"

    def url(self, method="PUT"):
        return presigned(method, f"127.0.0.1:{self.origin.s3_port}", f"/{BUCKET}/{KEY}")

    def synchronize(self):
        """Nothing is left to do."""

    def check(self, film, answer):
        if answer.get("etag", "").strip('"') != film.md5:
            raise BenchError(f"weir-origin stored something else: {answer}")

    def remove(self):
        subprocess.run(["curl", "--silent", "--show-error", "--fail", "--request", "DELETE", self.url("DELETE")], check=True)
        wait_for(lambda: not any(file.is_file() for file in self.blobs.glob("*/*")), 60, "the file to be reclaimed")

    def stop(self):
        self.origin.stop()


class Nginx(Side):
    """Debian's nginx with `dav_methods PUT`, one worker, as shipped otherwise. It writes the file and leaves it to the kernel."""
    name = "nginx"

    def __init__(self, setting):
        self.directory, self.port = setting.directory / self.name, free_port()
        self.files = self.directory / "files"
        self.files.mkdir(parents=True)
        configuration = self.directory / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(user=getpass.getuser(), directory=self.directory, port=self.port))
        self.program = Program(self.name, ["nginx", "-c", configuration, "-e", self.directory / "error.log", "-g", "daemon off;"],
                               f"{setting.server_core},{setting.load_core}", self.directory / "output.log")
        self.program.wait_until_listening(self.port)

    def url(self):
        return f"http://127.0.0.1:{self.port}/{KEY}"

    def synchronize(self):
        """Brings the file and its name to the disk, for nginx."""
        for path in (self.files / KEY, self.files):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    def check(self, film, answer):
        if (self.files / KEY).stat().st_size != film.path.stat().st_size:
            raise BenchError(f"nginx stored something else: {answer}")

    def remove(self):
        (self.files / KEY).unlink()


class Origin(control.ControlOrigin):
    """A weir-origin on its own."""

    def configuration(self, setting):
        self.s3_port = free_port()
        return {**super().configuration(setting), "s3Listen": f"127.0.0.1:{self.s3_port}", "buckets": {"media": BUCKET}}


def presigned(method, host, path):
    """A URL that is good for an hour, by Signature Version 4; what it signs for may have any body."""
    (identifier, secret), now = control.ADMIN, datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/{control.REGION}/s3/aws4_request"
    query = urllib.parse.urlencode({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{identifier}/{scope}", "X-Amz-Date": now,
        "X-Amz-Expires": "3600", "X-Amz-SignedHeaders": "host"}, quote_via=urllib.parse.quote, safe="")
    canonical = f"{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return f"http://{host}{path}?{query}&X-Amz-Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"


class Film:
    """Bytes that no disk can compress, a block of them again and again, in the folder of the run."""
    BLOCK = 1 << 26

    def __init__(self, folder, mebibytes):
        self.path, self.bytes = pathlib.Path(folder) / "film", mebibytes << 20
        block, digest = os.urandom(min(self.BLOCK, self.bytes)), hashlib.md5()
        with open(self.path, "wb") as file:
            for start in range(0, self.bytes, len(block)):
                piece = block[:self.bytes - start]
                digest.update(piece)
                file.write(piece)
        self.md5 = digest.hexdigest()


CONFIGURATION = """
user {user};
worker_processes 1;
pid {directory}/nginx.pid;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            root {directory}/files;
            client_max_body_size 0;
            dav_methods PUT DELETE;
        }}
    }}
}}
"""
