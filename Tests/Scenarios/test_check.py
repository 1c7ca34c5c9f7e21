"""weir check: what it finds in presentations that the ffmpeg program makes, in planted faults, and at addresses of web servers."""
import functools
import gzip
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import threading

import pytest

from installation import BIN, SAMPLE


def check(*arguments, expect=None):
    done = subprocess.run([BIN / "weir", "check", *arguments], capture_output=True, text=True, timeout=120)
    assert expect is None or done.returncode == expect, done.stdout + done.stderr
    return done


def report(*arguments):
    """The report, the rules of the findings, and the exit code."""
    done = check("--json", *arguments)
    value = json.loads(done.stdout)
    assert done.returncode == {"conforms": 0, "violates": 2, "unchecked": 1}[value["verdict"]]
    return value, {finding["rule"] for finding in value["findings"] if finding["level"] != "NOTE"}


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


# A rate that is asked for and, since quality decides, not kept.
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2000k", "-crf", "35", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0"]


@pytest.fixture(scope="module")
def fragments(tmp_path_factory):
    """Two sizes of pictures at 50 frames per second with sound beside them, as ffmpeg packs them into fragmented MP4."""
    folder = tmp_path_factory.mktemp("fragments")
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, "-t", "14", "-filter_complex",
           "[0:v]fps=50,split[a][b];[a]scale=640:360[large];[b]scale=320:180[small]",
           "-map", "[large]", "-map", "[small]", "-map", "0:a", *X264, "-g", "100", "-keyint_min", "100",
           "-c:a", "aac", "-ac", "2", "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod",
           "-hls_segment_type", "fmp4", "-master_pl_name", "master.m3u8",
           "-var_stream_map", "v:0,agroup:a v:1,agroup:a a:0,agroup:a,default:yes",
           "-hls_segment_filename", folder / "%v/%d.m4s", folder / "%v/index.m3u8")
    return folder


@pytest.fixture(scope="module")
def transport(tmp_path_factory):
    """Pictures and sound in one transport stream, as ffmpeg packs them when it is asked for nothing else."""
    folder = tmp_path_factory.mktemp("transport")
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, "-t", "14", "-vf", "scale=640:360", *X264, "-c:a", "aac", "-ac", "2",
           "-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-master_pl_name", "master.m3u8",
           "-hls_segment_filename", folder / "%d.ts", folder / "index.m3u8")
    return folder


@pytest.fixture
def copy(fragments, tmp_path):
    return pathlib.Path(shutil.copytree(fragments, tmp_path / "copy"))


def test_what_the_ffmpeg_program_leaves_out_of_fragmented_mp4_is_found(fragments):
    value, rules = report(fragments)
    # No AVERAGE-BANDWIDTH, FRAME-RATE, I-frame lists, INDEPENDENT-SEGMENTS, LANGUAGE; BANDWIDTH is what the encoder was asked for;
    # the sound lasts a frame longer than the pictures; an empty edit delays everything.
    assert {"9.14", "9.15", "6.1", "9.12", "8.10", "8.3", "1.27", "ISO/IEC 14496-12 §8.6.6"} <= rules, rules
    # What is right is not found wrong.
    assert not rules & {"9.1", "9.2", "7.3", "7.4", "1.13", "8.20", "8.6", "RFC 8216 §4", "RFC 8216 §3.3"}, rules
    large = next(rendition for rendition in value["renditions"] if rendition.get("width") == 640)
    assert (large["height"], large["frameRate"], large["container"]) == (360, 50, "fmp4")
    assert large["longestKeyFrameSeconds"] == 2
    assert value["measured"]["segments"] == 9


def test_what_the_ffmpeg_program_leaves_out_of_a_transport_stream_is_found(transport):
    value, rules = report(transport / "master.m3u8")
    assert {"9.14", "9.15", "6.1", "9.12", "9.9", "9.5"} <= rules, rules
    assert not rules & {"9.1", "9.2", "7.2", "7.4", "8.1", "8.6", "RFC 8216 §4", "RFC 8216 §3.2"}, rules
    only = value["renditions"][0]
    assert only["container"] == "mpegts"
    assert (only["width"], only["height"], only["channels"], only["sampleRate"]) == (640, 360, 2, 48000)
    assert [codec.split(".")[0] for codec in only["codecs"]] == ["avc1", "mp4a"]


def test_sound_without_a_container_is_measured(tmp_path):
    ffmpeg("-i", SAMPLE, "-vn", "-c:a", "aac", "-ac", "2", "-f", "segment", "-segment_time", "2", "-segment_format", "adts",
           "-segment_list_type", "hls", "-segment_list", tmp_path / "index.m3u8", tmp_path / "%d.aac")
    value, rules = report(tmp_path)
    only = value["renditions"][0]
    assert (only["container"], only["codecs"], only["sampleRate"]) == ("packed-audio", ["mp4a.40.2"], 48000)
    assert "RFC 8216 §3.4" in rules, "ffmpeg's segment muxer writes no tag with the time"


# Faults

def edit(path, pattern, replacement):
    text = path.read_text()
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    path.write_text(changed)


FAULTS = {
    "BANDWIDTH": ("1.27", lambda folder: edit(folder / "master.m3u8", r"BANDWIDTH=\d+", "BANDWIDTH=50000")),
    "EXTINF": ("8.1", lambda folder: edit(folder / "0/index.m3u8", r"EXTINF:6\.0+", "EXTINF:6.100000")),
    "CODECS": ("9.1", lambda folder: edit(folder / "master.m3u8", r"avc1\.\w+", "avc1.640033")),
    "RESOLUTION": ("9.2", lambda folder: edit(folder / "master.m3u8", "640x360", "640x368")),
    "EXT-X-MAP": ("8.20", lambda folder: edit(folder / "0/index.m3u8", r"#EXT-X-MAP.*\n", "")),
    "PLAYLIST-TYPE": ("8.6", lambda folder: edit(folder / "0/index.m3u8", r"#EXT-X-PLAYLIST-TYPE.*\n", "")),
    "a missing segment": ("RFC 8216 §6.2.1", lambda folder: (folder / "0/1.m4s").unlink()),
    "a truncated segment": ("ISO/IEC 14496-12 §8.8.8", lambda folder: (folder / "0/1.m4s").write_bytes(
        (folder / "0/1.m4s").read_bytes()[:-1000])),
    "segments in the wrong order": ("7.3", lambda folder: (
        (folder / "0/1.m4s").rename(folder / "x"), (folder / "0/0.m4s").rename(folder / "0/1.m4s"),
        (folder / "x").rename(folder / "0/0.m4s"))),
    "a quote too few": ("RFC 8216 §4", lambda folder: edit(folder / "master.m3u8", r'(CODECS="[^"]*)"', r"\1")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name, copy):
    rule, plant = FAULTS[name]
    _, before = report(copy)
    plant(copy)
    _, after = report(copy)
    assert rule in after and (rule not in before or name == "BANDWIDTH"), after


def test_a_missing_idr_is_found(tmp_path):
    """Segments cut where the encoder put no key frame: the packager marks them as sync samples all the same."""
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, "-t", "12", "-an", "-vf", "scale=320:180", "-c:v", "libx264", "-preset",
           "ultrafast", "-g", "250", "-keyint_min", "250", "-sc_threshold", "0", "-f", "hls", "-hls_time", "4", "-hls_flags",
           "split_by_time", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", tmp_path / "index.m3u8")
    _, rules = report(tmp_path)
    assert {"7.4", "1.13"} <= rules


# Addresses

class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder to those who bring the cookie, with what a test asks for besides."""
    protocol_version = "HTTP/1.1"
    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mp4": "video/mp4", "": "text/plain"}

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.seen.append((self.path, self.headers.get("Cookie"), self.headers.get("X-Extra")))
        if server.cookie and self.headers.get("Cookie") != server.cookie:
            return self.answer(403, b"no")
        name = self.path.split("?")[0]
        if name in server.moved:
            return self.answer(302, b"", Location=server.moved[name])
        path = pathlib.Path(self.directory) / name.lstrip("/")
        if not path.is_file():
            return self.answer(404, b"no")
        content, headers = path.read_bytes(), {"Content-Type": self.guess_type(str(path))}
        if server.compresses and path.suffix == ".m3u8" and "gzip" in self.headers.get("Accept-Encoding", ""):
            content, headers["Content-Encoding"] = gzip.compress(content), "gzip"
        self.answer(200, content, **headers)

    def answer(self, status, content, **headers):
        self.send_response(status)
        for field, value in headers.items():
            self.send_header(field.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def serve():
    """Serves folders on ports of their own."""
    servers = []

    def start(folder, cookie=None, compresses=True, moved={}):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
        server.cookie, server.compresses, server.moved, server.seen = cookie, compresses, moved, []
        server.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_address_is_checked_with_how_it_is_delivered(fragments, copy, serve):
    _, of_folder = report(fragments)
    # What fits into a packet need not be compressed.
    edit(copy / "master.m3u8", "#EXTM3U", "#EXTM3U\n# " + 1000 * "x")
    _, rules = report(f"{serve(copy).base}/master.m3u8")
    assert rules == of_folder | {"11.1"}
    _, plain = report(f"{serve(copy, compresses=False).base}/master.m3u8")
    assert plain == rules | {"10.1"}
    value, plain = report(f"{serve(fragments, compresses=False).base}/master.m3u8")
    assert plain == rules and any(finding["rule"] == "10.1" for finding in value["findings"])


def test_redirects_of_media_are_found_and_followed(fragments, serve):
    _, rules = report(f"{serve(fragments, moved={'/0/1.m4s': '/0/1.m4s?again', '/0/0.m4s': '/0/2.m4s'}).base}/master.m3u8")
    assert "8.18" in rules


def test_cookies_and_headers_go_to_the_first_host_alone(fragments, serve, tmp_path):
    away = serve(fragments)
    home_folder = shutil.copytree(fragments, tmp_path / "home")
    edit(home_folder / "master.m3u8", r"\n1/index.m3u8", f"\n{away.base}/1/index.m3u8")
    home = serve(home_folder, cookie="a=1; b=2")
    value, rules = report("--cookie", "a=1; b=2", "--header", "X-Extra: yes", f"{home.base}/master.m3u8")
    assert "RFC 8216 §6.2.1" not in rules
    assert {seen[1:] for seen in home.seen} == {("a=1; b=2", "yes")}
    assert {seen[1:] for seen in away.seen} == {(None, None)} and away.seen


def test_what_cannot_be_checked_says_so(serve, fragments, tmp_path):
    refused = serve(fragments, cookie="a=1")
    done = check(f"{refused.base}/master.m3u8", expect=1)
    assert "403" in done.stderr
    (tmp_path / "index.m3u8").write_text("<html>")
    assert "#EXTM3U" in check(tmp_path, expect=1).stderr
    (tmp_path / "empty").mkdir()
    assert "index.m3u8" in check(tmp_path / "empty", expect=1).stderr


def test_a_presentation_cannot_name_files_outside_of_its_folder(fragments, tmp_path):
    shutil.copytree(fragments, tmp_path / "film")
    (tmp_path / "secret.m4s").write_bytes((fragments / "0/1.m4s").read_bytes())
    edit(tmp_path / "film/0/index.m3u8", r"\n1\.m4s", "\n../../secret.m4s")
    value, rules = report(tmp_path / "film")
    assert "RFC 8216 §6.2.1" in rules
    assert any("outside" in finding["message"] for finding in value["findings"])


def test_a_part_is_measured_when_asked(fragments):
    value, rules = report("--segments", "1", fragments)
    assert value["measured"]["segments"] == 3 and value["measured"]["skippedSegments"] == 6
    assert any(finding["rule"] == "measurement" for finding in value["findings"])


def test_rules_are_left_out_when_asked_and_named(fragments):
    value, rules = report("--waive", "6.1", "--waive", "9.14", fragments)
    assert not rules & {"6.1", "9.14"} and value["waivedRules"] == ["6.1", "9.14"]


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--segments", "0", "."], ["--waive", "99.9", "."], ["--nonsense", "."],
                                       ["--cookie", "a=b", "."]])
def test_a_wrong_command_line_is_refused(arguments):
    assert "weir check" in check(*arguments, expect=64).stderr


def test_people_get_the_worst_first(fragments):
    text = check(fragments, expect=2).stdout
    assert text.index("MUST") < text.index("[9.14]") < text.index("SHOULD") < text.index("measured\n")
    assert re.search(r"measured 9 segments of 4 playlists, \d+ bytes", text)


# Encryption

def test_encrypted_segments_are_decrypted_with_the_key_that_is_served(tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(16)))
    (tmp_path / "info").write_text(f"key\n{tmp_path / 'key'}\n")
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, "-t", "12", "-an", "-vf", "scale=320:180", *X264, "-f", "hls", "-hls_time", "6",
           "-hls_playlist_type", "vod", "-hls_key_info_file", tmp_path / "info", tmp_path / "index.m3u8")
    value, rules = report(tmp_path)
    only = value["renditions"][0]
    assert (only["container"], only["width"]) == ("mpegts", 320)
    (tmp_path / "key").write_bytes(bytes(16))
    value, rules = report(tmp_path)
    assert "container" not in value["renditions"][0]
    assert "RFC 8216 §4.3.2.4" in rules


# The installation

def test_a_video_is_checked_through_the_edge(weir, film):
    video_id, _ = film
    ready = ["--ready", str(weir.directory / "ready.json")]
    done = check(*ready, video_id, expect=0)
    assert re.search(r"second pass (\d+) hits of \1\n", done.stdout), done.stdout
    value = json.loads(check("--json", *ready, video_id).stdout)
    assert value["measured"]["segments"] >= 3
