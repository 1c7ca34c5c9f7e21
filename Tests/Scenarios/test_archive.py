"""Uploaded files that nobody touches move to another disk and come back when asked for, whatever is killed on the way."""
import contextlib
import json
import pathlib
import random
import sqlite3
import subprocess
import threading

import pytest
from botocore.exceptions import ClientError

from installation import BIN, Installation, wait_for
from test_upload_crash import MEBIBYTE, Struck

PARTS = [random.Random(seed).randbytes(5 * MEBIBYTE) for seed in range(4)]
WHOLE = b"".join(PARTS)


class Archiving(Struck):
    """An origin with an archive, that archives at each start what nobody has touched for a day."""

    def start(self):
        path = self.weir.directory / "config/origin.json"
        document = json.loads(path.read_text())
        self.cold = self.weir.directory / "cold"
        document["archive"] = {"path": str(self.cold), "afterDays": 1}
        path.write_text(json.dumps(document))
        super().start()

    def halt(self):
        """Ends the origin; then nobody has ever read a file."""
        self.process.terminate()
        assert self.process.wait(timeout=30) == 0
        self.sql(("DELETE FROM source_reads",))

    def again(self):
        self.halt()
        self.start()

    def strike(self):
        """Starts an origin that is killed a moment later, while it archives."""
        self.halt()
        struck = subprocess.Popen(
            [BIN / "weir-origin", "--config", self.weir.directory / "config/origin.json"], stdout=self.log, stderr=self.log)
        timer = threading.Timer(self.chance.uniform(0.05, 0.8), struck.kill)
        timer.start()
        struck.wait(timeout=30)
        timer.join()
        self.start()

    def sql(self, *statements):
        with contextlib.closing(sqlite3.connect(self.weir.directory / "catalog.sqlite", timeout=30)) as catalog, catalog:
            for statement, *values in statements:
                catalog.execute(statement, values)

    def film(self):
        """A video whose file came in four parts, and which was made long ago."""
        slot = self.slot(len(WHOLE))
        place = self.place(slot["videoId"])
        upload = place | {"UploadId": self.s3().create_multipart_upload(**place)["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3().upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
                 for number, body in enumerate(PARTS, 1)]
        self.s3().complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        wait_for(lambda: self.jobs_of(slot["videoId"]), what="the job")
        self.settle(slot["videoId"])
        return slot["videoId"]

    def settle(self, video_id, status="ready", state="done"):
        """As if the work had ended so, long ago."""
        self.sql(
            ("UPDATE videos SET status = ? WHERE id = ?", status, video_id),
            ("UPDATE jobs SET state = ? WHERE video_id = ?", state, video_id),
            ("UPDATE job_units SET state = ? WHERE job_id IN (SELECT id FROM jobs WHERE video_id = ?)", state, video_id),
            ("UPDATE objects SET created_at = 1000 WHERE key = ?", f"{video_id}/original"))

    def place(self, video_id):
        return {"Bucket": self.weir.ready["uploadBucket"], "Key": f"{video_id}/original"}

    def head(self, video_id):
        return self.s3().head_object(**self.place(video_id))

    def is_archived(self, video_id):
        return self.storage(video_id) == "archived" and not self.blobs_of(video_id, self.weir.directory / "objects")

    def is_back(self, video_id):
        return 'ongoing-request="false"' in self.head(video_id).get("Restore", "")

    def storage(self, video_id):
        return self.weir.video(video_id, self.token)["sourceStorage"]

    def blobs_of(self, video_id, store):
        with contextlib.closing(sqlite3.connect(self.weir.directory / "catalog.sqlite", timeout=30)) as catalog:
            names = [name for name, in catalog.execute(
                "SELECT blob FROM objects WHERE key = ?1 UNION SELECT p.blob FROM objects o JOIN object_pieces p"
                " ON p.owner = o.blob WHERE o.key = ?1", [f"{video_id}/original"])]
        assert len(names) == 4
        return [name for name in names if (pathlib.Path(store) / "blobs" / name[:2] / name).exists()]

    def code(self, call, **arguments):
        with pytest.raises(ClientError) as refusal:
            call(**arguments)
        return refusal.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def archiving(tmp_path_factory):
    archiving = Archiving(Installation(tmp_path_factory.mktemp("archive") / "data"))
    yield archiving
    assert archiving.stop() == 0


def test_what_nobody_touches_is_archived_and_comes_back_when_asked_for(archiving):
    video_id = archiving.film()
    place, s3 = archiving.place(video_id), archiving.s3()
    assert archiving.storage(video_id) == "hot" and "StorageClass" not in archiving.head(video_id)
    archiving.again()
    wait_for(lambda: archiving.is_archived(video_id), what="the file to be archived")
    assert len(archiving.blobs_of(video_id, archiving.cold)) == 4

    assert archiving.head(video_id)["StorageClass"] == "GLACIER"
    listed = s3.list_objects_v2(Bucket=place["Bucket"], Prefix=place["Key"])["Contents"]
    assert [item["StorageClass"] for item in listed] == ["GLACIER"]
    assert archiving.code(s3.get_object, **place) == "InvalidObjectState"
    copy = {"Bucket": place["Bucket"], "Key": "copy", "CopySource": {key: place[key] for key in ("Bucket", "Key")}}
    assert archiving.code(s3.copy_object, **copy) == "InvalidObjectState"

    answer = s3.restore_object(**place, RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    wait_for(lambda: archiving.is_back(video_id), what="the file to be back")
    assert s3.get_object(**place)["Body"].read() == WHOLE
    assert archiving.head(video_id)["StorageClass"] == "GLACIER"
    again = s3.restore_object(**place, RestoreRequest={"Days": 3})
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert archiving.storage(video_id) == "hot"

    # Its days end, the archive has it still, and this time its owner asks.
    archiving.sql(("UPDATE archived_sources SET due_at = 1",))
    wait_for(lambda: archiving.is_archived(video_id), what="the days to end")
    asked = archiving.weir.api("POST", f"/api/v1/videos/{video_id}/restore-source", archiving.token, json={"days": 1})
    assert asked.status_code == 202 and asked.json() == {"sourceStorage": "restoring"}, asked.text
    wait_for(lambda: archiving.is_back(video_id), what="the file to be back")
    assert s3.get_object(**place)["Body"].read() == WHOLE

    assert archiving.weir.api("DELETE", f"/api/v1/videos/{video_id}?permanent=true", archiving.token).status_code == 204
    wait_for(lambda: not list(archiving.cold.glob("blobs/*/*")), what="the archive to be empty")


def test_a_job_waits_for_its_file_and_brings_it_back(archiving):
    video_id = archiving.film()
    archiving.settle(video_id, "failed", "dead")
    archiving.again()
    wait_for(lambda: archiving.is_archived(video_id), what="the file to be archived")
    retried = archiving.weir.api("POST", f"/api/v1/admin/jobs/transcode-{video_id}/retry", archiving.token)
    assert retried.status_code == 200, retried.text
    wait_for(lambda: archiving.is_back(video_id), what="the file to be back")
    assert archiving.object(f"{video_id}/original") == WHOLE
    archiving.settle(video_id)


def test_kill_9_on_the_way_there_and_back_loses_nothing(archiving):
    films = [archiving.film() for _ in range(3)]
    for _ in range(3):
        archiving.strike()
        for film in films:
            is_hot = len(archiving.blobs_of(film, archiving.weir.directory / "objects")) == 4
            assert is_hot or len(archiving.blobs_of(film, archiving.cold)) == 4
    archiving.again()
    for film in films:
        wait_for(lambda: archiving.is_archived(film), what="the file to be archived")
        assert len(archiving.blobs_of(film, archiving.cold)) == 4
    for film in films:
        archiving.during(lambda: archiving.s3().restore_object(**archiving.place(film), RestoreRequest={"Days": 1}))
        if archiving.storage(film) == "archived":
            archiving.s3().restore_object(**archiving.place(film), RestoreRequest={"Days": 1})
        wait_for(lambda: archiving.is_back(film), what="the file to be back")
        assert archiving.object(f"{film}/original") == WHOLE


def test_a_full_archive_leaves_files_where_they_are(archiving):
    film = archiving.film()
    archiving.halt()
    # 64 MiB stay free.
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72m", "weir-test", archiving.cold], capture_output=True).returncode:
        archiving.start()
        pytest.skip("a disk of one's own takes the right to mount one")
    log = pathlib.Path(archiving.log.name)
    try:
        # An archive that does not have what was put into it would take nothing at all.
        archiving.sql(("DELETE FROM archived_sources",))
        archiving.start()
        wait_for(lambda: "archive full" in log.read_text(), what="the archive to be full")
        assert archiving.object(f"{film}/original") == WHOLE
        assert archiving.storage(film) == "hot" and not archiving.blobs_of(film, archiving.cold)
        archiving.halt()
    finally:
        subprocess.run(["umount", "-l", archiving.cold], check=True)
    archiving.start()
    wait_for(lambda: archiving.is_archived(film), what="the file to be archived")
