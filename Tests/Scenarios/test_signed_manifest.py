"""Players that send no cookies get a manifest that carries what opens the rest."""
import subprocess

import pytest

from installation import media_segments, variants


@pytest.fixture
def manifest(weir, film):
    video_id, token = film
    answer = weir.api("POST", f"/api/v1/videos/{video_id}/playback", token, json={"mode": "url"})
    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers
    return answer.json()["manifestUrl"]


def frames(url, *options):
    run = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", *options, "-i", url, "-map", "0:v:0", "-f", "null", "-progress", "-", "-"],
        capture_output=True, text=True, timeout=180)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return int([line for line in run.stdout.splitlines() if line.startswith("frame=")][-1][6:])


def test_ffmpeg_plays_to_the_end_without_cookies(weir, film, source, manifest):
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames",
         "-of", "csv=p=0", source], capture_output=True, text=True, check=True)
    assert abs(frames(manifest) - int(probe.stdout.strip().strip(","))) <= 1
    probe = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", manifest],
                           capture_output=True, text=True, timeout=60)
    assert probe.returncode == 0 and float(probe.stdout) > 1, probe.stderr


def test_every_address_carries_the_grant_and_opens_with_it(weir, film, manifest):
    edge = weir.ready["edge"]
    assert manifest.startswith(edge)
    path, grant = manifest.removeprefix(edge).split("?")
    top = weir.get(f"{path}?{grant}")
    assert top.headers["Cache-Control"].startswith("private")
    folder = path.rsplit("/", 1)[0] + "/"
    assert variants(top.text)
    for _, uri in variants(top.text):
        assert uri.endswith("?" + grant)
        playlist = weir.get(folder + uri)
        assert playlist.status_code == 200
        inner = (folder + uri).split("?")[0].rsplit("/", 1)[0] + "/"
        segments, init = media_segments(playlist.text)
        for name in [init, *(name for _, name in segments)]:
            assert name.endswith("?" + grant)
            assert weir.get(inner + name).status_code == 200
            assert weir.get(inner + name.split("?")[0]).status_code == 403


def test_who_comes_with_cookies_gets_the_playlist_as_it_is(weir, film, manifest):
    path, grant = manifest.removeprefix(weir.ready["edge"]).split("?")
    granted, plain = weir.get(f"{path}?{grant}"), weir.get(path, weir.cookies(*film))
    assert granted.text.replace("?" + grant, "") == plain.text and grant not in plain.text
    assert granted.headers["ETag"] != plain.headers["ETag"]
    assert plain.headers["X-Cache"].startswith(("Hit", "RefreshHit")), "the granted one was stored apart"


def test_it_plays_over_http2_and_tls_too(weir, film, manifest):
    path = manifest.removeprefix(weir.ready["edge"])
    for options in (["--http2"], ["--http1.1"], ["--http2", "--compressed"]):
        run = subprocess.run(["curl", "-ksS", *options, "-w", "%{http_version} %{response_code}", weir.ready["edgeTLS"] + path],
                             capture_output=True, text=True, timeout=30)
        assert run.returncode == 0, run.stderr
        version = "2" if "--http2" in options else "1.1"
        assert run.stdout.endswith(f"{version} 200"), run.stdout[-40:]
        assert path.split("?")[1] in run.stdout
    assert frames(weir.ready["edgeTLS"] + path, "-tls_verify", "0") > 0


def test_head_conditions_and_ranges_are_about_what_the_viewer_gets(weir, manifest):
    path = manifest.removeprefix(weir.ready["edge"])
    answer = weir.get(path)
    head = weir.get(path, method="HEAD")
    assert head.status_code == 200 and head.headers["ETag"] == answer.headers["ETag"] and "Content-Length" not in head.headers
    assert weir.get(path, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    ranged = weir.get(path, Range="bytes=0-6")
    assert ranged.status_code == 200 and ranged.text == answer.text
