"""Load generators, and the check that what they will measure is a hit with the right bytes."""
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import tempfile
import time

import origin as origins
from processes import BenchError, find
from servers import HTTP1, TLS1, TLS2

WRK_SCRIPT = pathlib.Path(__file__).with_name("summary.lua")
# 32 requests in flight: 32 connections, or 8 with four streams each.
CONNECTIONS, H2_CONNECTIONS, H2_STREAMS = 32, 8, 4


def generate(server, protocol, name, seconds, core):
    """Keeps the server busy for `seconds`; returns requests, requests per second and latencies in microseconds."""
    run = h2load if protocol == TLS2 else wrk
    result = run(server.url(protocol, name), server.request_fields, seconds, core)
    least = result["requests"] * origins.OBJECTS[name][0]
    if result["errors"] or not result["requests"] or result["bytes"] < least:
        raise BenchError(f"{server.name}, {protocol} {name}: bad responses under load: {result}\n"
                         f"{server.program.transcript()}")
    return result


def wrk(url, fields, seconds, core, paths=()):
    """Asks for `url`, or for `paths` in their order again and again."""
    headers = [item for key, value in fields.items() for item in ("-H", f"{key}: {value}")]
    output = pinned(core, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", WRK_SCRIPT,
                    *headers, url, *(["--", *paths] if paths else []))
    return json.loads(output.splitlines()[-1])


def h2load(url, fields, seconds, core):
    headers = [item for key, value in fields.items() for item in ("-H", f"{key}: {value}")]
    with tempfile.NamedTemporaryFile("r", prefix="weir-bench-") as log:
        output = pinned(core, "h2load", "-t1", f"-c{H2_CONNECTIONS}", f"-m{H2_STREAMS}", "-D", seconds,
                        f"--log-file={log.name}", *headers, url)
        latencies = sorted(int(line.split("\t")[2]) for line in log)
    return h2load_result(output, latencies, seconds)


def h2load_result(output, latencies, seconds):
    counts = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored",
                       output)
    codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
    size = re.search(r"\((\d+)\) data", output)
    if not counts or not codes or not size:
        raise BenchError(f"h2load said something else than expected:\n{output}")
    requests = int(counts[2])
    return {"requests": requests, "rate": requests / seconds, "bytes": int(size[1]),
            "errors": int(counts[3]) + int(counts[4]) + sum(map(int, codes.groups()[1:])),
            "p50": percentile(latencies, 0.50), "p99": percentile(latencies, 0.99)}


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def pinned(core, program, *arguments):
    run = subprocess.run(["taskset", "-c", str(core), find(program), *map(str, arguments)], capture_output=True,
                         text=True)
    if run.returncode:
        raise BenchError(f"{program} failed: {run.stderr or run.stdout}")
    return run.stdout


def verify(server, protocol, name):
    """Asks until the answer is a hit, and compares every byte. Returns why the case cannot be measured, or None."""
    if protocol not in server.protocols:
        return server.note
    if protocol == TLS2:
        return verify_h2(server, name)
    deadline = time.monotonic() + 10
    while True:
        status, fields, body = get(server, protocol, name)
        if status != 200 or body != origins.content(name):
            raise BenchError(f"{server.name}, {protocol} {name}: status {status}, {len(body)} bytes, not the origin's\n"
                             f"{server.program.transcript()}")
        if server.is_hit(fields):
            return None
        if time.monotonic() > deadline:
            raise BenchError(f"{server.name}, {protocol} {name}: never a hit; {fields}")


def get(server, protocol, name):
    if protocol == HTTP1:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, timeout=10, context=tls_context())
    connection.request("GET", origins.PREFIX + name, headers=server.request_fields)
    if protocol == TLS1 and connection.sock.version() != "TLSv1.3":
        raise BenchError(f"{server.name} speaks {connection.sock.version()}, not TLSv1.3")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {key.lower(): value for key, value in response.getheaders()}, body


def tls_context(protocols=()):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def verify_h2(server, name):
    connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, timeout=10, context=tls_context(["h2"]))
    try:
        connection.connect()
        if connection.sock.selected_alpn_protocol() != "h2":
            return "does not negotiate h2"
    except ssl.SSLError as error:
        return f"does not negotiate h2 ({error.reason})"
    finally:
        connection.close()
    headers = [item for key, value in server.request_fields.items() for item in ("-H", f"{key}: {value}")]
    url = server.url(TLS2, name)
    for _ in range(2):
        body = subprocess.run(["nghttp", *headers, url], capture_output=True).stdout
    shown = subprocess.run(["nghttp", "-nv", "--no-dep", *headers, url], capture_output=True, text=True).stdout
    fields = {key.lower(): value for key, value in re.findall(r"recv \(stream_id=\d+\) ([\w-]+): (.*)", shown)}
    if body != origins.content(name):
        raise BenchError(f"{server.name}, h2 {name}: {len(body)} bytes, not the origin's\n{shown[-2000:]}")
    if not server.is_hit(fields):
        raise BenchError(f"{server.name}, h2 {name}: not a hit; {fields}")
    return None
