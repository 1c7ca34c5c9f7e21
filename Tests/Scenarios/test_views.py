"""Views are counted once and survive a killed origin, but for the last second; viewers find their place again."""
import os
import signal
import threading
import time

import requests

from installation import SAMPLE, Installation, wait_for

INTERVAL = 1.0


def ping(weir, video_id, session, position=0, token=None):
    return weir.api("POST", f"/api/v1/videos/{video_id}/views", token, json={
        "sessionId": session, "positionSeconds": position, "event": "progress"})


def keep_pinging(weir, video_id, name, sent, acknowledged):
    """Pings a new session each time, and every tenth time an old one again, until nobody answers."""
    number = 0
    with requests.Session() as client:
        while True:
            session = f"{name}-{number if number % 10 else 0:06}"
            sent.add(session)
            try:
                answer = client.post(f"{weir.ready['origin']}/api/v1/videos/{video_id}/views", timeout=10,
                                     json={"sessionId": session, "positionSeconds": 1, "event": "progress"})
            except requests.RequestException:
                return
            if answer.status_code == 204:
                acknowledged.setdefault(session, time.monotonic())
            else:
                assert answer.status_code == 503, answer.text
            number += 1


def test_kill_9_under_pings_loses_at_most_the_last_second_and_counts_nothing_twice(own_weir):
    weir = own_weir
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    before = 0
    for round in range(2):
        sent, acknowledged = set(), {}
        threads = [threading.Thread(target=keep_pinging, args=(weir, video_id, f"round-{round}-{name}", sent, acknowledged))
                   for name in range(4)]
        for thread in threads:
            thread.start()

        def promised(now):
            return [session for session, time in list(acknowledged.items()) if time < now - INTERVAL]
        wait_for(lambda: len(promised(time.monotonic())) >= 200, what="pings of more than a second ago")
        killed, at = weir.pid_of("weir-origin"), time.monotonic()
        os.kill(killed, signal.SIGKILL)
        for thread in threads:
            thread.join()
        wait_for(lambda: weir.pid_of("weir-origin") not in (None, killed) and answers(weir), what="the origin to be back")
        views = weir.video(video_id, token)["views"] - before
        assert len(promised(at)) <= views <= len(sent), round
        # Nobody knows which are missing: all come again, and none counts twice.
        with requests.Session() as client:
            for session in sent:
                def is_taken():
                    return client.post(f"{weir.ready['origin']}/api/v1/videos/{video_id}/views", timeout=10,
                                       json={"sessionId": session, "positionSeconds": 2}).status_code == 204
                wait_for(is_taken, 10, what=f"{session} to be taken")
        wait_for(lambda: weir.video(video_id, token)["views"] - before >= len(sent), 5, what="all sessions to be counted")
        assert weir.video(video_id, token)["views"] - before == len(sent)
        before += len(sent)


def answers(weir):
    try:
        return requests.get(weir.ready["origin"] + "/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def test_a_viewer_goes_on_where_they_stopped_even_after_a_restart(tmp_path):
    weir = Installation(tmp_path / "data")
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token)
    assert ping(weir, video_id, "the-first-sitting", 3.5, token).status_code == 204
    # Nothing waits for the write: the end of the origin has to.
    assert weir.stop() == 0
    weir = Installation(tmp_path / "data")
    try:
        token = weir.sign_in()
        video = weir.video(video_id, token)
        assert (video["views"], video["resumeSeconds"]) == (1, 3.5)
        assert "resumeSeconds" not in weir.video(video_id)
        history = weir.api("GET", "/api/v1/me/history", token).json()["items"]
        assert [(item["video"]["videoId"], item["positionSeconds"]) for item in history] == [(video_id, 3.5)]
        assert weir.api("DELETE", f"/api/v1/me/history/{video_id}", token).status_code == 204
        assert weir.api("GET", "/api/v1/me/history", token).json() == {"items": []}
        assert "resumeSeconds" not in weir.video(video_id, token)
    finally:
        assert weir.stop() == 0
