"""A video that is ready can be kept: one file for each size, of the very pictures and sound that are played."""
import hashlib
import json
import subprocess

import requests

from installation import SAMPLE, wait_for


def ffprobe(source, *options):
    command = ["ffprobe", "-v", "error", "-of", "json", *options, str(source)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def frames(source, stream, *options):
    """MD5 of each decoded frame; ffmpeg must have nothing to say about them."""
    command = ["ffmpeg", "-nostdin", "-v", "warning", *options, "-i", str(source), "-map", f"0:{stream}:0",
               "-fps_mode", "passthrough", "-f", "framemd5", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == "", done.stderr
    return [line.split(",")[-1].strip() for line in done.stdout.splitlines() if not line.startswith("#")]


def boxes(data):
    """Types of the boxes at the top, in order."""
    place, types = 0, []
    while place < len(data):
        size = int.from_bytes(data[place:place + 4], "big")
        if size == 1:
            size = int.from_bytes(data[place + 8:place + 16], "big")
        types.append(data[place + 4:place + 8].decode())
        place += size
    return types


def downloads(weir, video_id, token=None):
    answer = weir.api("GET", f"/api/v1/videos/{video_id}/downloads", token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_size_can_be_kept_as_a_file(weir, tmp_path):
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token, title="Häschen")
    video = weir.video(video_id, token)
    heights = sorted(rendition["height"] for rendition in video["renditions"] if rendition["height"])
    wait_for(lambda: len(downloads(weir, video_id)) == len(heights), 30, what="the downloads")
    listed = downloads(weir, video_id)
    assert [item["height"] for item in listed] == heights

    cookies = weir.cookies(video_id)
    for item in (listed[0], listed[-1]):
        whole = requests.get(item["url"], timeout=30)
        assert whole.status_code == 200, whole.text
        assert len(whole.content) == item["bytes"]
        assert whole.headers["Content-Type"] == "video/mp4"
        assert whole.headers["Content-Disposition"].startswith("attachment; ")
        assert f"H%C3%A4schen%20%28{item['height']}p%29.mp4" in whole.headers["Content-Disposition"]
        assert boxes(whole.content) == ["ftyp", "moov", "mdat"]

        # From the cache and from elsewhere in the file: the same bytes. Interrupted downloads go on where they were.
        again = requests.get(item["url"], headers={"Range": "bytes=1000-250000"}, timeout=30)
        assert again.status_code == 206, again.text
        assert again.content == whole.content[1000:250001]
        last = requests.get(item["url"], headers={"Range": "bytes=-5", "If-Range": whole.headers["ETag"]}, timeout=30)
        assert (last.status_code, last.content) == (206, whole.content[-5:])

        file = tmp_path / f"{item['height']}.mp4"
        file.write_bytes(whole.content)
        facts = ffprobe(file, "-show_streams", "-show_format")
        assert [stream["codec_name"] for stream in facts["streams"]] == ["h264", "aac"]
        assert facts["streams"][0]["height"] == item["height"]
        assert abs(float(facts["format"]["duration"]) - video["durationSeconds"]) < 0.1
        manifest = f"{weir.ready['edge']}/media/{video_id}/"
        grant = ("-headers", f"Cookie: {cookies}\r\n")
        seen = frames(f"{manifest}{item['height']}p/index.m3u8", "v", *grant)
        assert len(seen) > 20 and frames(file, "v") == seen
        heard = frames(f"{manifest}audio/index.m3u8", "a", *grant)
        assert len(heard) > 20 and frames(file, "a", "-ignore_editlist", "1") == heard
        # ffmpeg hears the encoder's priming in HLS; the file's edit leaves it out.
        assert frames(file, "a") == heard[1:]


def test_a_range_of_a_file_that_no_cache_has_seen_is_answered(weir):
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    item = wait_for(lambda: downloads(weir, video_id), 30, what="the downloads")[0]
    part = requests.get(item["url"], headers={"Range": "bytes=100000-100099"}, timeout=30)
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["Content-Range"] == f"bytes 100000-100099/{item['bytes']}"
    whole = requests.get(item["url"], timeout=30)
    assert whole.content[100000:100100] == part.content
    stored = weir.s3().get_object(Bucket=weir.ready["mediaBucket"], Key=f"media/{video_id}/download/{item['height']}p.mp4")
    assert hashlib.sha256(stored["Body"].read()).digest() == hashlib.sha256(whole.content).digest()


def test_a_file_is_for_those_who_may_watch_and_gone_when_the_video_is(weir):
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    item = wait_for(lambda: downloads(weir, video_id, token), 30, what="the downloads")[0]
    assert requests.get(item["url"], timeout=30).status_code == 200
    plain = item["url"].split("?")[0]
    assert requests.get(plain, timeout=30).status_code == 403
    # A signature opens the file it was made for and no other.
    other = item["url"].replace(f"download/{item['height']}p.mp4", "index.m3u8")
    assert requests.get(other, timeout=30).status_code == 403
    assert weir.api("PATCH", f"/api/v1/videos/{video_id}", token, json={"visibility": "private"}).status_code == 200
    assert weir.api("GET", f"/api/v1/videos/{video_id}/downloads").status_code == 404

    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", token).status_code == 204
    assert requests.get(item["url"], timeout=30).status_code == 404
    listing = weir.s3().list_objects_v2(Bucket=weir.ready["mediaBucket"], Prefix=f"media/{video_id}/")
    assert listing["KeyCount"] == 0
