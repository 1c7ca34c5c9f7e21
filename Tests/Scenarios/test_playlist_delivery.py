"""A long stream behind the distribution that Weir ships: playlists compressed, segments fetched ahead, variants apart."""
import functools
import hashlib
import json
import subprocess

import pytest

from installation import ROOT, wait_for
from own_edge import OwnEdge, QuietHandler, ServedOrigin

SECONDS = 60
CHROMIUM = "gzip, deflate, br, zstd"


class StaticOrigin(ServedOrigin):
    """Hands out a folder, and `/api/greeting` in the language that is asked for; counts."""

    def __init__(self, folder):
        self.requests = []
        origin = self

        class Handler(QuietHandler):
            def do_GET(self):
                origin.requests.append(self.path)
                if self.path.startswith("/assets/greeting"):
                    language = self.headers.get("Accept-Language", "en")
                    return self.answer(f"/* {language} */\n".encode() * 200, "text/css", ("Vary", "Accept-Language"))
                path = folder / self.path.removeprefix("/media/v1/")
                self.answer(path.read_bytes(), "application/vnd.apple.mpegurl" if path.suffix == ".m3u8" else "video/mp2t")

            def answer(self, body, media_type, *fields):
                self.send_response(200)
                for field in [("Content-Type", media_type), ("Content-Length", str(len(body))),
                              ("Cache-Control", "public, max-age=600"), ("ETag", f'"{hashlib.md5(body).hexdigest()}"'),
                              *fields]:
                    self.send_header(*field)
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """A minute of one-second segments, so that the playlist is worth compressing."""
    folder = tmp_path_factory.mktemp("stream")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=160x90:rate=10:duration={SECONDS}", "-c:v", "libx264",
         "-preset", "ultrafast", "-g", "10", "-hls_time", "1", "-hls_list_size", "0", folder / "index.m3u8"], check=True)
    return folder


@pytest.fixture
def edge(stream, tmp_path):
    """The shipped distribution, opened to everybody and to an origin that checks no signatures. One loop, because what
    follows a segment is known to the loop that has seen its playlist."""
    distribution = json.loads((ROOT / "EdgeConfig/distribution.json").read_text())
    for origin in distribution["Origins"]:
        origin.pop("OriginAccessControl", None)
        origin.pop("OriginPath", None)
    for behavior in distribution["CacheBehaviors"]:
        behavior.pop("TrustedKeyGroups", None)
    origin = StaticOrigin(stream)
    edge = OwnEdge(tmp_path, origin, distribution=distribution,
                   configure=lambda document: document.update(
                       loops=1, origins={"media": {"url": origin.url}, "app": {"url": origin.url}}))
    edge.origin = origin
    yield edge
    assert edge.stop() == 0
    origin.stop()


def curl(edge, path, *options):
    """(status, fields with those of one name joined, body decoded as curl decodes it)."""
    head = edge.directory / "head"
    body = subprocess.run(["curl", "-sS", "-D", head, *options, f"http://127.0.0.1:{edge.port}{path}"], check=True,
                          capture_output=True).stdout
    first, *lines = head.read_text().strip().splitlines()
    fields = {}
    for key, value in (line.split(": ", 1) for line in lines):
        fields[key.lower()] = f"{fields[key.lower()]}, {value}" if key.lower() in fields else value
    return int(first.split()[1]), fields, body


def accepting(codings):
    return ["--compressed", "-H", f"Accept-Encoding: {codings}"]


def test_browsers_get_compressed_playlists_and_segments_as_they_are(edge, stream):
    playlist, get = (stream / "index.m3u8").read_bytes(), functools.partial(curl, edge)
    assert len(playlist) > 1000
    assert get("/media/v1/index.m3u8")[2] == playlist
    tags = {get("/media/v1/index.m3u8")[1]["etag"]}
    for codings, coding in [(CHROMIUM, "br"), ("gzip, deflate", "gzip")]:
        wait_for(lambda: get("/media/v1/index.m3u8", *accepting(codings))[1].get("content-encoding") == coding,
                 timeout=20, what=f"the playlist as {coding}")
        status, fields, body = get("/media/v1/index.m3u8", *accepting(codings))
        assert (status, body) == (200, playlist)
        assert fields["vary"] == "Accept-Encoding, Origin" and fields["x-cache"] == "Hit from weir"
        assert int(fields["content-length"]) < len(playlist) / 3
        tags.add(fields["etag"])
        again, unchanged, _ = get("/media/v1/index.m3u8", *accepting(codings), "-H", f"If-None-Match: {fields['etag']}")
        assert (again, unchanged["etag"]) == (304, fields["etag"])
        status, head, _ = get("/media/v1/index.m3u8", *accepting(codings), "--head")
        assert {key: head.get(key) for key in ("content-length", "content-encoding", "etag", "vary")} == {
            key: fields.get(key) for key in ("content-length", "content-encoding", "etag", "vary")}
    assert len(tags) == 3, "each coding has an entity tag of its own"
    for _ in range(2):
        status, fields, body = get("/media/v1/index0.ts", *accepting(CHROMIUM))
        assert (status, body) == (200, (stream / "index0.ts").read_bytes())
        assert "content-encoding" not in fields and "Accept-Encoding" not in fields.get("vary", "")
    assert edge.origin.requests.count("/media/v1/index.m3u8") == 1
    assert edge.metric("weir_edge_compressed_objects_total") == 1


def test_a_player_that_takes_gzip_decodes_every_frame_and_costs_one_request_for_each_object(edge, stream):
    def play():
        run = subprocess.run(
            ["ffmpeg", "-v", "error", "-xerror", "-headers", "Accept-Encoding: gzip\r\n", "-i",
             f"http://127.0.0.1:{edge.port}/media/v1/index.m3u8", "-map", "0:v:0", "-f", "null", "-progress", "-", "-"],
            capture_output=True, text=True, timeout=120)
        assert run.returncode == 0 and run.stderr == "", run.stderr
        return int([line for line in run.stdout.splitlines() if line.startswith("frame=")][-1][6:])

    assert play() == SECONDS * 10
    wait_for(lambda: curl(edge, "/media/v1/index.m3u8", *accepting("gzip"))[1].get("content-encoding") == "gzip",
             timeout=20, what="the playlist as gzip")
    assert play() == SECONDS * 10
    assert sorted(edge.origin.requests) == sorted(set(edge.origin.requests))
    assert len(edge.origin.requests) == SECONDS + 1


def test_a_player_finds_its_next_segment_stored(edge, stream):
    curl(edge, "/media/v1/index.m3u8")
    for number in range(5):
        path = f"/media/v1/index{number}.ts"
        wait_for(lambda: path in edge.origin.requests, timeout=20, what=f"{path} to be fetched ahead")
        wait_for(lambda: edge.metric("weir_edge_prefetched_objects_total") > number, timeout=20, what=f"{path} to be stored")
        status, fields, body = curl(edge, path)
        assert (status, fields["x-cache"], body) == (200, "Hit from weir", (stream / f"index{number}.ts").read_bytes())
    assert edge.metric("weir_edge_prefetched_used_total") == 5
    assert sorted(edge.origin.requests) == sorted(set(edge.origin.requests))


def test_variants_by_language_are_kept_apart_and_compressed_each(edge):
    languages = ["de", "fr", "en"]

    def is_stored(language):
        _, fields, body = curl(edge, "/assets/greeting.css", "-H", f"Accept-Language: {language}")
        assert body == f"/* {language} */\n".encode() * 200
        return fields["x-cache"] == "Hit from weir"

    for language in languages:
        assert not is_stored(language)
        wait_for(lambda: is_stored(language), timeout=20, what=f"{language} to be stored")
    asked = len(edge.origin.requests)

    def coded(language):
        return curl(edge, "/assets/greeting.css", *accepting(CHROMIUM), "-H", f"Accept-Language: {language}")

    tags = set()
    for language in reversed(languages):
        wait_for(lambda: coded(language)[1].get("content-encoding") == "br", timeout=20, what=f"{language} as br")
        _, fields, body = coded(language)
        assert body == f"/* {language} */\n".encode() * 200
        tags.add(fields["etag"])
        _, plain, body = curl(edge, "/assets/greeting.css", "-H", f"Accept-Language: {language}")
        assert body == f"/* {language} */\n".encode() * 200 and "content-encoding" not in plain
    assert len(tags) == len(languages)
    assert len(edge.origin.requests) == asked
