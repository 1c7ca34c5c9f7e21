"""Subtitles that people add to a video: players see them as further subtitles, other people's programs read them."""
import json
import subprocess

from installation import BIN, SAMPLE, variants, wait_for

SUBRIP = """1
00:00:00,500 --> 00:00:02,000
<i>Guten</i> Tag & <font color="red">Grüße</font>

2
00:00:05,000 --> 00:00:07,000
über die Grenze
"""


def put(weir, token, video_id, language, text, kind="application/x-subrip", **query):
    return weir.api("PUT", f"/api/v1/videos/{video_id}/captions/{language}", token, params=query, data=text.encode(),
                    headers={"Content-Type": kind})


def offered(weir, video_id, cookies):
    found = variants(weir.get(f"/media/{video_id}/index.m3u8", cookies).text)
    return {attributes["LANGUAGE"]: attributes for attributes, _ in found if attributes.get("TYPE") == "SUBTITLES"}


def test_captions_are_played_with_the_video_they_were_added_to(weir, tmp_path):
    token = weir.sign_in()
    video_id = weir.upload(SAMPLE, token)
    early = put(weir, token, video_id, "en", "WEBVTT\n\n00:01.000 --> 00:02.000\nearly\n", "text/vtt")
    assert early.status_code == 201, early.text
    assert weir.wait_until_settled(video_id, token)["status"] == "ready"
    cookies = weir.cookies(video_id)
    assert set(offered(weir, video_id, cookies)) == {"en"}, "what came before the video was ready is there"

    assert put(weir, token, video_id, "de", SUBRIP, name="Deutsch").json()["published"] is True
    wait_for(lambda: "de" in offered(weir, video_id, cookies), 10, what="the playlist at the edge")
    german = offered(weir, video_id, cookies)["de"]
    assert german["NAME"] == "Deutsch" and german["AUTOSELECT"] == "YES"
    written = tmp_path / "read.srt"
    subprocess.run(["ffmpeg", "-v", "error", "-headers", f"Cookie: {cookies}\r\n", "-allowed_extensions", "ALL",
                    "-i", f"{weir.ready['edge']}/media/{video_id}/{german['URI']}", written], check=True, timeout=60)
    text = written.read_text()
    assert "00:00:00,500 --> 00:00:02,000\n<i>Guten</i> Tag & Grüße\n" in text, text
    report = json.loads(subprocess.run([BIN / "weir", "check", "--ready", weir.directory / "ready.json", video_id, "--json"],
                                       capture_output=True, text=True, timeout=60).stdout)
    assert report["verdict"] == "conforms", report["findings"]
    assert len([rendition for rendition in report["renditions"] if rendition["role"] == "subtitles"]) == 2

    assert put(weir, token, video_id, "de", SUBRIP.replace("Guten", "Schönen")).status_code == 200
    wait_for(lambda: offered(weir, video_id, cookies)["de"]["URI"] != german["URI"], 10, what="the new captions")
    assert weir.get(f"/media/{video_id}/{german['URI']}", cookies).status_code in (403, 404), "the old ones are gone"
    assert weir.api("DELETE", f"/api/v1/videos/{video_id}/captions/de", token).status_code == 204
    wait_for(lambda: set(offered(weir, video_id, cookies)) == {"en"}, 10, what="the playlist without them")
