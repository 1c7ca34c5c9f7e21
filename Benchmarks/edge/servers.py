"""The servers that are compared, each configured for one worker, one core, and the same origin."""
import getpass
import http.client
import json
import re
import subprocess

import origin as origins
import signing
from ports import free_port
from processes import Program, find

HTTP1, TLS1, TLS2 = "h1", "h1+tls", "h2+tls"
ADMIN_TOKEN = "benchmark-benchmark"
PROTOCOLS = [HTTP1, TLS1, TLS2]


class Server:
    """What a measurement needs to know of a server: where it is, what a request carries, how a hit looks."""
    name = ""
    request_fields = {}
    protocols = {HTTP1, TLS1, TLS2}
    note = ""

    def __init__(self, setting):
        self.port, self.tls_port = free_port(), free_port()
        self.origin = setting.origin
        self.directory = setting.directory / self.name
        self.directory.mkdir()
        self.program = self.start(setting)
        self.program.wait_until_listening(self.port, *([self.tls_port] if TLS1 in self.protocols else []))

    def launch(self, setting, *arguments, **environment):
        return Program(self.name, arguments, setting.server_core, self.directory / "output.log", environment)

    def url(self, protocol, name):
        scheme, port = ("http", self.port) if protocol == HTTP1 else ("https", self.tls_port)
        return f"{scheme}://127.0.0.1:{port}{origins.PREFIX}{name}"

    def request(self, name):
        """A request as it goes over a plain connection."""
        fields = "".join(f"{key}: {value}\r\n" for key, value in self.request_fields.items())
        return f"GET {origins.PREFIX}{name} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()

    def is_hit(self, fields):
        return fields.get("x-cache", "").lower().startswith("hit")

    def stop(self):
        self.program.stop()


class Nginx(Server):
    """Debian's nginx.conf with `proxy_cache` added; the access log is on, as shipped."""
    name = "nginx"
    http_extra = """
        access_log {directory}/access.log;
    """
    location_extra = ""
    worker_connections = 768

    def start(self, setting):
        configuration = self.directory / "nginx.conf"
        configuration.write_text(NGINX.format(
            user=getpass.getuser(), directory=self.directory, port=self.port, tls_port=self.tls_port,
            certificate=setting.certificate, key=setting.certificate_key, origin=setting.origin.port,
            extra=self.http_extra.format(directory=self.directory), location_extra=self.location_extra,
            worker_connections=self.worker_connections))
        return self.launch(setting, "nginx", "-c", configuration, "-e", self.directory / "error.log", "-g", "daemon off;")


class TunedNginx(Nginx):
    name = "nginx-tuned"
    http_extra = """
        access_log {directory}/access.log combined buffer=64k flush=1s;
        open_file_cache max=10000 inactive=60s;
        open_file_cache_valid 60s;
        open_file_cache_min_uses 1;
        output_buffers 2 256k;
        tcp_nodelay on;
        ssl_session_cache shared:tls:1m;
    """


class CollapsingNginx(Nginx):
    """As shipped, but with room for a crowd, and made to ask once for what many want: `proxy_cache_lock` is off by default."""
    location_extra = "proxy_cache_lock on;"
    worker_connections = 16_384


class Varnish(Server):
    """Malloc storage, as shipped; open-source Varnish 7 has no TLS, and its log stays in shared memory."""
    name = "varnish"
    protocols = {HTTP1}
    note = "no TLS in open-source Varnish"

    def start(self, setting):
        vcl = self.directory / "default.vcl"
        vcl.write_text(VARNISH.format(origin=setting.origin.port))
        return self.launch(setting, "varnishd", "-F", "-j", "none", "-n", self.directory / "work", "-f", vcl, "-a",
                           f"127.0.0.1:{self.port}", "-T", "none", "-s", "malloc,256m", "-p", "thread_pools=1")


class Weir(Server):
    """Signed cookies are checked on every request; the access log goes to a file and metrics are counted; playlists are
    compressed and segments fetched ahead, as in the distribution that Weir ships."""
    name = "weir-edge"
    capacity_mebibytes = 512

    def start(self, setting):
        self.admin_port = free_port()
        configuration = self.directory / "edge.json"
        configuration.write_text(json.dumps(self.configuration(setting)))
        (self.directory / "distribution.json").write_text(json.dumps(self.distribution()))
        self.request_fields = {"Cookie": signing.cookies(setting.signing_key, f"http*://*{origins.PREFIX}*")}
        return self.launch(setting, setting.weir_edge, "--config", configuration, **setting.environment)

    def configuration(self, setting):
        return {
            "distribution": "distribution.json", "loops": 1,
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "https": {"listen": f"127.0.0.1:{self.tls_port}", "certificateFile": str(setting.certificate),
                      "keyFile": str(setting.certificate_key)},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}", "token": ADMIN_TOKEN},
            "cache": {"directory": "cache", "capacityMebibytes": self.capacity_mebibytes},
            "limits": {"connections": 20_000},
            "timeouts": {"idleSeconds": 600},
            "origins": {"media": {"url": f"http://127.0.0.1:{setting.origin.port}"}},
            "keyGroups": {"playback": {"keys": [{"id": signing.KEY_PAIR_ID, "file": str(setting.signing_public_key)}]}},
        }

    def distribution(self):
        return DISTRIBUTION

    def admin(self, path):
        """What the admin listener says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        connection.request("GET", path, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def metric(self, name):
        """The value of a metric without labels."""
        lines = self.admin("/metrics").splitlines()
        return next(float(line.split()[1]) for line in lines if line.split()[0] == name)

    def cache_file_bytes(self):
        """How long the store's files are, chunks and index."""
        return sum(path.stat().st_size for path in (self.directory / "cache").glob("shard-*/*.mdb"))


class UnpinnedWeir(Weir):
    """One of several in a run, each with a name of its own, on all cores; beside `other`, which its configuration names."""

    def __init__(self, setting, other, name):
        self.other, self.name = other, name
        super().__init__(setting)

    def launch(self, setting, *arguments, **environment):
        cores = f"{setting.server_core},{setting.load_core}"
        return Program(self.name, arguments, cores, self.directory / "output.log", environment)


class SmallWeir(Weir):
    """With the smallest cache there is, which soon is full."""
    capacity_mebibytes = 64


class Floor(Server):
    """A bare recv, send and epoll_wait over the very bytes weir-edge sends: what no server can be cheaper than."""
    name = "floor"
    protocols = {HTTP1}
    note = "plain HTTP/1.1 only"

    def start(self, setting):
        responses = self.directory / "responses"
        responses.mkdir()
        for name in origins.OBJECTS:
            (responses / name).write_bytes(floor_response(name))
        return self.launch(setting, setting.floor, self.port, responses)

    def is_hit(self, fields):
        return True


def floor_response(name):
    body = origins.content(name)
    fields = [*origins.fields(name), ("Content-Length", str(len(body))), ("Age", "10"), ("Accept-Ranges", "bytes"),
              ("X-Cache", "Hit from weir"), ("Cache-Status", "weir; hit; ttl=86390"), ("Server", "weir"),
              ("Date", "Sat, 21 Nov 2026 08:00:00 GMT"), ("X-Request-Id", "0" * 32)]
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{key}: {value}\r\n" for key, value in fields) + "\r\n"
    return head.encode() + body


BY_NAME = {server.name: server for server in [Nginx, TunedNginx, Varnish, Weir, Floor]}
PROGRAMS = {"nginx": "nginx", "nginx-tuned": "nginx", "varnish": "varnishd"}


def versions(names):
    found = {}
    for name in names:
        if name not in PROGRAMS:
            continue
        flag = "-V" if PROGRAMS[name] == "varnishd" else "-v"
        run = subprocess.run([find(PROGRAMS[name]), flag], capture_output=True, text=True)
        match = re.search(r"(?:nginx/|varnish-)(\S+)", run.stdout + run.stderr)
        found[name] = match.group(1).rstrip(")") if match else "unknown"
    return found


# `keepalive_requests` is raised from 1,000 so that no connection ends, and no TLS handshake happens, during a measurement.
NGINX = """
user {user};
worker_processes 1;
pid {directory}/nginx.pid;
events {{ worker_connections {worker_connections}; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    gzip on;
    {extra}
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    proxy_cache_path {directory}/cache levels=1:2 keys_zone=media:10m max_size=1g inactive=1d;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl http2;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{
            proxy_pass http://127.0.0.1:{origin};
            proxy_cache media;
            add_header X-Cache $upstream_cache_status;
            {location_extra}
        }}
    }}
}}
"""

VARNISH = """
vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{origin}"; }}
sub vcl_deliver {{
    if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }} else {{ set resp.http.X-Cache = "MISS"; }}
}}
"""

DISTRIBUTION = {
    "Id": "EBENCHMARK0001",
    "Origins": [{"Id": "media"}],
    "CachePolicies": [{
        "Id": "media", "MinTTL": 0, "DefaultTTL": 86_400, "MaxTTL": 31_536_000,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True, "EnableAcceptEncodingBrotli": True}}],
    "ResponseHeadersPolicies": [{
        "Id": "media",
        "CorsConfig": {"AccessControlAllowOrigins": ["*"], "AccessControlAllowCredentials": True},
        "CustomHeaders": [{"Header": "X-Content-Type-Options", "Value": "nosniff"}]}],
    "CacheBehaviors": [{
        "PathPattern": "/media/*", "TargetOriginId": "media", "CachePolicyId": "media", "Compress": True,
        "Prefetch": {"Enabled": True},
        "ResponseHeadersPolicyId": "media", "TrustedKeyGroups": {"Enabled": True, "Items": ["playback"]}}],
    "DefaultCacheBehavior": {"TargetOriginId": "media"},
}
