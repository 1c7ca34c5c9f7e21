"""Subtitles and other tracks of an upload: published, found right by the check, and read back by other people's programs."""
import json
import subprocess

import pytest

from browser import Browser
from installation import SAMPLE, media_segments, variants, wait_for

SPOKEN = """1
00:00:00,500 --> 00:00:02,000
<i>Guten</i> Tag & <font color="red">Grüße</font>

2
00:00:05,000 --> 00:00:07,000
over the boundary
"""
SIGNS = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:12.50,0:00:13.50,Default,,0,0,0,,{\\an8\\pos(10,10)}EXIT\\N{\\p1}m 0 0 l 9 9{\\p0}left
"""


@pytest.fixture(scope="module")
def tracks(weir, tmp_path_factory):
    """A film in Matroska with plain and with styled subtitles, uploaded and ready: (video id, token, folder)."""
    folder = tmp_path_factory.mktemp("tracks")
    (folder / "spoken.srt").write_text(SPOKEN)
    (folder / "signs.ass").write_text(SIGNS)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", "2", "-i", SAMPLE, "-i", folder / "spoken.srt", "-i", folder / "signs.ass",
         "-map", "0:v", "-map", "0:a", "-map", "1", "-map", "2", "-c", "copy", "-t", "14",
         "-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=ger", "-metadata:s:s:0", "title=Deutsch",
         "-metadata:s:s:1", "language=eng", "-disposition:s:1", "forced", folder / "film.mkv"], check=True)
    token = weir.sign_in()
    video_id = weir.publish(folder / "film.mkv", token)
    return video_id, token, folder


def multivariant(weir, video_id):
    return weir.get(f"/media/{video_id}/index.m3u8", weir.cookies(video_id)).text


def test_subtitles_are_offered_beside_every_variant_and_last_as_long_as_the_film(weir, tracks):
    video_id, _, _ = tracks
    cookies = weir.cookies(video_id)
    found = variants(multivariant(weir, video_id))
    texts = [attributes for attributes, _ in found if attributes.get("TYPE") == "SUBTITLES"]
    assert [(text["LANGUAGE"], text["NAME"], text.get("FORCED"), text["DEFAULT"], text["AUTOSELECT"]) for text in texts] == [
        ("de", "Deutsch", None, "NO", "YES"), ("en", "en (subtitles-2)", "YES", "NO", "YES")]
    assert all(attributes["SUBTITLES"] == "subtitles" for attributes, _ in found if "BANDWIDTH" in attributes)
    pictures = next(uri for attributes, uri in found if "RESOLUTION" in attributes)
    durations = [duration for duration, _ in media_segments(weir.get(f"/media/{video_id}/{pictures}", cookies).text)[0]]
    for text in texts:
        segments, init = media_segments(weir.get(f"/media/{video_id}/{text['URI']}", cookies).text)
        assert [duration for duration, _ in segments] == durations and init is None
        for _, name in segments:
            answer = weir.get(f"/media/{video_id}/{text['URI'].rsplit('/', 1)[0]}/{name}", cookies)
            assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/vtt")
            assert answer.text.startswith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n")


def test_the_check_finds_them_right(weir, tracks):
    video_id, token, _ = tracks
    report = weir.api("GET", f"/api/v1/videos/{video_id}/conformance", token).json()
    assert report["verdict"] == "conforms", json.dumps(report["findings"], indent=1)
    rules = {finding["rule"] for finding in report["findings"]}
    assert not {rule for rule in rules if rule.startswith(("4.", "5."))}, rules
    assert [rendition["codecs"] for rendition in report["renditions"] if rendition["role"] == "subtitles"] == [["wvtt"]] * 2


def test_ffmpeg_reads_them_back(weir, tracks, tmp_path):
    video_id, _, _ = tracks
    cookies = weir.cookies(video_id)
    text = {}
    for name in ("subtitles", "subtitles-2"):
        written = tmp_path / f"{name}.srt"
        subprocess.run(["ffmpeg", "-v", "error", "-headers", f"Cookie: {cookies}\r\n", "-allowed_extensions", "ALL",
                        "-i", f"{weir.ready['edge']}/media/{video_id}/{name}/index.m3u8", written], check=True, timeout=60)
        text[name] = written.read_text()
    assert "00:00:00,500 --> 00:00:02,000\n<i>Guten</i> Tag & Grüße\n" in text["subtitles"]
    assert "00:00:05,000 --> 00:00:07,000\nover the boundary\n" in text["subtitles"]
    assert "00:00:12,500 --> 00:00:13,500\nEXIT\nleft\n" in text["subtitles-2"]


def test_chromium_plays_a_film_with_subtitles(weir, tracks):
    video_id, _, _ = tracks
    with Browser() as browser:
        browser.open(f"{weir.ready['edge']}/watch/{video_id}")
        wait_for(lambda: browser.evaluate("document.querySelector('video')?.readyState > 0"), what="the film's first data")
        browser.evaluate("""(() => { const player = document.querySelector('video');
            player.muted = true; player.playbackRate = 4; player.play(); })()""")
        wait_for(lambda: browser.evaluate("document.querySelector('video').ended"), what="the end of the film")
        assert browser.evaluate("document.querySelector('video').error") is None
        assert browser.complaints == []


def test_what_becomes_of_each_stream_is_explained(weir, tracks):
    video_id, token, _ = tracks
    explanation = weir.api("GET", f"/api/v1/videos/{video_id}/explain", token).json()
    streams = [stream["decision"] for stream in explanation["source"]["streams"]]
    assert streams[-2:] == ["subtitles rendition subtitles", "subtitles rendition subtitles-2"]


def test_surround_is_kept_beside_stereo_for_every_size(weir, film, tmp_path):
    """The sample's sound is 5.1."""
    video_id, token = film
    cookies = weir.cookies(video_id)
    found = variants(multivariant(weir, video_id))
    sounds = {attributes["GROUP-ID"]: (attributes["CHANNELS"], uri) for attributes, uri in found if attributes.get("TYPE") == "AUDIO"}
    assert sounds == {"audio": ("2", "audio/index.m3u8"), "surround": ("6", "surround/index.m3u8")}
    sizes = {group: [uri for attributes, uri in found if attributes.get("AUDIO") == group] for group in sounds}
    assert sizes["audio"] == sizes["surround"] and len(sizes["audio"]) >= 2
    assert [attributes["AUDIO"] for attributes, _ in found if "AUDIO" in attributes] == (
        ["audio"] * len(sizes["audio"]) + ["surround"] * len(sizes["audio"]))
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-headers", f"Cookie: {cookies}\r\n", "-show_entries",
         "stream=codec_name,channels,channel_layout,sample_rate", "-of", "json",
         f"{weir.ready['edge']}/media/{video_id}/surround/index.m3u8"], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(probed.stdout)["streams"] == [
        {"codec_name": "aac", "sample_rate": "48000", "channels": 6, "channel_layout": "5.1"}]
    report = weir.api("GET", f"/api/v1/videos/{video_id}/conformance", token).json()
    assert report["verdict"] == "conforms", json.dumps(report["findings"], indent=1)
    assert sorted(item["channels"] for item in report["renditions"] if item["role"] == "audio") == [2, 6]
