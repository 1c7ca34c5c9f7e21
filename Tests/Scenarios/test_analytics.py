"""How a film is watched, as players tell the origin and as edges see it."""
import csv
import io

from installation import media_segments, variants, wait_for


def test_an_owner_sees_what_players_tell_and_what_edges_serve(weir, film):
    video_id, token = film

    def figures(**query):
        answer = weir.api("GET", f"/api/v1/videos/{video_id}/analytics", token, params=query)
        assert answer.status_code == 200, answer.text
        return answer

    def total(name, grain="day"):
        return sum(span[name] for span in figures(granularity=grain).json()["items"])

    names = ["views", "watchedSeconds", "startups", "stalls", "bytes", "hits", "misses", "playerRequests", "starvedRequests",
             "urgentRequests"]
    before = {name: total(name) for name in names}

    for event, position, more in [("play", 0, {"startupMilliseconds": 250}), ("progress", 1.5, {}),
                                  ("ended", 2, {"stalledMilliseconds": 100})]:
        assert weir.api("POST", f"/api/v1/videos/{video_id}/views", json={
            "sessionId": "analytics-sitting", "positionSeconds": position, "event": event, **more}).status_code == 204

    cookies = weir.cookies(video_id)
    base = f"/media/{video_id}"
    _, rendition = variants(weir.get(f"{base}/index.m3u8", cookies).text)[0]
    segments, _ = media_segments(weir.get(f"{base}/{rendition}", cookies).text)
    segment = f"{base}/{rendition.rsplit('/', 1)[0]}/{segments[0][1]}"
    wait_for(lambda: weir.get(segment, cookies).headers["X-Cache"].startswith("Hit"), what="the segment to be stored")
    served = weir.get(segment + "?CMCD=bs%2Csu%2Cmtp%3D8000", cookies)
    assert served.status_code == 200 and weir.get(segment).status_code == 403

    # The edge tells every five seconds.
    wait_for(lambda: total("urgentRequests") > before["urgentRequests"], 15, what="the edge's report")
    wait_for(lambda: total("views") > before["views"], 5, what="the pings to be written")
    for grain in ["minute", "hour", "day"]:
        added = {name: total(name, grain) - (before[name] if grain == "day" else 0) for name in names}
        assert added["views"] >= 1 and added["watchedSeconds"] >= 2 and added["startups"] >= 1 and added["stalls"] >= 1
        assert added["bytes"] >= len(served.content) and added["hits"] >= 2 and added["urgentRequests"] >= 1
        assert added["playerRequests"] >= 1 and added["starvedRequests"] >= 1
    spans = figures().json()["items"]
    assert 0 < spans[-1]["hitRatio"] <= 1 and spans[-1]["throughputKilobitsPerSecond"] == 8_000

    rows = list(csv.DictReader(io.StringIO(figures(format="csv").text)))
    assert [row["start"] for row in rows] == [span["start"] for span in spans]
    assert int(rows[-1]["hits"]) >= spans[-1]["hits"] and rows[-1].keys() == spans[-1].keys()

    assert weir.api("GET", f"/api/v1/videos/{video_id}/analytics").status_code == 401
    assert weir.video(video_id, token)["comments"] == "open" and "comments" not in weir.video(video_id)
