"""`weir videos` and `weir jobs` against an installation."""
import hashlib
import json
import subprocess

import requests

from installation import BIN, wait_for


def run(weir, *words, code=0):
    command, verb, *rest = words
    done = subprocess.run([BIN / "weir", command, verb, "--ready", weir.directory / "ready.json", *rest],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def test_videos_are_listed_shown_and_edited(weir, film):
    video_id, _ = film
    title = "Ein Wasserfall"
    edited = run(weir, "videos", "edit", video_id, "--title", title, "--description", "two\nlines", "--visibility", "unlisted")
    assert title in edited and "unlisted" in edited and "two?lines" in edited
    table = run(weir, "videos", "list", "--query", "wasserfall", "--status", "ready")
    heading, row = table.splitlines()
    assert heading.split()[:3] == ["VIDEO", "STATUS", "LENGTH"] and row.startswith(video_id) and row.endswith(title)
    shown = json.loads(run(weir, "videos", "show", video_id, "--json"))
    assert shown["videoId"] == video_id and shown["description"] == "two\nlines"
    listed = json.loads(run(weir, "videos", "list", "--channel", shown["ownerId"], "--sort", "oldest", "--limit", "1", "--json"))
    assert len(listed["items"]) == 1
    assert "rendition" in run(weir, "videos", "show", video_id)
    run(weir, "videos", "edit", video_id, "--title", "A film", "--description", "", "--visibility", "public")
    assert "answered GET /api/v1/videos/none with 404" in run(weir, "videos", "show", "none", code=1)
    assert "say what to change" in run(weir, "videos", "edit", video_id, code=64)
    assert "expected 1 to" in run(weir, "videos", "list", "--limit", "0", code=64)


def test_a_list_longer_than_a_page_is_walked(weir, film):
    token = weir.sign_in()
    made = [weir.api("POST", "/api/v1/uploads", token, json={
        "fileName": "f.mp4", "contentType": "video/mp4", "size": 1, "title": f"Quittenbaum {number}"}).json()["videoId"]
        for number in range(103)]
    found = json.loads(run(weir, "videos", "list", "--query", "quittenbaum", "--limit", "102", "--json"))["items"]
    assert len({video["videoId"] for video in found}) == 102
    waiting = json.loads(run(weir, "videos", "list", "--query", "quitten", "--status", "awaiting_upload", "--limit", "1000", "--json"))
    assert {video["videoId"] for video in waiting["items"]} == set(made)
    assert run(weir, "videos", "delete", *made).count("is in the trash") == 103
    assert run(weir, "videos", "restore", made[0]) == f"{made[0]} is back\n"
    found = json.loads(run(weir, "videos", "list", "--query", "quittenbaum", "--json"))["items"]
    assert [video["videoId"] for video in found] == made[:1]
    assert run(weir, "videos", "delete", "--permanent", *made).count("is deleted") == 103


def test_a_download_is_whole_and_gone_on_with(weir, film, tmp_path):
    video_id, token = film
    files = wait_for(lambda: weir.api("GET", f"/api/v1/videos/{video_id}/downloads", token).json(), what="the downloads")
    whole = requests.get(files[-1]["url"], timeout=60).content
    output = tmp_path / "kept.mp4"
    # What an earlier command has left.
    (tmp_path / f"kept.mp4.{files[-1]['height']}p-{len(whole)}.part").write_bytes(whole[:1_000_000])
    run(weir, "videos", "download", video_id, "--output", output)
    assert hashlib.sha256(output.read_bytes()).digest() == hashlib.sha256(whole).digest()
    assert [path.name for path in tmp_path.iterdir()] == ["kept.mp4"]
    assert "--force replaces it" in run(weir, "videos", "download", video_id, "--output", output, code=1)
    lowest = str(files[0]["height"])
    run(weir, "videos", "download", video_id, "--height", lowest, "--output", output, "--force")
    assert output.stat().st_size == files[0]["bytes"]
    assert "no such size" in run(weir, "videos", "download", video_id, "--height", "7", "--output", tmp_path / "x", code=1)


def test_jobs_are_listed_shown_and_retried(weir, film):
    video_id, _ = film
    jobs = json.loads(run(weir, "jobs", "list", "--status", "done", "--limit", "1000", "--json"))["items"]
    job = next(job for job in jobs if job["videoId"] == video_id)
    assert run(weir, "jobs", "list").splitlines()[0].split() == ["JOB", "STATE", "UNITS", "CREATED", "UPDATED", "FAILURE"]
    shown = run(weir, "jobs", "show", job["jobId"])
    assert job["jobId"] in shown and video_id in shown
    assert json.loads(run(weir, "jobs", "show", job["jobId"], "--json"))["state"] == "done"
    assert "Only a job that was given up" in run(weir, "jobs", "retry", job["jobId"], code=1)
    assert "There is no such job" in run(weir, "jobs", "show", "none", code=1)
