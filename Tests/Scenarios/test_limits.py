"""What one client and one grant may take of an edge with two loops, and who is served at all; clients have addresses of their
own in 127.0.0.0/8."""
import base64
import concurrent.futures
import http.client
import json
import os
import pathlib
import subprocess
import threading
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from country_database import country_database
from installation import wait_for
from own_edge import Origin, OwnEdge, QuietHandler, ServedOrigin, content, replace

KEY = ec.generate_private_key(ec.SECP256R1())


def cookies(resource="http*://*/*", expires=600):
    """A grant: the cookies of a policy that only this call has signed."""
    statement = {"Resource": resource, "Condition": {"DateLessThan": {"AWS:EpochTime": int(time.time()) + expires}}}
    policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    signature = KEY.sign(policy, ec.ECDSA(hashes.SHA256()))
    values = {"Policy": encoded(policy), "Signature": encoded(signature), "Key-Pair-Id": "K1", "Hash-Algorithm": "SHA256"}
    return "; ".join(f"CloudFront-{name}={value}" for name, value in values.items())


def encoded(data):
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


class Client:
    """One kept connection from an address."""

    def __init__(self, edge, address, grant=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", edge.port, source_address=(address, 0), timeout=60)
        self.headers = {"Cookie": grant} if grant else {}

    def get(self, path="/a", **headers):
        self.connection.request("GET", path, headers={**self.headers, **headers})
        response = self.connection.getresponse()
        return response, response.read()

    def status(self, path="/a"):
        return self.get(path)[0].status


@pytest.fixture
def limited(tmp_path):
    """Makes edges in front of an origin, with limits and further fields of the only behavior."""
    origins, edges = [], []

    def make(limits=None, origin=None, configure=lambda document: None, signed=True, **behavior):
        origin = origin or Origin(3_000_000)
        origins.append(origin)
        (tmp_path / "key.pem").write_bytes(KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))

        def with_key(document):
            document["keyGroups"] = {"playback": {"keys": [{"id": "K1", "file": "key.pem"}]}}
            configure(document)

        default = {"TargetOriginId": "media", "CachePolicyId": "cached", **behavior}
        if limits:
            default["Limits"] = limits
        if signed:
            default["TrustedKeyGroups"] = {"Enabled": True, "Items": ["playback"]}
        edges.append(OwnEdge(tmp_path, origin, with_key, distribution={"DefaultCacheBehavior": default}))
        return edges[-1]

    yield make
    for edge in edges:
        edge.stop()
    for origin in origins:
        origin.stop()


def refusals(edge):
    """Refused requests by limit."""
    counts = {}
    for line in edge.admin("/metrics", "GET").text.splitlines():
        if line.startswith("weir_edge_limit_refusals_total{"):
            counts[line.split('limit="')[1].split('"')[0]] = int(float(line.rsplit(" ", 1)[1]))
    return counts


# A limit of one loop would let twice as much through, or, for a client that happens to be with one loop alone, the same.
def test_an_address_has_one_rate_on_all_loops_together_and_others_have_theirs(limited):
    edge = limited({"RequestsPerAddress": {"PerSecond": 50, "Burst": 100}}, origin=Origin(100), signed=False)
    Client(edge, "127.0.0.9").get()
    clients = [Client(edge, "127.0.0.2") for _ in range(16)]
    neighbour, others = Client(edge, "127.0.0.3"), []
    started = time.monotonic()

    def hammer(client):
        served = refused = 0
        while time.monotonic() - started < 3:
            response, body = client.get()
            served, refused = served + (response.status == 200), refused + (response.status == 429)
            if response.status == 429:
                assert response.headers["Retry-After"] == "1"
                assert response.headers["X-Cache"] == "LimitExceeded from weir"
                assert b"<Code>LimitExceeded</Code>" in body
        return served, refused

    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        results = [pool.submit(hammer, client) for client in clients]
        while time.monotonic() - started < 2.5:
            others.append(neighbour.status())
            time.sleep(0.05)
        counts = [result.result() for result in results]
    seconds = time.monotonic() - started
    served, refused = sum(count[0] for count in counts), sum(count[1] for count in counts)
    print(f"{served} served and {refused} refused in {seconds:.2f} s")
    assert 0.9 * (100 + 50 * 3) <= served <= 100 + 50 * seconds + 1
    assert refused > served
    assert set(others) == {200}
    assert refusals(edge) == {"requests_per_address": refused}


def test_a_grant_is_used_from_as_many_addresses_as_it_may_and_a_silent_one_makes_room(limited):
    edge = limited({"StreamsPerGrant": {"Quantity": 2, "WindowSeconds": 5}}, origin=Origin(100))
    shared, own = cookies(), cookies("http*://*/a")
    # Many connections each, so that both loops see both.
    for address in ["127.0.0.2", "127.0.0.3"]:
        assert {Client(edge, address, shared).status() for _ in range(12)} == {200}
    third = Client(edge, "127.0.0.4", shared)
    response, body = third.get(Origin="https://player.example")
    assert response.status == 429 and 1 <= int(response.headers["Retry-After"]) <= 6
    assert b"Too many concurrent streams" in body
    assert Client(edge, "127.0.0.4", own).status() == 200
    assert Client(edge, "127.0.0.4").status() == 403
    staying = Client(edge, "127.0.0.3", shared)

    def makes_room():
        assert staying.status() == 200
        return third.status() == 200

    started = time.monotonic()
    wait_for(makes_room, timeout=20, every=0.2, what="room for the third address")
    assert time.monotonic() - started >= 3
    assert Client(edge, "127.0.0.2", shared).status() == 429
    assert set(refusals(edge)) == {"streams_per_grant"}


# What a download of an hour is to segments of six seconds: one request, and an address all the same.
def test_a_long_download_counts_as_long_as_it_moves(limited):
    edge = limited({
        "StreamsPerGrant": {"Quantity": 1, "WindowSeconds": 5},
        "BandwidthPerResponse": {"BytesPerSecond": 350_000, "BurstBytes": 16_384}})
    grant = cookies()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        download = pool.submit(lambda: Client(edge, "127.0.0.2", grant).get())
        wait_for(lambda: edge.metric("weir_edge_limit_delays_total") >= 1, what="the download to begin")
        other = Client(edge, "127.0.0.3", grant)
        while not download.done():
            assert other.status("/small") == 429 or download.done()
            time.sleep(0.2)
        response, body = download.result()
    assert (response.status, body) == (200, content("/a", 3_000_000))


def test_bodies_keep_to_their_bandwidth_without_a_busy_loop(limited):
    edge = limited({"BandwidthPerResponse": {"BytesPerSecond": 1_000_000, "BurstBytes": 500_000}})
    warm, grant = 3_000_000, cookies()
    assert Client(edge, "127.0.0.2", grant).status() == 200
    before, started = cpu_seconds(edge), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for response, body in pool.map(lambda _: Client(edge, "127.0.0.2", grant).get(), range(8)):
            assert body == content("/a", warm)
    seconds, spent = time.monotonic() - started, cpu_seconds(edge) - before
    print(f"8 responses of {warm} bytes in {seconds:.2f} s, {spent:.2f} s of processor time")
    assert 2.45 <= seconds <= 4.5
    assert spent <= 0.8


def test_streams_of_one_http2_connection_share_the_bandwidth_of_their_grant(limited, tmp_path):
    edge = limited({"BandwidthPerGrant": {"BytesPerSecond": 2_000_000, "BurstBytes": 500_000}})
    grant = cookies()
    assert Client(edge, "127.0.0.1", grant).status() == 200
    outputs = [tmp_path / f"body{index}" for index in range(2)]
    started = time.monotonic()
    subprocess.run(
        ["curl", "-s", "--fail", "--http2-prior-knowledge", "--parallel", "--parallel-immediate", "-H", f"Cookie: {grant}",
         *(part for output in outputs for part in ["-o", output, f"http://127.0.0.1:{edge.port}/a"])],
        check=True, timeout=60)
    seconds = time.monotonic() - started
    print(f"two streams of 3 MB in {seconds:.2f} s")
    for output in outputs:
        assert output.read_bytes() == content("/a", 3_000_000)
    assert 2.5 <= seconds <= 6


def cpu_seconds(edge):
    fields = pathlib.Path(f"/proc/{edge.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class FilmOrigin(ServedOrigin):
    """Serves a folder with a film as HLS."""

    def __init__(self, folder):
        class Handler(QuietHandler):
            def do_GET(self):
                path = folder / self.path.lstrip("/")
                body = path.read_bytes() if path.is_file() else b""
                self.send_response(200 if path.is_file() else 404)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "public, max-age=60")
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


def test_a_player_is_not_disturbed_while_others_run_into_every_limit(limited, tmp_path):
    film = tmp_path / "film"
    film.mkdir()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=8", "-f", "lavfi", "-i",
         "sine=duration=8", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-map", "0", "-map", "1",
         "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod", "-var_stream_map", "v:0,agroup:a a:0,agroup:a",
         "-master_pl_name", "index.m3u8", film / "%v.m3u8"], check=True)
    edge = limited({
        "RequestsPerAddress": {"PerSecond": 20, "Burst": 40}, "RequestsPerGrant": {"PerSecond": 10, "Burst": 30},
        "StreamsPerGrant": {"Quantity": 1, "WindowSeconds": 30},
        "BandwidthPerResponse": {"BytesPerSecond": 2_000_000}, "BandwidthPerGrant": {"BytesPerSecond": 3_000_000},
    }, origin=FilmOrigin(film))
    grant, isOver = cookies(), threading.Event()
    player = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-xerror", "-re", "-headers", f"Cookie: {grant}\r\n", "-i",
         f"http://127.0.0.1:{edge.port}/index.m3u8", "-map", "0:v", "-map", "0:a", "-f", "framecrc", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: b"0.m3u8" in edge.transcript().encode(), what="the player to begin")

    def hammer(address, grant):
        client, statuses = Client(edge, address, grant), set()
        while not isOver.is_set():
            statuses.add(client.status("/index.m3u8"))
        return statuses

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        thief = pool.submit(hammer, "127.0.0.2", grant)
        scraper = pool.submit(hammer, "127.0.0.3", cookies("http*://*/index.m3u8"))
        try:
            frames, errors = player.communicate(timeout=60)
        finally:
            isOver.set()
    assert player.returncode == 0 and errors == ""
    video = [line for line in frames.splitlines() if line.startswith("0,")]
    assert len(video) == 200
    assert thief.result() == {429}
    assert scraper.result() == {200, 429}
    assert set(refusals(edge)) == {"requests_per_address", "requests_per_grant", "streams_per_grant"}
    played = [line for line in edge.says("request") if line["client"].split(":")[0] == "127.0.0.1"]
    assert len(played) >= 18 and {line["status"] for line in played} <= {200, 206}


def test_clients_are_served_by_their_country_and_a_reload_takes_a_new_database(limited, tmp_path):
    database = tmp_path / "countries.mmdb"
    database.write_bytes(country_database({"127.0.0.2/32": "DE", "127.0.0.3/32": "FR", "::1/128": "AT"}))

    def configure(document):
        document["geo"] = {"databaseFile": database.name}

    edge = limited(origin=Origin(100), configure=configure, signed=False,
                   GeoRestriction={"RestrictionType": "whitelist", "Quantity": 2, "Items": ["DE", "AT"]})
    german, french, unknown = [Client(edge, f"127.0.0.{host}") for host in (2, 3, 4)]
    assert [client.status() for client in (german, french, unknown)] == [200, 403, 403]
    response, body = french.get()
    assert response.headers["X-Cache"] == "Error from weir" and b"block access from your country" in body
    # Written over, as cp does it: what is in force is not touched.
    database.write_bytes(b"half of")
    assert [client.status() for client in (german, french)] == [200, 403]
    refused = edge.admin("/reload")
    assert refused.status_code == 422 and "$.geo.databaseFile" in refused.text
    replace(database, country_database({"127.0.0.2/32": "FR", "127.0.0.3/32": "DE"}))
    assert edge.admin("/reload").status_code == 200
    assert [client.status() for client in (german, french, unknown)] == [403, 200, 403]
    assert edge.metric("weir_edge_geo_blocked_total") >= 1
