"""The main job: a real file becomes a signed stream that plays through the edge."""
import os
import signal
import subprocess
import time

from installation import BIN, SAMPLE, media_segments, variants, wait_for


def every_path(weir, video_id, cookies):
    """Every URL of a video, as a player finds them."""
    base = f"/media/{video_id}/"
    top = weir.get(base + "index.m3u8", cookies)
    assert top.status_code == 200, top.text
    paths = [base + "index.m3u8"]
    for _, uri in variants(top.text):
        playlist = weir.get(base + uri, cookies)
        assert playlist.status_code == 200, playlist.text
        folder = (base + uri).rsplit("/", 1)[0] + "/"
        segments, init = media_segments(playlist.text)
        paths += [base + uri, folder + init, *(folder + name for _, name in segments)]
    return paths


def decoded_frames(url, cookies, stream):
    run = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-headers", f"Cookie: {cookies}\r\n", "-i", url, "-map", stream, "-f", "null",
         "-progress", "-", "-"], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    return int([line for line in run.stdout.splitlines() if line.startswith("frame=")][-1][6:])


def test_ffmpeg_decodes_every_frame_of_every_rendition(weir, film, source):
    video_id, _ = film
    cookies = weir.cookies(video_id)
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames",
         "-of", "csv=p=0", source], capture_output=True, text=True, check=True)
    wanted = int(probe.stdout.strip().strip(","))
    top = weir.get(f"/media/{video_id}/index.m3u8", cookies).text
    videos = [uri for attributes, uri in variants(top) if "RESOLUTION" in attributes]
    audios = [uri for attributes, uri in variants(top) if attributes.get("TYPE") == "AUDIO"]
    assert len(videos) >= 2 and audios
    for uri in videos:
        frames = decoded_frames(f"{weir.ready['edge']}/media/{video_id}/{uri}", cookies, "0:v:0")
        assert abs(frames - wanted) <= 1, uri
    for uri in audios:
        run = subprocess.run(
            ["ffmpeg", "-v", "error", "-xerror", "-headers", f"Cookie: {cookies}\r\n", "-i",
             f"{weir.ready['edge']}/media/{video_id}/{uri}", "-map", "0:a:0", "-f", "null", "-"],
            capture_output=True, text=True, timeout=60)
        assert run.returncode == 0 and run.stderr == "", run.stderr


def test_it_plays_over_tls_too(weir, film):
    video_id, _ = film
    cookies = weir.cookies(video_id)
    url = f"{weir.ready['edgeTLS']}/media/{video_id}/index.m3u8"
    assert decoded_frames(url, cookies, "0:v:0") > 0


def test_the_second_pass_is_all_hits_and_still_is_with_the_origin_gone(weir, film):
    video_id, _ = film
    cookies = weir.cookies(video_id)
    paths = every_path(weir, video_id, cookies)
    for path in paths:
        assert weir.get(path, cookies).status_code == 200
    for path in paths:
        assert weir.get(path, cookies).headers["X-Cache"].startswith("Hit"), path

    os.kill(weir.process.pid, signal.SIGSTOP)  # the supervisor must not bring the origin back yet
    try:
        os.kill(weir.pid_of("weir-origin"), signal.SIGKILL)
        for path in paths:
            answer = weir.get(path, cookies)
            assert answer.status_code == 200 and answer.headers["X-Cache"].startswith("Hit"), path
    finally:
        os.kill(weir.process.pid, signal.SIGCONT)
    wait_for(lambda: is_up(weir), what="the origin to be restarted")


def is_up(weir):
    try:
        return weir.api("GET", "/readyz").status_code == 200
    except OSError:
        return False


def test_a_purge_by_tag_sends_the_next_request_to_the_origin(weir, film):
    video_id, _ = film
    cookies = weir.cookies(video_id)
    path = f"/media/{video_id}/index.m3u8"
    weir.get(path, cookies)
    assert weir.get(path, cookies).headers["X-Cache"].startswith("Hit")
    purge = weir.purge("--tag", f"video:{video_id}")
    assert purge.returncode == 0, purge.stderr
    assert weir.get(path, cookies).headers["X-Cache"].startswith("Miss")
    assert weir.get(path, cookies).headers["X-Cache"].startswith("Hit")


def test_weir_upload_waits_until_the_video_is_ready(weir):
    run = subprocess.run([BIN / "weir", "upload", "--ready", weir.directory / "ready.json", SAMPLE],
                         capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr + run.stdout
    assert "ready" in run.stdout


def test_a_view_is_counted_once_per_session(weir, film):
    video_id, token = film
    before = weir.video(video_id, token)["views"]
    for position in (0, 5, 10):
        answer = weir.api("POST", f"/api/v1/videos/{video_id}/views", token, json={
            "sessionId": "scenario-session-1", "positionSeconds": position, "event": "progress"})
        assert answer.status_code in (200, 202, 204), answer.text
    # It is answered before it is counted, by a second at most.
    wait_for(lambda: weir.video(video_id, token)["views"] != before, 1, what="the view to be counted")
    assert weir.video(video_id, token)["views"] == before + 1
