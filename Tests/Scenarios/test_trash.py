"""Deleting a video hides it from everybody at once, viewers with good cookies included; restoring it brings all of it back."""
import requests

from installation import SAMPLE, wait_for


def test_what_is_deleted_plays_for_nobody_until_it_is_restored(weir):
    token = weir.sign_in()
    video_id = weir.publish(SAMPLE, token, title="Wegwerffilm")
    cookies = weir.cookies(video_id)
    playlist = f"/media/{video_id}/index.m3u8"
    assert weir.get(playlist, cookies).status_code == 200
    before = weir.video(video_id, token)
    keys = weir.media_keys(video_id)
    found = lambda: [item["videoId"] for item in weir.api("GET", "/api/v1/videos?q=wegwerf").json()["items"]]
    assert found() == [video_id]

    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", token).status_code == 204
    assert weir.get(playlist, cookies).status_code in (403, 404), "the edge has forgotten it and finds nothing"
    assert weir.media_keys(video_id) == [] and found() == []
    assert weir.api("GET", f"/api/v1/videos/{video_id}", token).status_code == 404
    trash = weir.api("GET", "/api/v1/me/trash", token).json()["items"]
    assert video_id in [item["videoId"] for item in trash]
    assert weir.api("GET", "/api/v1/me/trash").status_code == 401

    restored = weir.api("POST", f"/api/v1/videos/{video_id}/restore", token)
    assert restored.status_code == 200, restored.text
    after = weir.video(video_id, token)
    for answer in (before, after):
        answer.pop("thumbnailUrl")
    assert after == before and weir.media_keys(video_id) == keys and found() == [video_id]
    wait_for(lambda: weir.get(playlist, cookies).status_code == 200, 30, what="the playlist")

    assert weir.api("DELETE", f"/api/v1/videos/{video_id}?permanent=true", token).status_code == 204
    assert weir.media_keys(video_id) == []
    assert weir.api("POST", f"/api/v1/videos/{video_id}/restore", token).status_code == 404


def test_a_title_is_not_overwritten_by_somebody_who_has_not_seen_it(weir):
    token = weir.sign_in()
    slot = weir.api("POST", "/api/v1/uploads", token, json={"fileName": "f.mp4", "contentType": "video/mp4", "size": 9}).json()
    path = f"{weir.ready['origin']}/api/v1/videos/{slot['videoId']}"
    bearer = {"Authorization": f"Bearer {token}"}
    read = requests.get(path, headers=bearer, timeout=30)
    tag = read.headers["ETag"]
    assert requests.get(path, headers=bearer | {"If-None-Match": tag}, timeout=30).status_code == 304
    edit = lambda title, tag: requests.patch(path, headers=bearer | {"If-Match": tag}, json={"title": title}, timeout=30)
    assert edit("first", tag).status_code == 200
    late = edit("second", tag)
    assert late.status_code == 412 and late.json()["code"] == "edited_meanwhile"
    assert edit("third", late.headers["ETag"]).json()["title"] == "third"
    assert weir.api("DELETE", f"/api/v1/videos/{slot['videoId']}?permanent=true", token).status_code == 204
