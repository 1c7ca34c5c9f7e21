"""One edge for several sites, told apart by Host; and pages in place of errors."""
import json
import subprocess

import requests

from installation import BIN
from own_edge import TOKEN, Origin, OwnEdge, QuietHandler, ServedOrigin, content


def get(edge, host, path="/a"):
    return requests.get(f"http://127.0.0.1:{edge.port}{path}", headers={"Host": host}, timeout=30)


def until_hit(edge, host, path="/a"):
    while get(edge, host, path).headers["X-Cache"] != "Hit from weir":
        pass


def test_two_sites_share_an_edge_and_nothing_else(tmp_path):
    first, second = Origin(size=5000), Origin(size=7000)
    (tmp_path / "second.json").write_text(json.dumps({
        "Id": "E2", "Aliases": ["*.second.test"], "Origins": [{"Id": "media"}],
        "CachePolicies": [{"Id": "cached", "DefaultTTL": 3600}],
        "DefaultCacheBehavior": {"TargetOriginId": "media", "CachePolicyId": "cached"},
    }))

    def configure(document):
        document["distributions"] = ["second.json"]
        document["origins"]["E2/media"] = {"url": second.url}

    edge = OwnEdge(tmp_path, first, configure)
    try:
        for host, size in [("first.test", 5000), ("www.second.test", 7000), ("WWW.SECOND.TEST:80", 7000)]:
            assert get(edge, host).content == content("/a", size)
            until_hit(edge, host)
        asked = len(first.requests), len(second.requests)
        for order, purged in [({"urls": ["http://www.second.test/a"]}, "E2"), ({"all": True, "distribution": "E1"}, "E1")]:
            answer = requests.post(f"http://127.0.0.1:{edge.admin_port}/purge", json=order, timeout=30,
                                   headers={"Authorization": f"Bearer {TOKEN}"})
            assert answer.status_code == 200, answer.text
            for host, site in [("first.test", "E1"), ("www.second.test", "E2")]:
                expected = "Miss from weir" if site == purged else "Hit from weir"
                assert get(edge, host).headers["X-Cache"] == expected, (order, host)
                until_hit(edge, host)
        assert (len(first.requests), len(second.requests)) == (asked[0] + 1, asked[1] + 1)
        explained = edge.admin("/explain?url=http://x.second.test/a", "GET").json()
        assert (explained["distribution"], explained["state"]) == ("E2", "fresh")
        assert 'distribution="E2"' in edge.admin("/metrics", "GET").text

        edge.document["unknownHosts"] = "refuse"
        edge.distribution["Aliases"] = ["first.test"]
        edge.write()
        assert edge.admin("/reload").status_code == 200
        assert get(edge, "unknown.test").status_code == 421
        assert get(edge, "first.test").headers["X-Cache"] == "Hit from weir"
    finally:
        assert edge.stop() == 0
        first.stop()
        second.stop()


class Shop(ServedOrigin):
    """Has a page for errors, and errors; counts."""

    def __init__(self):
        self.requests = []
        shop = self

        class Handler(QuietHandler):
            def do_GET(self):
                shop.requests.append(self.path)
                status, body = (200, b"<h1>Closed</h1>") if self.path == "/errors/sorry.html" else (503, b"stack trace")
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                # A connection kept would be answered even after `stop`.
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

        super().__init__(Handler)


def test_clients_see_a_page_in_place_of_an_error_also_without_an_origin(tmp_path):
    shop = Shop()
    edge = OwnEdge(tmp_path, shop, distribution={"CustomErrorResponses": [
        {"ErrorCode": code, "ResponsePagePath": "/errors/sorry.html", "ErrorCachingMinTTL": 0} for code in (502, 503)]})
    try:
        for _ in range(3):
            answer = get(edge, "shop.test", "/till")
            assert (answer.status_code, answer.content) == (503, b"<h1>Closed</h1>")
            assert answer.headers["Cache-Control"] == "no-store"
        until_hit(edge, "shop.test", "/errors/sorry.html")
        shop.stop()
        answer = get(edge, "shop.test", "/counter")
        assert (answer.status_code, answer.content) == (502, b"<h1>Closed</h1>")
        assert shop.requests.count("/errors/sorry.html") == 1
    finally:
        assert edge.stop() == 0


def test_check_tells_what_is_wrong_and_what_is_doubtful(tmp_path):
    document = {
        "Id": "E1", "Origins": [{"Id": "media"}], "DefaultCacheBehavior": {"TargetOriginId": "media"},
        "CacheBehaviors": [
            {"PathPattern": "*.m3u8", "TargetOriginId": "media"},
            {"PathPattern": "/media/*", "TargetOriginId": "media",
             "TrustedKeyGroups": {"Enabled": True, "Items": ["playback"]}},
        ],
    }
    path = tmp_path / "distribution.json"

    def check():
        path.write_text(json.dumps(document))
        return subprocess.run([BIN / "weir-edge", "--check-distribution", path], capture_output=True, text=True)

    doubtful = check()
    assert doubtful.returncode == 0
    assert "warning" in doubtful.stderr and "such as /media/.m3u8" in doubtful.stderr
    document["CacheBehaviors"][1]["PathPattern"] = "/media//*"
    document["CacheBehaviors"][0]["TargetOriginId"] = "medai"
    wrong = check()
    assert wrong.returncode == 78
    assert '$.CacheBehaviors[0].TargetOriginId: "medai" is not one of media; did you mean "media"?' in wrong.stderr
    assert "$.CacheBehaviors[1].PathPattern" in wrong.stderr
