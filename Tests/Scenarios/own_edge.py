"""A weir-edge of its own, in front of an origin in this process: for what `weir up` never configures."""
import datetime
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import threading

import requests
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from installation import BIN, ROOT, wait_for

sys.path.insert(0, str(ROOT / "Benchmarks/edge"))

from ports import free_port  # noqa: E402

TOKEN = "a-token-for-operators"


class QuietHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class ServedOrigin:
    """Gives a handler's answers at `url` until it is stopped."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Origin(ServedOrigin):
    """Answers any path with bytes that depend on the path alone, and counts."""

    def __init__(self, size=300_000):
        self.requests = []
        origin = self

        class Handler(QuietHandler):
            def do_GET(self):
                origin.requests.append(self.path)
                body = content(self.path, size)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "public, max-age=3600")
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


def content(path, size=300_000):
    unit = f"{path}|".encode()
    return (unit * (size // len(unit) + 1))[:size]


# What systemd does between fork and exec.
ACTIVATION = """
import fcntl, os, sys
names, descriptors, program = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
for index, copy in enumerate([fcntl.fcntl(int(each), fcntl.F_DUPFD, 100) for each in descriptors]):
    os.dup2(copy, 3 + index)
    os.close(copy)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(descriptors)), LISTEN_FDNAMES=names)
os.execv(program[0], program)
"""


def activated(sockets, command):
    """A command and further arguments of `subprocess.Popen` that announce sockets by name as `sd_listen_fds(3)` says."""
    if not sockets:
        return command, {}
    descriptors = [listener.fileno() for listener in sockets.values()]
    wrapped = [sys.executable, "-c", ACTIVATION, ":".join(sockets), ",".join(map(str, descriptors)), *map(str, command)]
    return wrapped, {"pass_fds": descriptors}


class OwnEdge:
    """One process; `configure` may change its document before it is written, and `inherited` names listening sockets that it
    gets as from systemd, `output` its standard output if that is not to be the log."""

    def __init__(self, directory, origin, configure=lambda document: None, distribution=None, environment=None,
                 inherited=None, program=BIN / "weir-edge", output=None):
        self.directory = pathlib.Path(directory)
        self.port, self.tls_port, self.admin_port = [
            inherited[name].getsockname()[1] if name in (inherited or {}) else free_port()
            for name in ("http", "https", "admin")]
        self.document = {
            "distribution": "distribution.json", "loops": 2,
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}", "token": TOKEN},
            "cache": {"directory": "cache", "capacityMebibytes": 64},
            "origins": {"media": {"url": origin.url}},
            "timeouts": {"drainSeconds": 10},
        }
        self.distribution = {
            "Id": "E1", "Origins": [{"Id": "media"}],
            "CachePolicies": [{"Id": "cached", "DefaultTTL": 3600}],
            "DefaultCacheBehavior": {"TargetOriginId": "media", "CachePolicyId": "cached"},
        }
        self.distribution.update(distribution or {})
        configure(self.document)
        if "https" in self.document:
            self.document["https"]["listen"] = f"127.0.0.1:{self.tls_port}"
        self.write()
        self.log = open(self.directory / "edge.log", "ab")
        self.program, self.environment, self.inherited = program, environment, inherited
        self.output = self.log if output is None else output
        self.start()

    def start(self):
        command, passing = activated(self.inherited, [self.program, "--config", self.directory / "edge.json"])
        self.process = subprocess.Popen(
            command, stdout=self.output, stderr=self.log, env=dict(os.environ, **(self.environment or {})), **passing)
        wait_for(self.is_ready, timeout=30, what="the edge to be ready")

    def write(self):
        (self.directory / "edge.json").write_text(json.dumps(self.document))
        (self.directory / "distribution.json").write_text(json.dumps(self.distribution))

    def is_ready(self):
        assert self.process.poll() is None, self.transcript()
        try:
            return requests.get(f"http://127.0.0.1:{self.admin_port}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def transcript(self):
        return (self.directory / "edge.log").read_text(errors="replace")

    def messages(self):
        """The log's lines, parsed."""
        return [json.loads(line) for line in self.transcript().splitlines() if line.startswith("{")]

    def says(self, message):
        return [line for line in self.messages() if line["msg"] == message]

    def admin(self, path, method="POST"):
        return requests.request(method, f"http://127.0.0.1:{self.admin_port}{path}", timeout=30,
                                headers={"Authorization": f"Bearer {TOKEN}"})

    def metric(self, name):
        for line in self.admin("/metrics", "GET").text.splitlines():
            if line.split("{")[0].split(" ")[0] == name:
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=40)
        self.log.close()
        return self.process.returncode

    def connect(self, server_name=None, context=None, session=None):
        """A TLS connection after its handshake."""
        context = context or insecure()
        plain = socket.create_connection(("127.0.0.1", self.tls_port), timeout=10)
        return context.wrap_socket(plain, server_hostname=server_name, session=session)


def insecure():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def ask(connection, path="/a", method="GET", host="edge.test"):
    """One request on an open connection; returns the head's lines and the body."""
    connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    reader = connection.makefile("rb")
    lines = []
    while (line := reader.readline().rstrip(b"\r\n")):
        lines.append(line.decode())
    lengths = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")]
    return lines, reader.read(lengths[0]) if lengths and method != "HEAD" else b""


class Authority:
    """Issues certificates, and says by OCSP that they are good."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(self.key.public_key(), "authority", [], 3650, is_authority=True)

    def _sign(self, public_key, name, hosts, days, is_authority=False):
        now = datetime.datetime.now(datetime.timezone.utc)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        builder = (x509.CertificateBuilder()
                   .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])).issuer_name(issuer)
                   .public_key(public_key).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=days))
                   .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True))
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, directory, name, hosts, days=90):
        """Writes NAME.pem (with the authority's behind it) and NAME.key; returns the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(key.public_key(), hosts[0], hosts, days)
        pem = serialization.Encoding.PEM
        replace(directory / f"{name}.key", key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        replace(directory / f"{name}.pem", certificate.public_bytes(pem) + self.certificate.public_bytes(pem))
        return certificate

    def say_good(self, path, certificate, until):
        """Writes an OCSP response that holds until `until` seconds from now."""
        now = datetime.datetime.now(datetime.timezone.utc)
        until = now + datetime.timedelta(seconds=until)
        since = min(now, until) - datetime.timedelta(hours=1)
        response = (ocsp.OCSPResponseBuilder()
                    .add_response(certificate, self.certificate, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, since,
                                  until, None, None)
                    .responder_id(ocsp.OCSPResponderEncoding.NAME, self.certificate)
                    .sign(self.key, hashes.SHA256()))
        path.write_bytes(response.public_bytes(serialization.Encoding.DER))


def replace(path, data):
    """As a careful operator does: readers see the old file or the new one."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(data)
    temporary.rename(path)
