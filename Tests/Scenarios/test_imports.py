"""A video is imported by URL: over a broken connection and a killed origin, and never from where nobody should be sent."""
import http.server
import json
import threading

import pytest

from installation import SAMPLE, Installation, wait_for
from test_webhooks import kill_origin

FILE = SAMPLE.read_bytes()


class Source:
    """A server of one file, in parts; the first connections break off in the middle."""

    def __init__(self):
        self.requests, self.breaks = [], 0
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                source.requests.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
                if self.path.startswith("/to?"):
                    self.send_response(302)
                    self.send_header("Location", self.path[4:])
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")) if "Range" in self.headers else 0
                self.send_response(206 if start else 200)
                self.send_header("Content-Type", "video/mp4")
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("ETag", '"film"')
                self.send_header("Content-Length", str(len(FILE) - start))
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(FILE) - 1}/{len(FILE)}")
                self.end_headers()
                middle = start + (len(FILE) - start) // 2
                if source.breaks:
                    source.breaks -= 1
                    self.wfile.write(FILE[start:middle])
                    self.close_connection = True
                    return
                self.wfile.write(FILE[start:])

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path="/film.mp4"):
        return f"http://127.0.0.1:{self.server.server_port}{path}"


@pytest.fixture
def source():
    source = Source()
    yield source
    source.server.shutdown()
    source.server.server_close()


@pytest.fixture(scope="module")
def intranet(tmp_path_factory):
    """An installation that may ask this machine, and that tries again soon."""
    weir = Installation(tmp_path_factory.mktemp("imports") / "data")
    path = weir.directory / "config/origin.json"
    configuration = json.loads(path.read_text())
    configuration["imports"] = {"allowPrivateAddresses": True, "firstRetrySeconds": 2}
    path.write_text(json.dumps(configuration))
    kill_origin(weir)
    yield weir
    assert weir.stop() == 0


def state(weir, token, made):
    return weir.api("GET", f"/api/v1/imports/{made['importId']}", token).json()


def test_no_private_address_is_asked(weir, source):
    token = weir.sign_in()
    for url in (source.url(), "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "file:///etc/passwd"):
        refused = weir.api("POST", "/api/v1/imports", token, json={"url": url})
        assert refused.status_code == 422 and refused.json()["code"] == "import_refused_address", url
    # A name is looked at when the connection is made.
    made = weir.api("POST", "/api/v1/imports", token, json={"url": f"http://localhost:{source.server.server_port}/"}).json()
    failed = wait_for(lambda: (found := state(weir, token, made))["state"] == "failed" and found, 30, what="the refusal")
    assert failed["failure"]["code"] == "import_refused_address"
    assert weir.video(made["videoId"], token)["failure"]["detail"] == "import_refused_address"
    assert source.requests == []
    assert weir.api("DELETE", f"/api/v1/videos/{made['videoId']}", token).status_code in (200, 204)


def test_an_import_goes_on_after_a_break_and_a_killed_origin(intranet, source):
    weir = intranet
    token = weir.sign_in()
    source.breaks = 1
    made = weir.api("POST", "/api/v1/imports", token, json={"url": source.url("/to?/film.mp4"), "title": "Imported"}).json()
    half = wait_for(lambda: (found := state(weir, token, made))["state"] == "queued" and found["receivedBytes"] and found, 30,
                    what="the connection to break off")
    assert half["receivedBytes"] == len(FILE) // 2 and half["totalBytes"] == len(FILE) and half["failure"]["code"] == "import_failed"
    kill_origin(weir)
    done = wait_for(lambda: (found := state(weir, token, made))["state"] == "done" and found, 60, what="the import to be done")
    assert done["receivedBytes"] == len(FILE)
    assert [item for item in source.requests if item[0] == "/film.mp4"] == [
        ("/film.mp4", None, None), ("/film.mp4", f"bytes={len(FILE) // 2}-", '"film"')]
    video = weir.wait_until_settled(made["videoId"], token)
    assert video["status"] == "ready" and video["title"] == "Imported", video
    stored = weir.s3().get_object(Bucket=weir.ready["uploadBucket"], Key=f"{made['videoId']}/original")
    assert stored["Body"].read() == FILE and stored["ContentType"] == "video/mp4"


def test_a_redirect_to_a_metadata_service_is_refused(intranet, source):
    token = intranet.sign_in()
    made = intranet.api("POST", "/api/v1/imports", token, json={"url": source.url("/to?http://169.254.169.254/")}).json()
    failed = wait_for(lambda: (found := state(intranet, token, made))["state"] == "failed" and found, 30, what="the refusal")
    assert failed["failure"]["code"] == "import_refused_address"
