"""A killed process costs time, never a wrong byte."""
import hashlib
import os
import pathlib
import random
import signal
import threading
import time

import requests

from installation import SAMPLE, Installation, wait_for


def test_kill_9_of_the_edge_during_fills_never_leaves_a_wrong_byte(own_weir):
    weir = own_weir
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    cookies = weir.cookies(video_id, token)
    s3, bucket = weir.s3(), weir.ready["mediaBucket"]
    keys = weir.media_keys(video_id)
    wanted = {key: hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest() for key in keys}

    for attempt in range(5):
        weir.purge("--tag", f"video:{video_id}")
        begun = threading.Semaphore(0)

        def fetch(key):
            try:
                with requests.get(f"{weir.ready['edge']}/{key}", headers={"Cookie": cookies}, stream=True, timeout=10) as answer:
                    for _ in answer.iter_content(1024):
                        begun.release()
            except requests.RequestException:
                begun.release()

        threads = [threading.Thread(target=fetch, args=(key,)) for key in keys]
        for thread in threads:
            thread.start()
        for _ in range(1 + attempt * 40):
            begun.acquire(timeout=5)
        killed = weir.pid_of("weir-edge")
        os.kill(killed, signal.SIGKILL)
        for thread in threads:
            thread.join()
        wait_for(lambda: weir.pid_of("weir-edge") not in (None, killed) and answers(weir), what="the edge to be restarted")
        for _ in range(2):
            for key in keys:
                answer = weir.get(f"/{key}", cookies)
                assert answer.status_code == 200, (key, answer.text)
                assert hashlib.sha256(answer.content).hexdigest() == wanted[key], (attempt, key)


def answers(weir):
    try:
        return requests.get(weir.ready["admin"] + "/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def test_a_job_survives_its_transcoder(own_weir):
    weir = own_weir
    token = weir.sign_in()
    video_id = weir.upload(SAMPLE, token)
    wait_for(lambda: weir.video(video_id, token)["status"] in ("probing", "transcoding"), what="the job to be leased")
    killed = weir.pid_of("weir-transcoder")
    os.kill(killed, signal.SIGKILL)
    assert weir.wait_until_settled(video_id, token)["status"] == "ready"


def stored(weir, video_id):
    s3, bucket = weir.s3(), weir.ready["mediaBucket"]
    return {key.removeprefix(f"media/{video_id}/"): hashlib.sha256(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest()
            for key in weir.media_keys(video_id)}


def children_of(pid):
    try:
        return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def test_killed_children_and_workers_leave_the_bytes_of_an_undisturbed_run(own_weir, source):
    weir, token, chance = own_weir, own_weir.sign_in(), random.Random(5)
    undisturbed = weir.publish(source, token)
    video_id = weir.upload(source, token)
    progress = []
    for round in range(4):
        children = wait_for(lambda: children_of(weir.pid_of("weir-transcoder")), what="a child at work")
        time.sleep(chance.uniform(0, 1.5))
        progress.append(weir.video(video_id, token)["progress"])
        try:
            os.kill(weir.pid_of("weir-transcoder") if round == 2 else chance.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            pass  # it was done before
        if weir.video(video_id, token)["status"] == "ready":
            break
        wait_for(lambda: weir.pid_of("weir-transcoder"), what="the worker to be restarted")
    assert weir.wait_until_settled(video_id, token)["status"] == "ready"
    progress.append(weir.video(video_id, token)["progress"])
    assert progress == sorted(progress) and progress[-1] == 1
    # Downloads are assembled once a video is ready.
    wait_for(lambda: len(weir.media_keys(video_id)) == len(weir.media_keys(undisturbed)), what="all of both to be stored")
    assert stored(weir, video_id) == stored(weir, undisturbed)


def test_everything_is_still_there_after_a_restart(tmp_path):
    first = Installation(tmp_path / "data")
    token = first.sign_in()
    video_id = first.publish(SAMPLE, token)
    assert first.stop() == 0
    second = Installation(tmp_path / "data")
    try:
        assert second.ready["adminPassword"] == first.ready["adminPassword"]
        assert second.get(f"/media/{video_id}/index.m3u8", second.cookies(video_id, second.sign_in())).status_code == 200
    finally:
        assert second.stop() == 0
