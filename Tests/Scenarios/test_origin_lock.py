"""Only the edge reads the media bucket, and its key is replaced while somebody watches."""
import json
import os
import signal
import subprocess
import threading

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.config import Config

from installation import BIN, media_segments, variants, wait_for

NEXT = {"accessKeyId": "AKIANEXTEDGEKEY", "secretAccessKey": "the-next-secret-of-the-edge"}


class Player:
    """Plays a film over and over; before each time the edge forgets it, so that everything comes from the origin anew."""

    def __init__(self, weir, video_id):
        self.weir, self.video_id, self.rounds, self.errors = weir, video_id, 0, []
        self.first = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        cookies = self.weir.cookies(self.video_id)
        while not self.stopping.is_set():
            try:
                requests.post(self.weir.ready["admin"] + "/purge", json={"tags": [f"video:{self.video_id}"]}, timeout=30,
                              headers={"Authorization": f"Bearer {self.weir.ready['edgeToken']}"}).raise_for_status()
                played = self._play(cookies)
                self.first = self.first or played
                if played != self.first:
                    self.errors.append("other bytes than the first time")
            except Exception as error:  # whatever it is, a viewer would have seen it
                self.errors.append(repr(error))
            self.rounds += 1

    def _play(self, cookies):
        def get(path):
            answer = self.weir.get(path, cookies)
            answer.raise_for_status()
            return answer
        base = f"/media/{self.video_id}/"
        played = []
        for _, uri in variants(get(base + "index.m3u8").text):
            folder = (base + uri).rsplit("/", 1)[0] + "/"
            segments, init = media_segments(get(base + uri).text)
            played += [get(folder + name).content for name in [init, *[name for _, name in segments]]]
        return played

    def rounds_more(self, count):
        """Waits until the film was played so often from now on."""
        wanted = self.rounds + count
        wait_for(lambda: self.rounds >= wanted, 120, what=f"round {wanted} of the player")

    def stop(self):
        self.stopping.set()
        self.thread.join()
        assert self.errors == [] and self.rounds > 1


@pytest.fixture
def player(own_film):
    playing = Player(*own_film)
    yield playing
    playing.stop()


def edge_key(weir):
    return json.loads((weir.directory / "config" / "edge.json").read_text())["control"]


def client(weir, key):
    return boto3.client("s3", endpoint_url=weir.ready["s3"], region_name=weir.ready["region"],
                        aws_access_key_id=key["accessKeyId"], aws_secret_access_key=key["secretAccessKey"],
                        config=Config(retries={"max_attempts": 1}))


def playlist(weir, video_id):
    return {"Bucket": weir.ready["mediaBucket"], "Key": f"media/{video_id}/index.m3u8"}


def answer_to(weir, video_id, key):
    """What the bucket says to a key: "OK" or the code of the refusal."""
    try:
        assert client(weir, key).get_object(**playlist(weir, video_id))["Body"].read().startswith(b"#EXTM3U")
        return "OK"
    except botocore.exceptions.ClientError as refused:
        assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        return refused.response["Error"]["Code"]


def rewrite(weir, name, change):
    """Changes a configuration document as an operator does."""
    path = weir.directory / "config" / f"{name}.json"
    document = json.loads(path.read_text())
    change(document)
    path.with_suffix(".new").write_text(json.dumps(document))
    path.with_suffix(".new").rename(path)


def test_nobody_but_the_edge_gets_media_from_the_bucket(own_film):
    weir, video_id = own_film
    where = playlist(weir, video_id)
    url = f"{weir.ready['s3']}/{where['Bucket']}/{where['Key']}"
    edge = edge_key(weir)
    worker = json.loads((weir.directory / "config" / "transcoder.json").read_text())["objects"]
    stranger = {"accessKeyId": "AKIASTRANGER", "secretAccessKey": "whatever"}
    assert answer_to(weir, video_id, edge) == "OK"
    assert answer_to(weir, video_id, stranger) == "InvalidAccessKeyId"
    assert answer_to(weir, video_id, {**edge, "secretAccessKey": "guess"}) == "SignatureDoesNotMatch"
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        client(weir, edge).put_object(**where, Body=b"#EXTM3U")
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        client(weir, edge).list_objects_v2(Bucket=weir.ready["uploadBucket"])
    cookies = weir.cookies(video_id)
    refused = [requests.get(url, timeout=10), requests.get(url, headers={"Cookie": cookies}, timeout=10)]
    # An upload's URL opens no other object and no other method, and URLs that edge, worker or a stranger have signed open none.
    slot = weir.api("POST", "/api/v1/uploads", weir.sign_in(), json={
        "fileName": "a.mp4", "contentType": "video/mp4", "size": 4, "title": "A film"}).json()
    refused.append(requests.get(slot["url"], timeout=10))
    refused.append(requests.get(f"{url}?{slot['url'].split('?')[1]}", timeout=10))
    for key in (edge, worker, stranger):
        refused.append(requests.get(client(weir, key).generate_presigned_url("get_object", where), timeout=10))
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert [answer for answer in refused if b"#EXTM3U" in answer.content] == []


def test_the_edges_key_is_replaced_by_hand_while_a_film_plays(own_film, player):
    weir, video_id = own_film
    old = edge_key(weir)
    player.rounds_more(1)
    # 1. The origin takes both keys.
    rewrite(weir, "origin", lambda document: document["accessKeys"].append({**NEXT, "role": "edge"}))
    os.kill(weir.pid_of("weir-origin"), signal.SIGHUP)
    wait_for(lambda: answer_to(weir, video_id, NEXT) == "OK", what="the origin to take the new key")
    assert answer_to(weir, video_id, old) == "OK"
    player.rounds_more(1)

    # 2. The edge signs with the new one.
    def use_next(document):
        document["control"].update(NEXT)
        document["origins"]["media"]["sigv4"].update(NEXT)
    rewrite(weir, "edge", use_next)
    answer = requests.post(weir.ready["admin"] + "/reload", timeout=30,
                           headers={"Authorization": f"Bearer {weir.ready['edgeToken']}"})
    assert (answer.status_code, answer.json()["needsRestart"]) == (200, [])
    player.rounds_more(1)

    # 3. The origin takes the new one only.
    def forget_old(document):
        document["accessKeys"] = [key for key in document["accessKeys"] if key["accessKeyId"] != old["accessKeyId"]]
    rewrite(weir, "origin", forget_old)
    os.kill(weir.pid_of("weir-origin"), signal.SIGHUP)
    wait_for(lambda: answer_to(weir, video_id, old) == "InvalidAccessKeyId", what="the origin to refuse the old key")
    assert answer_to(weir, video_id, NEXT) == "OK"
    player.rounds_more(2)
    # The edge goes on following the control log, too.
    made = weir.cloudfront().create_invalidation(
        DistributionId=weir.ready["distributionId"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/x"]}, "CallerReference": "after-the-rotation"})
    weir.cloudfront().get_waiter("invalidation_completed").wait(
        DistributionId=weir.ready["distributionId"], Id=made["Invalidation"]["Id"],
        WaiterConfig={"Delay": 1, "MaxAttempts": 40})


def test_a_refused_configuration_leaves_the_keys_as_they_are(own_film):
    weir, video_id = own_film
    before = (weir.directory / "config" / "origin.json").read_text()
    settings = json.loads(before)

    def lose_the_administrator(document):
        document["accessKeys"] = [key for key in document["accessKeys"] if key["role"] != "admin"]
    rewrite(weir, "origin", lose_the_administrator)
    reload = f"http://{settings['adminListen']}/reload"
    answer = requests.post(reload, headers={"Authorization": f"Bearer {settings['adminToken']}"}, timeout=30)
    assert answer.status_code == 422 and answer.json()["problems"][0]["path"] == "$.accessKeys"
    assert requests.post(reload, timeout=30).status_code == 401
    assert answer_to(weir, video_id, edge_key(weir)) == "OK"
    (weir.directory / "config" / "origin.json").write_text(before)


def test_one_command_replaces_the_edges_key_while_a_film_plays(own_film, player):
    weir, video_id = own_film
    old = edge_key(weir)
    player.rounds_more(1)
    run = subprocess.run([BIN / "weir", "edge-credentials", "rotate", "--data", weir.directory, "--grace", "2"],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, (run.stderr, weir.transcript())
    new = edge_key(weir)
    assert new["accessKeyId"] != old["accessKeyId"] and new["secretAccessKey"] != old["secretAccessKey"]
    assert answer_to(weir, video_id, old) == "InvalidAccessKeyId"
    assert answer_to(weir, video_id, new) == "OK"
    player.rounds_more(2)
    kept = json.loads((weir.directory / "secrets" / "installation.json").read_text())
    assert kept["edgeAccessKeyId"] == new["accessKeyId"]
    assert [name for name in kept if "etiring" in name] == []
