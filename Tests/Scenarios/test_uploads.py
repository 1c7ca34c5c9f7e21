"""What people upload by mistake harms nobody."""
import subprocess

from installation import SAMPLE, wait_for


def test_a_file_that_is_no_video_fails_with_a_reason_and_the_worker_lives(weir, tmp_path):
    token = weir.sign_in()
    text = tmp_path / "notes.mp4"
    text.write_text("These are my notes, not a film.\n" * 100)
    video = weir.wait_until_settled(weir.upload(text, token), token, timeout=60)
    assert video["status"] == "failed"
    assert "not a video" in video["failure"]["reason"] if isinstance(video["failure"], dict) else "not a video" in video["failure"]
    good = weir.wait_until_settled(weir.upload(SAMPLE, token), token)
    assert good["status"] == "ready"


def test_a_playlist_dressed_up_as_a_video_reads_no_file(weir, tmp_path):
    token = weir.sign_in()
    secret = tmp_path / "secret.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1", "-c:v", "libx264", secret], check=True)
    trap = tmp_path / "trap.mp4"
    trap.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n")
    video = weir.wait_until_settled(weir.upload(trap, token), token, timeout=60)
    assert video["status"] == "failed"


def test_a_truncated_video_is_published_in_part_or_refused_but_never_hangs(weir, tmp_path):
    token = weir.sign_in()
    half = tmp_path / "half.mp4"
    half.write_bytes(SAMPLE.read_bytes()[: SAMPLE.stat().st_size // 2])
    video = weir.wait_until_settled(weir.upload(half, token), token, timeout=120)
    assert video["status"] in ("ready", "failed")
    assert video["status"] == "ready" or video["failure"]


def test_a_deleted_video_is_gone_from_the_edge_for_those_who_hold_cookies(weir):
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    cookies = weir.cookies(video_id)
    path = f"/media/{video_id}/index.m3u8"
    assert weir.get(path, cookies).status_code == 200
    assert weir.get(path, cookies).headers["X-Cache"] == "Hit from weir"
    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", token).status_code == 204
    assert weir.get(path, cookies).status_code == 404


def test_deleting_while_the_worker_publishes_leaves_nothing_behind(weir):
    token = weir.sign_in()
    video_id = weir.upload(SAMPLE, token)
    wait_for(lambda: weir.video(video_id, token)["status"] == "transcoding", what="the worker to publish")
    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", token).status_code == 204
    log = weir.directory / "logs/transcoder.log"
    wait_for(lambda: video_id in log.read_text(), what="the worker to notice")
    listing = weir.s3().list_objects_v2(Bucket=weir.ready["mediaBucket"], Prefix=f"media/{video_id}/")
    assert listing["KeyCount"] == 0
