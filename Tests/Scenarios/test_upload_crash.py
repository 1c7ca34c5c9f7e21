"""kill -9 of the origin while files arrive: no half object, no lost and no doubled job. Full disks refuse and keep what is there.

`WEIR_UPLOAD_KILLS` says how often each kind of call is struck; 100 takes minutes."""
import os
import random
import signal
import subprocess
import threading

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from installation import BIN, Installation, wait_for

MEBIBYTE = 1 << 20
KILLS = int(os.environ.get("WEIR_UPLOAD_KILLS", "2"))
PART = random.Random(3).randbytes(5 * MEBIBYTE)


class Struck:
    """An origin that is killed at random moments of a call, and started again at once: `weir up` would wait longer each time."""

    def __init__(self, weir):
        self.weir, self.token, self.chance = weir, weir.sign_in(), random.Random(11)
        assert weir.stop() == 0
        self.log = open(weir.directory / "logs/struck.log", "ab")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [BIN / "weir-origin", "--config", self.weir.directory / "config/origin.json"], stdout=self.log, stderr=self.log)
        wait_for(self._answers, every=0.01, what="the origin to answer")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()
        return self.process.returncode

    def during(self, call):
        """Runs `call` beside a kill; whether it was answered."""
        timer = threading.Timer(self.chance.uniform(0, 0.08), self.process.kill)
        timer.start()
        try:
            call()
            answered = True
        except (requests.RequestException, BotoCoreError, ClientError):
            answered = False
        timer.join()
        assert self.process.wait(timeout=30) == -signal.SIGKILL
        self.start()
        return answered

    def _answers(self):
        assert self.process.poll() is None, self.weir.transcript()
        try:
            return requests.get(self.weir.ready["origin"] + "/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def s3(self):
        return self.weir.s3(config=Config(retries={"max_attempts": 1}))

    def object(self, key):
        """The bytes under a key of the upload bucket, or None."""
        try:
            return self.s3().get_object(Bucket=self.weir.ready["uploadBucket"], Key=key)["Body"].read()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey", error
            return None

    def slot(self, size):
        answer = self.weir.api("POST", "/api/v1/uploads", self.token, json={"fileName": "f", "contentType": "video/mp4", "size": size})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def jobs_of(self, video_id):
        jobs, start = [], ""
        while start is not None:
            page = self.weir.api("GET", f"/api/v1/admin/jobs?limit=100{start}", self.token).json()
            jobs += [job for job in page["items"] if job["videoId"] == video_id]
            start = f"&startKey={page['lastEvaluatedKey']}" if "lastEvaluatedKey" in page else None
        return jobs


@pytest.fixture(scope="module")
def struck(tmp_path_factory):
    struck = Struck(Installation(tmp_path_factory.mktemp("struck") / "data"))
    yield struck
    assert struck.stop() == 0


@pytest.mark.parametrize("round", range(KILLS))
def test_a_put_is_whole_and_queued_once_or_not_there(struck, round):
    slot = struck.slot(len(PART))
    key = f"{slot['videoId']}/original"

    def put():
        requests.put(slot["url"], data=PART, headers=slot["headers"], timeout=30).raise_for_status()

    answered = struck.during(put)
    stored = struck.object(key)
    assert stored in (None, PART) and (stored == PART or not answered)
    if stored is None:
        assert not struck.jobs_of(slot["videoId"])
        put()
    wait_for(lambda: struck.jobs_of(slot["videoId"]), what="the job")
    assert len(struck.jobs_of(slot["videoId"])) == 1
    assert struck.object(key) == PART


@pytest.mark.parametrize("round", range(KILLS))
@pytest.mark.parametrize("moment", ["part", "complete"])
def test_an_upload_in_parts_goes_on_where_it_was(struck, moment, round):
    slot = struck.slot(len(PART) + 4)
    s3, place = struck.s3(), {"Bucket": struck.weir.ready["uploadBucket"], "Key": f"{slot['videoId']}/original"}
    place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
    bodies = {1: PART, 2: b"tail"}

    def put_part():
        s3.upload_part(**place, PartNumber=1, Body=PART)

    def complete():
        parts = [{"PartNumber": number, "ETag": sent[number]} for number in sorted(bodies)]
        s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})

    if moment == "part":
        answered = struck.during(put_part)
        stored = {part["PartNumber"]: part["Size"] for part in s3.list_parts(**place).get("Parts", [])}
        assert stored in ({}, {1: len(PART)}) and (stored or not answered)
    sent = {number: s3.upload_part(**place, PartNumber=number, Body=body)["ETag"] for number, body in bodies.items()}
    assert struck.object(place["Key"]) is None
    if moment == "complete":
        answered = struck.during(complete)
        stored = struck.object(place["Key"])
        assert stored in (None, PART + b"tail") and (stored or not answered)
    complete()
    assert struck.object(place["Key"]) == PART + b"tail"
    wait_for(lambda: struck.jobs_of(slot["videoId"]), what="the job")
    assert len(struck.jobs_of(slot["videoId"])) == 1


def test_a_full_disk_refuses_uploads_and_keeps_what_is_there(tmp_path):
    disk = tmp_path / "data/objects"
    disk.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "weir-test", disk], capture_output=True).returncode:
        pytest.skip("a disk of one's own takes the right to mount one")
    try:
        weir = Installation(tmp_path / "data")
        try:
            fill_and_check(weir)
        finally:
            assert weir.stop() == 0
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill_and_check(weir):
    s3, bucket = weir.s3(config=Config(retries={"max_attempts": 1})), weir.ready["uploadBucket"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")
    place = {"Bucket": bucket, "Key": "parts", "UploadId": upload["UploadId"]}
    tag = s3.upload_part(**place, PartNumber=1, Body=PART)["ETag"]
    kept = []
    with pytest.raises(ClientError) as full:
        for number in range(40):
            s3.put_object(Bucket=bucket, Key=f"film{number}", Body=PART)
            kept.append(f"film{number}")
    assert full.value.response["Error"]["Code"] == "InsufficientStorage"
    assert full.value.response["ResponseMetadata"]["HTTPStatusCode"] == 507
    with pytest.raises(ClientError) as full:
        s3.upload_part(**place, PartNumber=2, Body=PART)
    assert full.value.response["Error"]["Code"] == "InsufficientStorage"
    assert kept and [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == sorted(kept)
    for key in kept:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == PART
    # What takes no room goes on: parts are put together and objects are copied.
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "parts"})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == PART
