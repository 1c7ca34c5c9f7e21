"""The keys that sign playback change while people watch: nobody is refused, until a key is retired, and then everywhere."""
import json
import os
import signal
import subprocess
import threading
import time
from types import SimpleNamespace

import pytest
import requests

from installation import BIN, media_segments, variants, wait_for
from own_edge import OwnEdge


class SecondEdge(OwnEdge):
    """Another edge of the installation: the same distribution and origins, with a name and a cache of its own."""

    def __init__(self, directory, weir):
        directory.mkdir()
        config = weir.directory / "config"

        def copy(document):
            mine = {key: document[key] for key in ("distribution", "http", "admin", "cache", "loops")}
            document.clear()
            document.update(json.loads((config / "edge.json").read_text()), **mine)
            document["control"]["edgeId"] = "edge-2"
            del document["https"]
        super().__init__(directory, SimpleNamespace(url=weir.ready["s3"]), copy, json.loads((config / "distribution.json").read_text()))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


class Player:
    """Plays the film over and over in real time on one connection; whatever is not 200 is an error."""

    def __init__(self, edge_url, video_id, cookies):
        self.url, self.base, self.cookies = edge_url, f"/media/{video_id}/", cookies
        self.segments, self.errors = 0, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        with requests.Session() as session:
            session.headers["Cookie"] = self.cookies
            while not self.stopping.is_set():
                try:
                    self._play(session)
                except Exception as error:  # whatever it is, a viewer would have seen it
                    self.errors.append(repr(error))

    def _play(self, session):
        def get(path):
            answer = session.get(self.url + path, timeout=30)
            answer.raise_for_status()
            return answer
        _, uri = variants(get(self.base + "index.m3u8").text)[0]
        folder = (self.base + uri).rsplit("/", 1)[0] + "/"
        segments, init = media_segments(get(self.base + uri).text)
        get(folder + init)
        for duration, name in segments:
            get(folder + name)
            self.segments += 1
            if self.stopping.wait(min(duration, 0.25)):
                return

    def more(self, count):
        """Waits until so many segments were played from now on."""
        wanted = self.segments + count
        wait_for(lambda: self.segments >= wanted or self.errors, 60, what=f"segment {wanted} of the player")
        assert self.errors == []

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.errors == []


def keys(weir, *words, code=0):
    run = subprocess.run([BIN / "weir", "keys", *words, "--ready", weir.directory / "ready.json"],
                         capture_output=True, text=True, timeout=90)
    assert run.returncode == code, run.stdout + run.stderr + weir.transcript()
    return run.stdout + run.stderr


def status(url, video_id, cookies):
    return requests.get(f"{url}/media/{video_id}/index.m3u8", headers={"Cookie": cookies}, timeout=10).status_code


def signer(cookies):
    return cookies.split("CloudFront-Key-Pair-Id=")[1].split(";")[0]


@pytest.fixture
def second(tmp_path, own_film):
    edge = SecondEdge(tmp_path / "edge-2", own_film[0])
    yield edge
    assert edge.stop() == 0, edge.transcript()


def test_a_rotation_breaks_no_running_player_and_a_retired_key_opens_nothing(own_film, second):
    weir, video_id = own_film
    old_cookies = weir.cookies(video_id)
    old = signer(old_cookies)
    urls = [weir.ready["edge"], second.url]
    players = [Player(url, video_id, old_cookies) for url in urls]
    # A real player too: it asks for a segment when it is due.
    ffmpeg = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-nostdin", "-xerror", "-re", "-headers", f"Cookie: {old_cookies}\r\n",
         "-i", f"{weir.ready['edge']}/media/{video_id}/index.m3u8", "-map", "0:v:0", "-c", "copy", "-f", "null", "-"],
        stderr=subprocess.PIPE, text=True)
    for player in players:
        player.more(4)

    said = keys(weir, "rotate")
    new = said.split(":")[0]
    assert new != old and f"{new}: signs" in said and f"{old}: verifies until" in said
    new_cookies = weir.cookies(video_id)
    assert signer(new_cookies) == new
    late = [Player(url, video_id, new_cookies) for url in urls]
    for player in players + late:
        player.more(8)
    assert ffmpeg.wait(timeout=60) == 0 and ffmpeg.stderr.read() == ""

    assert "it then retires by itself" in keys(weir, "retire", new, "--now", code=1)
    assert f"{old}: verifies until" in keys(weir, "retire", old)
    assert [status(url, video_id, old_cookies) for url in urls] == [200, 200]
    for player in players:
        player.stop()

    said = keys(weir, "retire", old, "--now")
    assert f"{old}: retired, refused by every connected edge" in said
    assert [status(url, video_id, old_cookies) for url in urls] == [403, 403]
    assert [status(url, video_id, new_cookies) for url in urls] == [200, 200]
    for player in late:
        player.more(4)
        player.stop()
    table = keys(weir, "list", "--all").splitlines()
    assert [line.split()[1] for line in table if line.startswith((old, new))] == ["signing", "retired"]
    assert old not in keys(weir, "list")
    check = subprocess.run([BIN / "weir", "check", "--ready", weir.directory / "ready.json", video_id],
                           capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stderr


def test_a_leaked_key_is_refused_at_once_on_every_edge(own_film, second):
    weir, video_id = own_film
    leaked = weir.cookies(video_id)
    urls = [weir.ready["edge"], second.url]
    keys(weir, "rotate", "--algorithm", "ECDSA-P256")
    token = weir.sign_in()
    assert [status(url, video_id, leaked) for url in urls] == [200, 200]
    began = time.monotonic()
    gone = weir.api("DELETE", f"/api/v1/admin/keys/{signer(leaked)}", token)
    assert gone.status_code == 200 and gone.json()["state"] == "retired", gone.text
    wait_for(lambda: [status(url, video_id, leaked) for url in urls] == [403, 403], 2, 0.005, "the leaked key to be refused")
    print(f"refused by both edges {1000 * (time.monotonic() - began):.0f} ms after the call began")


def test_an_edge_that_restarts_while_the_origin_is_down_goes_on_verifying(own_film, second):
    weir, video_id = own_film
    cookies = weir.cookies(video_id)
    Player(second.url, video_id, cookies).stop()
    assert status(second.url, video_id, cookies) == 200
    old = "CloudFront-Policy=e30_; CloudFront-Signature=AA__; CloudFront-Key-Pair-Id=" + weir.ready["keyPairId"]
    origin = weir.pid_of("weir-origin")
    second.process.send_signal(signal.SIGTERM)
    second.process.wait(timeout=40)
    os.kill(origin, signal.SIGSTOP)
    try:
        second.start()
        assert status(second.url, video_id, cookies) == 200
        refused = requests.get(f"{second.url}/media/{video_id}/index.m3u8", headers={"Cookie": old}, timeout=10)
        assert refused.status_code == 403 and "<Code>InvalidKey</Code>" in refused.text
    finally:
        os.kill(origin, signal.SIGCONT)
    wait_for(lambda: second.metric("weir_edge_control_log_contact_seconds") > 0, what="the edge to hear of its origin again")
    assert status(second.url, video_id, cookies) == 200


def test_rotating_back_and_giving_a_rotation_up(own_film):
    weir, video_id = own_film
    before = signer(weir.cookies(video_id))
    made = keys(weir, "create", "--algorithm", "ecdsa-p256").splitlines()[1].split()[0]
    assert f"{made}: signs" in keys(weir, "rotate", "--to", made)
    assert f"{before}: signs" in keys(weir, "rotate", "--to", before)
    assert signer(weir.cookies(video_id)) == before
    assert "There is no key KNONE" in keys(weir, "rotate", "--to", "KNONE", code=1)
    keys(weir, "retire", made, "--now")


def test_weir_sign_uses_the_key_that_signs(own_film):
    weir, video_id = own_film
    first = weir.ready["keyPairId"]
    keys(weir, "rotate")
    if first in keys(weir, "list"):
        keys(weir, "retire", first, "--now")
    url = f"{weir.ready['edge']}/media/{video_id}/index.m3u8"

    def sign(*key):
        run = subprocess.run([BIN / "weir", "sign", "url", *key, url], capture_output=True, text=True, timeout=30)
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()
    signed = sign("--ready", weir.directory / "ready.json")
    assert f"Key-Pair-Id={signer(weir.cookies(video_id))}" in signed
    assert requests.get(signed, timeout=10).status_code == 200
    retired = sign("--key", weir.ready["privateKeyFile"], "--key-pair-id", first)
    assert requests.get(retired, timeout=10).status_code == 403
