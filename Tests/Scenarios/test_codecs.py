"""Ladders in other codecs than H.264, for videos whose owners want them: measured by the check, decoded by ffmpeg."""
import json
import re
import subprocess

import pytest

from browser import Browser
from installation import BIN, SAMPLE, variants, wait_for


def pictures(source, cookies):
    """How many pictures a rendition has, every one of them decoded without complaint."""
    run = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-headers", f"Cookie: {cookies}\r\n", "-i", source, "-map", "0:v:0",
                          "-fps_mode", "passthrough", "-f", "framemd5", "-"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return sum(not line.startswith("#") for line in run.stdout.splitlines())


@pytest.fixture(scope="module")
def film(weir, tmp_path_factory):
    """14 s uploaded with a wish for HEVC and AV1, and ready: (video id, token)."""
    path = tmp_path_factory.mktemp("codecs") / "film.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "2", "-i", SAMPLE, "-t", "14", "-vf", "scale=960:540", "-c:v", "libx264",
                    "-preset", "ultrafast", "-g", "400", "-c:a", "aac", "-ac", "2", path], check=True)
    token = weir.sign_in()
    video_id = weir.publish(path, token, transcode={"codecs": ["hevc", "av1"]})
    return video_id, token


def test_every_size_in_every_codec_shows_every_picture(weir, film):
    video_id, token = film
    video = weir.video(video_id, token)
    assert video["transcode"]["codecs"] == ["h264", "hevc", "av1"]
    names = [rendition["name"] for rendition in video["renditions"]]
    others = [f"{codec}-{size}p" for codec in ("hevc", "av1") for size in (360, 432, 540)]
    assert [name for name in names if name.startswith(("hevc", "av1"))] == others
    cookies = weir.cookies(video_id)
    for name in ("540p", *others):
        assert pictures(f"{weir.ready['edge']}/media/{video_id}/{name}/index.m3u8", cookies) == 350, name


def test_the_check_finds_nothing_and_names_every_codec(weir, film):
    video_id, _ = film
    check = subprocess.run([BIN / "weir", "check", "--ready", weir.directory / "ready.json", video_id, "--json"],
                           capture_output=True, text=True, timeout=120)
    report = json.loads(check.stdout)
    assert report["verdict"] == "conforms", check.stdout + check.stderr
    # 10.1 is about short playlists without compression.
    assert {finding["rule"] for finding in report["findings"] if re.search("hevc|av1", json.dumps(finding))} <= {"10.1"}, report["findings"]
    found = [attributes for attributes, _ in variants(weir.get(f"/media/{video_id}/index.m3u8", weir.cookies(video_id)).text)
             if "SCORE" in attributes]
    assert found[0]["CODECS"].startswith("avc1.")
    hevc = [attributes for attributes in found if attributes["CODECS"].startswith("hvc1.1.6.L")]
    av1 = [attributes for attributes in found if attributes["CODECS"].startswith("av01.0.")]
    assert len(hevc) == len(av1) == 3
    assert len({attributes["SCORE"] for attributes in found}) == len(found)


def test_chromium_shows_every_picture_in_av1(weir, film):
    video_id, _ = film
    with Browser() as browser:
        browser.open(f"{weir.ready['edge']}/watch/{video_id}")
        wait_for(lambda: browser.evaluate("document.querySelector('video')?.readyState > 0"), what="the film's first data")
        for size in ("360p", "540p"):
            seen = browser.play(f"/media/{video_id}/av1-{size}/index.m3u8")
            assert seen == {"frames": 350, "corrupted": 0, "error": None}, size


def test_downloads_are_files_that_every_player_takes(weir, film):
    video_id, token = film
    heights = [each["height"] for each in weir.api("GET", f"/api/v1/videos/{video_id}/downloads", token).json()]
    assert len(heights) == len(set(heights)) and set(heights) <= {234, 360, 432, 540}


def test_a_codec_that_is_not_made_is_refused(weir):
    answer = weir.api("POST", "/api/v1/uploads", weir.sign_in(), json={
        "fileName": "film.mp4", "contentType": "video/mp4", "size": 9, "transcode": {"codecs": ["vp9"]}})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("transcode.codecs[0] must be one of h264, hevc"), answer.text


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_a_part_that_is_done_again_has_the_same_bytes(codec, tmp_path):
    """The jailed children, some side by side and one after the other."""
    path = tmp_path / "film.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "2", "-i", SAMPLE, "-t", "13", "-vf", "scale=640:360", "-c:v", "libx264",
                    "-preset", "ultrafast", "-an", path], check=True)
    made = []
    for units in ("1", "3"):
        folder = tmp_path / units
        run = subprocess.run([BIN / "weir-transcoder", "--input", path, "--output", folder, "--codecs", codec, "--units", units],
                             capture_output=True, text=True, timeout=240)
        assert run.returncode == 0, run.stderr
        made.append({str(file.relative_to(folder)): file.read_bytes() for file in sorted((folder / f"{codec}-360p").iterdir())})
    assert made[0] == made[1] and len(made[0]) == 5, list(made[0])
