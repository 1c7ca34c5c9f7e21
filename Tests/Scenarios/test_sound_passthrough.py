"""Sound that every player takes as it is is not encoded again: what is heard is the upload's own, sample for sample, in its place."""
import json
import re
import subprocess

import pytest
import requests

from browser import Browser
from installation import BIN, wait_for
from test_passthrough import ffmpeg

SECONDS = 60


def film(path, rate=48_000, channels=2, bits="128k"):
    """A film whose sound is different at every time; its coding holds nothing that decoders make up, as they do noise."""
    tone = "|".join(f"0.3*sin(2*PI*(200+{90 * channel}*t+3*t*t)*t)" for channel in range(1, channels + 1))
    layout = "5.1" if channels == 6 else "stereo"
    ffmpeg("-f", "lavfi", "-i", f"testsrc=size=320x180:rate=25:duration={SECONDS}",
           "-f", "lavfi", "-i", f"aevalsrc={tone}:s={rate}:d={SECONDS}:c={layout}",
           "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p",
           "-c:a", "aac", "-aac_pns", "0", "-b:a", bits, path)
    return path


def remuxed(path, *arguments):
    ffmpeg(*arguments, "-c", "copy", path)
    return path


def shifted(path, source, pictures=0, sound=0):
    return remuxed(path, "-itsoffset", pictures, "-i", source, "-itsoffset", sound, "-i", source, "-map", "0:v", "-map", "1:a")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    plain = film(folder / "plain.mp4")
    return {
        "48 kHz": plain,
        "44.1 kHz": film(folder / "cd.mp4", rate=44_100),
        "late": shifted(folder / "late.mp4", plain, sound=0.3),
        "early": shifted(folder / "early.mp4", plain, pictures=0.25),
        "a little early": shifted(folder / "little.mp4", plain, pictures=0.05),
        "cut": remuxed(folder / "cut.mp4", "-ss", "3.1", "-i", plain),
        "a clock of milliseconds": remuxed(folder / "film.mkv", "-i", plain),
        "5.1": film(folder / "surround.mp4", channels=6, bits="384k"),
    }


def heard(source, *options):
    """When the first sample is heard, samples per second, all samples, and bytes of one, as FFmpeg decodes them."""
    first = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
                            "frame=pts_time:stream=sample_rate,channels", "-show_frames", "-read_intervals", "%+6", "-of", "json",
                            *options, source], capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(first.stdout)
    samples = subprocess.run(["ffmpeg", "-v", "error", *options, "-i", source, "-map", "0:a:0", "-f", "f32le", "-"],
                             capture_output=True, check=True, timeout=60).stdout
    stream = found["streams"][0]
    return float(found["frames"][0]["pts_time"]), int(stream["sample_rate"]), samples, 4 * stream["channels"]


def check_copied(source, copy, origin, *options):
    """From time 0 on `copy` has the samples of `source`, each within a millisecond of its place."""
    start, rate, original, size = heard(source)
    begin, copied_rate, copied, copied_size = heard(copy, *options)
    assert (copied_rate, copied_size) == (rate, size)
    middle = len(original) // size // 2
    place = copied.find(original[middle * size:(middle + 2048) * size])
    assert place >= 0 and place % size == 0
    ahead = place // size - middle
    late = (begin + ahead / rate) - (start - origin)
    print(f"{late * 1e6:.0f} µs from its place, {ahead} samples ahead of what the source's begins with")
    assert abs(late) < 0.001
    first = max(0, ahead, round(-begin * rate))
    original, copied = original[(first - ahead) * size:], copied[first * size:]
    length = min(len(original), len(copied))
    assert length > (SECONDS - 5) * rate * size
    assert original[:length] == copied[:length]


def transcode(path, folder):
    run = subprocess.run([BIN / "weir-transcoder", "--input", path, "--output", folder],
                         capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    return run.stdout


def decisions(output, subject):
    return re.findall(r'"subject":"%s","choice":"([^"]*)","reason":"([^"]*)"' % subject, output)


@pytest.mark.parametrize("name", ["48 kHz", "44.1 kHz", "late", "early", "a little early", "cut", "a clock of milliseconds", "5.1"])
def test_what_is_heard_is_the_upload_sample_for_sample(films, name, tmp_path):
    output = transcode(films[name], tmp_path / "out")
    rendition = "surround" if name == "5.1" else "audio"
    choice, reason = decisions(output, rendition)[0]
    assert choice.startswith("copied: AAC-LC, "), (choice, reason)
    if name == "5.1":
        assert decisions(output, "audio")[0][0].startswith("encoded")
    origin = float(re.search(r'"startSeconds":([-\d.]+)', output)[1])
    parts = [tmp_path / "out" / rendition / "init.mp4", *sorted((tmp_path / "out" / rendition).glob("*.m4s"))]
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(b"".join(part.read_bytes() for part in parts))
    check_copied(films[name], copy, origin)
    check = subprocess.run([BIN / "weir", "check", tmp_path / "out", "--json"], capture_output=True, text=True, timeout=60)
    report = json.loads(check.stdout)
    assert report["verdict"] == "conforms" and not [each for each in report["findings"] if each["level"] != "NOTE"], check.stdout


def damaged(films, folder, why):
    """A film whose sound cannot be copied because of `why`."""
    plain, path = films["48 kHz"], folder / "film.mp4"
    if why == "gaps":
        return remuxed(path, "-i", plain, "-bsf:a", "noise=drop='between(n,300,302)'")
    if why == "SBR":
        # FFmpeg writes that there is none.
        path.write_bytes(plain.read_bytes().replace(bytes.fromhex("119056e500"), bytes.fromhex("119056e580")))
        return path
    if why == "header":
        return remuxed(folder / "film.ts", "-i", plain)
    if why == "kb/s":
        return film(path, bits="256k")
    if why == "samples per second":
        return film(path, rate=32_000, bits="64k")


@pytest.mark.parametrize("why", ["gaps", "SBR", "header", "kb/s", "samples per second"])
def test_what_is_not_copied_says_why(films, tmp_path, why):
    output = transcode(damaged(films, tmp_path, why), tmp_path / "out")
    choice, reason = decisions(output, "audio")[0]
    assert choice == "encoded: AAC-LC, 48 kHz, stereo, 128 kb/s", (choice, reason)
    assert "not copied because" in reason and why in reason, reason


@pytest.mark.parametrize("wanted", [{}, {"transcode": {"encryption": "aes-128"}}])
def test_it_is_streamed_played_and_kept(weir, films, tmp_path, wanted):
    token = weir.sign_in()
    video_id = weir.publish(films["44.1 kHz"], token, **wanted)
    explanation = weir.api("GET", f"/api/v1/videos/{video_id}/explain", token).json()
    assert explanation["source"]["streams"][1]["decision"] == "sound rendition audio (as it is)"
    loudness, = [sound for unit in explanation["units"] for sound in unit["notes"].get("loudness", [])]
    assert loudness["rendition"] == "audio" and -20 < loudness["integratedLUFS"] < -3, loudness
    origin = explanation["source"]["startSeconds"]
    cookies = weir.cookies(video_id)
    assert ("#EXT-X-KEY:METHOD=AES-128" in weir.get(f"/media/{video_id}/audio/index.m3u8", cookies).text) == bool(wanted)
    check_copied(films["44.1 kHz"], f"{weir.ready['edge']}/media/{video_id}/audio/index.m3u8", origin,
                 "-headers", f"Cookie: {cookies}\r\n")
    if wanted:
        return
    def download():
        return weir.api("GET", f"/api/v1/videos/{video_id}/downloads", None).json()
    item = wait_for(download, 30, what="the downloads")[0]
    (tmp_path / "kept.mp4").write_bytes(requests.get(item["url"], timeout=30).content)
    check_copied(films["44.1 kHz"], tmp_path / "kept.mp4", origin)
    with Browser() as browser:
        browser.open(f"{weir.ready['edge']}/watch/{video_id}")
        wait_for(lambda: browser.evaluate("document.querySelector('video')?.readyState > 0"), what="the film's first data")
        seen = browser.play(f"/media/{video_id}/index.m3u8")
        assert seen["error"] is None and seen["corrupted"] == 0, seen
        sound, seconds = browser.evaluate(
            "(p => [p.webkitAudioDecodedByteCount, p.currentTime])(document.querySelector('video'))")
        assert sound > 500_000 and abs(seconds - SECONDS) < 0.1, (sound, seconds)
        assert browser.complaints == []
