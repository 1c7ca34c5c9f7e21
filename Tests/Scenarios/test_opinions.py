"""What people think of a film: likes, comments, subscriptions, and what is watched most, through the edge."""
from concurrent.futures import ThreadPoolExecutor

from installation import wait_for


def test_people_say_what_they_think(weir, film):
    video_id, token = film
    video = weir.video(video_id, token)

    def call(method, path, who=None, **arguments):
        return weir.api(method, "/api/v1" + path, who, **arguments)

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: call("PUT", f"/videos/{video_id}/like", token).status_code, range(16)))
    assert answers == [204] * 16
    assert weir.video(video_id, token)["likes"] == video["likes"] + 1 and weir.video(video_id, token)["liked"]
    assert call("DELETE", f"/videos/{video_id}/like", token).status_code == 204
    assert weir.video(video_id)["likes"] == video["likes"]

    made = call("POST", f"/videos/{video_id}/comments", token, json={"text": "<b>Käse</b>\n\u4e16\u754c"})
    assert made.status_code == 201, made.text
    comment = made.json()
    assert "@" not in comment["authorName"]
    try:
        assert call("GET", f"/videos/{video_id}/comments").json()["items"][0]["text"] == "<b>Käse</b>\n\u4e16\u754c"
        assert call("PATCH", f"/comments/{comment['commentId']}", token, json={"state": "hidden"}).status_code == 200
        assert call("GET", f"/videos/{video_id}/comments").json()["items"] == []
    finally:
        assert call("DELETE", f"/comments/{comment['commentId']}", token).status_code == 204

    channel = call("GET", f"/channels/{video['ownerId']}").json()
    assert channel["videos"] >= 1 and "@" not in channel["name"]
    assert call("PUT", f"/channels/{video['ownerId']}/subscription", token).json()["code"] == "own_channel"


def test_what_is_watched_is_trending_at_the_edge(weir, film):
    video_id, _ = film
    assert weir.api("POST", f"/api/v1/videos/{video_id}/views", json={
        "sessionId": "trending-session", "positionSeconds": 0}).status_code == 204

    def trends():
        answer = weir.get("/api/v1/trending")
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        return [item["videoId"] for item in answer.json()["items"]]
    # A second until it is counted, five in which the edge has an older answer.
    wait_for(lambda: video_id in trends(), 7, what="the film to be trending")
    assert weir.get("/api/v1/trending").headers["X-Cache"].startswith("Hit")
