"""An upload that every player takes as it is becomes the largest size without being encoded again."""
import json
import re
import subprocess
import time

import pytest

from installation import BIN, SAMPLE, media_segments, wait_for


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def pictures(*source):
    """A hash of every decoded picture."""
    run = subprocess.run(["ffmpeg", "-v", "error", "-xerror", *map(str, source), "-map", "0:v:0", "-fps_mode", "passthrough",
                          "-f", "framemd5", "-"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return [line.split(",")[-1].strip() for line in run.stdout.splitlines() if not line.startswith("#")]


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """20 s whose keyframes are where the scenes are, with frames that refer to later ones, and sound that begins before."""
    path = tmp_path_factory.mktemp("uneven") / "film.mp4"
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, "-t", "20", "-vf", "scale=960:540", "-c:v", "libx264", "-preset", "veryfast",
           "-crf", "28", "-g", "140", "-sc_threshold", "0", "-force_key_frames", "3.4,4,9.2,13", "-pix_fmt", "yuv420p",
           "-c:a", "aac", "-ac", "2", "-movflags", "+faststart", path)
    return path


def test_the_largest_size_is_the_upload_picture_for_picture(weir, uneven):
    token = weir.sign_in()
    video_id = weir.publish(uneven, token)
    explanation = weir.api("GET", f"/api/v1/videos/{video_id}/explain", token).json()
    decision, = [each for each in explanation["decisions"] if each["subject"] == "passthrough"]
    assert decision["choice"] == "540p is copied", decision
    assert [each["copied"] for each in explanation["renditions"]] == [False] * (len(explanation["renditions"]) - 1) + [True]

    cookies = weir.cookies(video_id)
    base = f"{weir.ready['edge']}/media/{video_id}/"
    shown = pictures("-headers", f"Cookie: {cookies}\r\n", "-i", base + "540p/index.m3u8")
    assert shown == pictures("-i", uneven) and len(shown) == 500

    lengths = {}
    for size in ("540p", "234p"):
        playlist = weir.get(f"/media/{video_id}/{size}/index.m3u8", cookies).text
        lengths[size] = re.findall(r"#EXTINF:([\d.]+),", playlist)
    assert lengths["540p"] == lengths["234p"]
    # Where the source's keyframes are, the farthest within six seconds each time.
    assert [round(float(length), 2) for length in lengths["540p"]] == [4.0, 5.2, 3.8, 5.6, 1.4], lengths

    check = subprocess.run([BIN / "weir", "check", "--ready", weir.directory / "ready.json", video_id, "--json"],
                           capture_output=True, text=True, timeout=60)
    assert json.loads(check.stdout)["verdict"] == "conforms", check.stdout + check.stderr


def test_it_plays_before_any_size_is_encoded(weir, tmp_path):
    """A long film: encoding its first segments in all sizes takes longer than copying all of it."""
    path = tmp_path / "film.mp4"
    ffmpeg("-stream_loop", "15", "-i", SAMPLE, "-f", "lavfi", "-i", "sine=sample_rate=48000", "-map", "0:v", "-map", "1:a",
           "-c:v", "copy", "-c:a", "aac", "-ac", "2", "-t", "84", path)
    token = weir.sign_in()
    video_id = weir.upload(path, token)
    uploaded = time.monotonic()
    def playable():
        video = weir.video(video_id, token)
        assert video["status"] != "failed", video
        return video if video["playable"] else None
    wait_for(playable, 60, 0.02, "the film to be playable")
    seconds = time.monotonic() - uploaded
    print(f"playable {seconds:.2f} s after the upload")
    cookies = weir.cookies(video_id, token)
    top = weir.get(f"/media/{video_id}/index.m3u8", cookies).text
    assert "720p/index.m3u8" in top
    playlist = weir.get(f"/media/{video_id}/720p/index.m3u8", cookies).text
    segments, _ = media_segments(playlist)
    assert weir.get(f"/media/{video_id}/720p/{segments[0][1]}", cookies).status_code == 200
    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", token).status_code in (200, 202, 204)


@pytest.mark.parametrize("why, arguments", [
    ("IDR", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "500", "-sc_threshold", "0", "-t", "14"]),
    ("pixels", ["-c:v", "libx264", "-preset", "ultrafast", "-vf", "scale=640:360,setsar=4/3", "-t", "4"]),
    ("fields", ["-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ildct+ilme", "-t", "4"]),
    ("kb/s", ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "5", "-t", "4"]),
])
def test_what_is_not_copied_says_why(tmp_path, why, arguments):
    ffmpeg("-stream_loop", "3", "-i", SAMPLE, *arguments, "-pix_fmt", "yuv420p", "-an", tmp_path / "film.mp4")
    run = subprocess.run([BIN / "weir-transcoder", "--input", tmp_path / "film.mp4", "--output", tmp_path / "out"],
                         capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    reason = re.search(r'"subject":"passthrough","choice":"no, every size is encoded","reason":"([^"]*)"', run.stdout)
    assert reason and why in reason[1], run.stdout
