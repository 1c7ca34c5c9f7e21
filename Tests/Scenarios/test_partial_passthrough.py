"""An upload of which only parts can be taken as they are: those are copied, the others encoded, and nobody sees a seam."""
import json
import re
import subprocess

import pytest
import requests

from browser import Browser
from installation import BIN, SAMPLE, wait_for
from test_passthrough import ffmpeg, pictures

# Seconds and settings of films that are joined: keyframes every two seconds, then one for nine, then groups that are not closed.
PARTS = [
    (12, "veryfast", ["-g", "50", "-bf", "2"]),
    (12, "ultrafast", ["-g", "50", "-profile:v", "main", "-x264-params", "ref=1:open-gop=0"]),
    (9, "ultrafast", ["-g", "500"]),
    (4, "veryfast", ["-g", "50", "-bf", "3", "-x264-params", "open-gop=1"]),
    (12, "medium", ["-g", "50", "-bf", "2"]),
]


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joined")
    names, start = [], 0
    for index, (seconds, preset, settings) in enumerate(PARTS):
        ffmpeg("-stream_loop", "19", "-i", SAMPLE, "-ss", start, "-t", seconds, "-an", "-vf", "scale=960:540,fps=25",
               "-c:v", "libx264", "-preset", preset, "-crf", "27", "-sc_threshold", "0", *settings, "-pix_fmt", "yuv420p",
               folder / f"{index}.mp4")
        names.append(f"file '{index}.mp4'\n")
        start += seconds
    (folder / "list.txt").write_text("".join(names))
    ffmpeg("-f", "concat", "-i", folder / "list.txt", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-map", "0:v", "-map", "1:a",
           "-c:v", "copy", "-c:a", "aac", "-ac", "2", "-t", start, folder / "film.mp4")
    return folder / "film.mp4"


@pytest.fixture(scope="module")
def published(weir, joined):
    token = weir.sign_in()
    video_id = weir.publish(joined, token)
    return video_id, weir.api("GET", f"/api/v1/videos/{video_id}/explain", token).json()


def same(shown, original):
    return sum(one == other for one, other in zip(shown, original, strict=True))


def test_the_largest_size_is_the_upload_where_it_can_be(weir, joined, published):
    video_id, explanation = published
    decision, = [each for each in explanation["decisions"] if each["subject"] == "passthrough"]
    print(decision)
    assert re.fullmatch(r"540p is copied but for \d of \d+ segments", decision["choice"]), decision
    assert "longer than the 6.00 s of a segment" in decision["reason"], decision
    share = explanation["renditions"][-1]["copiedShare"]
    assert share > 0.6 and explanation["renditions"][-1]["copied"] is False

    cookies = weir.cookies(video_id)
    base = f"{weir.ready['edge']}/media/{video_id}/"
    shown = pictures("-headers", f"Cookie: {cookies}\r\n", "-i", base + "540p/index.m3u8")
    original = pictures("-i", joined)
    assert len(shown) == len(original) == 25 * sum(seconds for seconds, _, _ in PARTS)
    assert same(shown, original) >= round(share * len(original))

    playlists = {size: weir.get(f"/media/{video_id}/{size}/index.m3u8", cookies).text for size in ("540p", "234p")}
    lengths = {size: re.findall(r"#EXTINF:([\d.]+),", text) for size, text in playlists.items()}
    assert lengths["540p"] == lengths["234p"] and max(map(float, lengths["540p"])) <= 6
    # One header holds the parameter sets of every part.
    assert playlists["540p"].count("#EXT-X-MAP") == 1 and "DISCONTINUITY" not in playlists["540p"]

    check = subprocess.run([BIN / "weir", "check", "--ready", weir.directory / "ready.json", video_id, "--json"],
                           capture_output=True, text=True, timeout=60)
    assert json.loads(check.stdout)["verdict"] == "conforms", check.stdout + check.stderr


def test_chromium_shows_every_picture_of_it(weir, published):
    video_id, _ = published
    with Browser() as browser:
        browser.open(f"{weir.ready['edge']}/watch/{video_id}")
        wait_for(lambda: browser.evaluate("document.querySelector('video')?.readyState > 0"), what="the film's first data")
        seen = browser.play(f"/media/{video_id}/540p/index.m3u8")
    assert seen == {"frames": 25 * sum(seconds for seconds, _, _ in PARTS), "corrupted": 0, "error": None}


def test_the_file_to_keep_shows_the_same_pictures(weir, published, tmp_path):
    video_id, _ = published
    def download():
        items = weir.api("GET", f"/api/v1/videos/{video_id}/downloads", None).json()
        return next((item for item in items if item["height"] == 540), None)
    item = wait_for(download, 30, what="the download")
    (tmp_path / "film.mp4").write_bytes(requests.get(item["url"], timeout=30).content)
    cookies = weir.cookies(video_id)
    base = f"{weir.ready['edge']}/media/{video_id}/"
    streamed = pictures("-headers", f"Cookie: {cookies}\r\n", "-i", base + "540p/index.m3u8")
    assert pictures("-i", tmp_path / "film.mp4") == streamed
