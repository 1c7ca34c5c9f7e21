"""What is made beside the sizes: a thumbnail for pages, a storyboard for seek bars, keyframes for playing fast."""
import re
import subprocess

import requests


def size_of(jpeg, tmp_path):
    (tmp_path / "picture.jpg").write_bytes(jpeg)
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0",
         tmp_path / "picture.jpg"], capture_output=True, text=True, check=True)
    codec, width, height = answer.stdout.strip().split(",")
    assert codec == "mjpeg" and answer.stderr == ""
    return int(width), int(height)


def test_a_thumbnail_opens_with_its_own_address_and_with_no_other(weir, film, tmp_path):
    video = weir.video(film[0])
    url = video["thumbnailUrl"]
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg"
    assert size_of(answer.content, tmp_path) in {(each["width"], each["height"]) for each in video["renditions"]}
    bare, signature = url.split("?")
    assert requests.get(bare, timeout=30).status_code == 403
    assert requests.get(bare.replace("poster/00001.jpg", "index.m3u8") + "?" + signature, timeout=30).status_code == 403


def test_a_storyboard_has_a_picture_for_every_moment(weir, film, tmp_path):
    video_id, cookies = film[0], weir.cookies(film[0])
    folder = f"/media/{video_id}/storyboard/"
    answer = weir.get(folder + "index.vtt", cookies)
    assert answer.headers["Content-Type"].startswith("text/vtt") and answer.text.startswith("WEBVTT\n\n")
    cues = re.findall(r"([\d:.]+) --> ([\d:.]+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\n", answer.text)
    seconds = [[sum(float(part) * 60 ** place for place, part in enumerate(reversed(time.split(":")))) for time in cue[:2]]
               for cue in cues]
    assert seconds[0][0] == 0 and all(before[1] == after[0] for before, after in zip(seconds, seconds[1:]))
    assert abs(seconds[-1][1] - weir.video(video_id)["durationSeconds"]) < 0.01
    sheets = {}
    for _, _, name, *place in cues:
        sheets.setdefault(name, []).append(list(map(int, place)))
    for name, places in sheets.items():
        sheet = weir.get(folder + name, cookies)
        assert sheet.headers["Content-Type"] == "image/jpeg"
        width, height = size_of(sheet.content, tmp_path)
        assert all(x + w <= width and y + h == height for x, y, w, h in places)


def test_keyframes_for_playing_fast_decode_alone(weir, film):
    video_id, cookies = film[0], weir.cookies(film[0])
    base = f"/media/{video_id}/"
    uris = re.findall(r'#EXT-X-I-FRAME-STREAM-INF:.*URI="([^"]+)"', weir.get(base + "index.m3u8", cookies).text)
    assert uris
    for uri in uris:
        playlist = weir.get(base + uri, cookies).text
        assert "#EXT-X-I-FRAMES-ONLY" in playlist
        folder = (base + uri).rsplit("/", 1)[0] + "/"
        init = weir.get(folder + "init.mp4", cookies).content
        for length, offset, name in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", playlist)[:8]:
            part = weir.get(folder + name, cookies, Range=f"bytes={offset}-{int(offset) + int(length) - 1}")
            assert part.status_code == 206
            decoded = subprocess.run(
                ["ffmpeg", "-v", "error", "-i", "pipe:0", "-f", "framemd5", "-"], input=init + part.content,
                capture_output=True, check=True)
            assert decoded.stderr == b""
            assert len([line for line in decoded.stdout.splitlines() if not line.startswith(b"#")]) == 1


def test_scene_cuts_and_loudness_are_explained(weir, film, source):
    """The source is one clip three times over: a scene begins at least where the clip begins again."""
    video_id, token = film
    units = weir.api("GET", f"/api/v1/videos/{video_id}/explain", token).json()["units"]
    cuts = [cut / 1e6 for unit in units for cut in unit["notes"].get("sceneCutsMicroseconds", [])]
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", source],
        capture_output=True, text=True, check=True).stdout
    again = [float(line.split(",")[0]) for line in probed.splitlines() if ",K" in line][1:]
    assert len(again) == 2 and all(min(abs(cut - time) for cut in cuts) < 0.1 for time in again), (cuts, again)

    loudness, surround = [sound for unit in units for sound in unit["notes"].get("loudness", [])]
    measured = subprocess.run(
        ["ffmpeg", "-hide_banner", "-i", source, "-vn", "-af", "aresample=48000:ochl=stereo,ebur128", "-f", "null", "-"],
        capture_output=True, text=True, check=True).stderr
    integrated = float(re.findall(r"I:\s+(-[\d.]+) LUFS", measured)[-1])
    assert surround["rendition"] == "surround"
    assert loudness["rendition"] == "audio" and abs(loudness["integratedLUFS"] - integrated) <= 0.2
