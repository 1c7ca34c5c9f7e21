"""A receiver of webhooks that fails, goes away and comes back hears everything in the end, signed, across a killed origin."""
import http.server
import json
import os
import pathlib
import re
import signal
import threading

import pytest

from installation import ROOT, SAMPLE, Installation, wait_for


def documented_verify():
    """The example of docs/webhooks.md, as a reader would copy it."""
    text = (ROOT / "docs/webhooks.md").read_text()
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.S)[1], names)
    return names["verify"]


VERIFY = documented_verify()


class Receiver:
    """An HTTP server that answers what it is told to, and keeps what verifies; it can go away and come back on its port."""

    def __init__(self):
        self.answers, self.messages, self.secrets = [], [], []
        self.port = 0
        self.come()

    def come(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 204
                ids = {VERIFY(secret, self.headers, body) for secret in receiver.secrets}
                receiver.messages.append((ids.pop(), status, json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def go(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def taken(self):
        """What was answered with success: (id, type)."""
        return [(name, body["type"]) for name, status, body in self.messages if status == 204]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.go()


def kill_origin(weir):
    killed = weir.pid_of("weir-origin")
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: weir.pid_of("weir-origin") not in (None, killed) and is_served(weir), what="the origin to be restarted")


def is_served(weir):
    try:
        return weir.api("GET", "/api/v1/openapi.json").status_code == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def intranet(tmp_path_factory):
    """An installation whose webhooks may go to this machine, and that tries again soon."""
    weir = Installation(tmp_path_factory.mktemp("webhooks") / "data")
    path = pathlib.Path(weir.directory / "config/origin.json")
    configuration = json.loads(path.read_text())
    configuration["webhooks"] = {"allowPrivateAddresses": True, "firstRetrySeconds": 1}
    path.write_text(json.dumps(configuration))
    kill_origin(weir)
    yield weir
    assert weir.stop() == 0


def test_a_private_address_is_refused_unless_the_installation_says_otherwise(weir, receiver):
    token = weir.sign_in()
    for url in (receiver.url, "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]:8080/", "file:///etc/passwd"):
        refused = weir.api("POST", "/api/v1/webhooks", token, json={"url": url})
        assert refused.status_code == 422 and refused.json()["detail"].startswith("url "), url
    # A name, or an odd way to write a number, is looked at when the connection is made.
    for host in ("localhost", "2130706433", "127.1"):
        made = weir.api("POST", "/api/v1/webhooks", token, json={"url": f"http://{host}:{receiver.port}/"})
        assert made.status_code == 201, host
        hook = f"/api/v1/webhooks/{made.json()['webhookId']}"
        weir.api("POST", f"{hook}/test", token)
        delivery = wait_for(lambda: next((item for item in weir.api("GET", f"{hook}/deliveries", token).json()["items"]
                                          if item["attempts"]), None), what=f"the attempt at {host}")
        assert delivery["state"] == "pending" and "status" not in delivery and delivery["failure"], delivery
        assert weir.api("DELETE", hook, token).status_code == 204
    assert receiver.messages == []


def test_everything_is_heard_in_the_end(intranet, receiver):
    weir = intranet
    token = weir.sign_in()
    made = weir.api("POST", "/api/v1/webhooks", token, json={"url": receiver.url}).json()
    receiver.secrets = [made["secret"]]
    receiver.answers = [500]
    hook = f"/api/v1/webhooks/{made['webhookId']}"
    video_id = weir.publish(SAMPLE, token)
    told = lambda: {kind for _, kind in receiver.taken()} == {"video.playable", "video.ready"}
    wait_for(told, 30, what="both events to be taken")
    # The refused one came again under its id.
    assert receiver.messages[0][:2] == (receiver.taken()[0][0], 500)
    assert all(body["data"]["videoId"] == video_id for *_, body in receiver.messages)

    receiver.go()
    weir.api("POST", f"{hook}/test", token)
    wait_for(lambda: weir.api("GET", f"{hook}/deliveries", token).json()["items"][0]["attempts"], what="the attempt that nobody answers")
    kill_origin(weir)
    receiver.come()
    heard = lambda: [name for name, kind in receiver.taken() if kind == "webhook.test"]
    wait_for(heard, 60, what="the message of before the origin was killed")
    items = wait_for(lambda: (found := weir.api("GET", f"{hook}/deliveries", token).json()["items"])
                     and all(item["state"] == "delivered" for item in found) and found, what="all to be delivered")
    assert len(items) == 3 and items[0]["eventId"] == heard()[0] and items[0]["attempts"] >= 2

    # A replay is the same message; a new secret signs beside the old one.
    receiver.secrets.append(weir.api("POST", f"{hook}/secret", token).json()["secret"])
    assert weir.api("POST", f"{hook}/deliveries/{items[0]['deliveryId']}/replay", token).status_code == 202
    wait_for(lambda: len(heard()) == 2, 30, what="the replay")
    assert len(set(heard())) == 1
    assert weir.api("DELETE", hook, token).status_code == 204
