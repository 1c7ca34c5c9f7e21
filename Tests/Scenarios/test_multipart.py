"""Uploads in parts and copies, by boto3 and by the URLs of the upload API."""
import hashlib
import io
import os
import random
import threading
import uuid
import xml.etree.ElementTree

import pytest
import requests
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from installation import SAMPLE, wait_for

MEBIBYTE = 1 << 20


@pytest.fixture
def key():
    return f"scenario/{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def data():
    return random.Random(7).randbytes(20 * MEBIBYTE + 12_345)


def md5_of_md5s(parts):
    return f'"{hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()}-{len(parts)}"'


def test_upload_file_over_the_threshold_and_back(weir, key, data, tmp_path):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    (tmp_path / "film").write_bytes(data)
    s3.upload_file(str(tmp_path / "film"), bucket, key, ExtraArgs={"Metadata": {"colour": "blue"}})
    head = s3.head_object(Bucket=bucket, Key=key)
    assert head["ContentLength"] == len(data) and head["Metadata"] == {"colour": "blue"}
    parts = [data[start:start + 8 * MEBIBYTE] for start in range(0, len(data), 8 * MEBIBYTE)]
    assert head["ETag"] == md5_of_md5s(parts)
    back = io.BytesIO()
    s3.download_fileobj(bucket, key, back)
    assert back.getvalue() == data
    for number, part in enumerate(parts, 1):
        answer = s3.get_object(Bucket=bucket, Key=key, PartNumber=number)
        assert answer["Body"].read() == part and answer["PartsCount"] == len(parts)
    start = 8 * MEBIBYTE - 3
    across = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{start + 5}")
    assert across["Body"].read() == data[start:start + 6]


def test_parts_in_any_order_at_the_same_time_lists_and_a_repeated_completion(weir, key, data):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm="CRC32")
    place = {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}
    parts = [data[:5 * MEBIBYTE], data[5 * MEBIBYTE:11 * MEBIBYTE], data[11 * MEBIBYTE:]]
    sent = {}

    def send(number):
        sent[number] = s3.upload_part(**place, PartNumber=number, Body=parts[number - 1], ChecksumAlgorithm="CRC32")

    threads = [threading.Thread(target=send, args=(number,)) for number in (3, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = s3.list_parts(**place, MaxParts=2)
    assert [part["PartNumber"] for part in listed["Parts"]] == [1, 2] and listed["IsTruncated"]
    assert [part["Size"] for part in s3.list_parts(**place, PartNumberMarker=2)["Parts"]] == [len(parts[2])]
    assert upload["UploadId"] in [item["UploadId"] for item in s3.list_multipart_uploads(Bucket=bucket, Prefix=key)["Uploads"]]
    wanted = {"Parts": [{"PartNumber": number, "ETag": sent[number]["ETag"], "ChecksumCRC32": sent[number]["ChecksumCRC32"]}
                        for number in (1, 2, 3)]}
    done = s3.complete_multipart_upload(**place, MultipartUpload=wanted)
    again = s3.complete_multipart_upload(**place, MultipartUpload=wanted)
    assert done["ETag"] == again["ETag"] == md5_of_md5s(parts)
    assert done["ChecksumCRC32"] == again["ChecksumCRC32"]
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == data
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket, Prefix=key)


def test_an_aborted_upload_is_gone(weir, key):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)
    place = {"Bucket": bucket, "Key": key, "UploadId": upload["UploadId"]}
    s3.upload_part(**place, PartNumber=1, Body=b"part")
    s3.abort_multipart_upload(**place)
    for call in (lambda: s3.upload_part(**place, PartNumber=1, Body=b"part"), lambda: s3.list_parts(**place)):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "NoSuchUpload"


def test_copies_and_parts_that_are_copied(weir, key, data):
    s3, bucket, media = weir.s3(), weir.ready["uploadBucket"], weir.ready["mediaBucket"]
    s3.upload_fileobj(io.BytesIO(data), bucket, key, Config=TransferConfig(multipart_threshold=8 * MEBIBYTE))
    source = {"Bucket": bucket, "Key": key}
    s3.copy_object(Bucket=media, Key=key, CopySource=source, MetadataDirective="REPLACE", Metadata={"a": "b"})
    assert s3.head_object(Bucket=media, Key=key)["Metadata"] == {"a": "b"}
    # Above the threshold boto3 copies part by part.
    s3.copy(source, media, key + "-parts", Config=TransferConfig(multipart_threshold=MEBIBYTE, multipart_chunksize=6 * MEBIBYTE))
    s3.delete_object(**source)
    for copy in (key, key + "-parts"):
        assert s3.get_object(Bucket=media, Key=copy)["Body"].read() == data
        s3.delete_object(Bucket=media, Key=copy)


def test_a_large_video_by_the_urls_of_its_parts_is_queued(weir, tmp_path):
    token = weir.sign_in()
    film = bytearray(SAMPLE.read_bytes())
    # A box that players skip makes it large.
    padding = 65 * MEBIBYTE
    film += padding.to_bytes(4, "big") + b"free" + bytes(padding - 8)
    made = weir.api("POST", "/api/v1/uploads", token, json={"fileName": "f.mp4", "contentType": "video/mp4", "size": len(film)})
    assert made.status_code == 201, made.text
    slot = made.json()
    multipart = slot["multipart"]
    size, tags = multipart["partSize"], {}
    for part in reversed(multipart["parts"]):
        start = (part["partNumber"] - 1) * size
        answer = requests.put(part["url"], data=bytes(film[start:start + size]), timeout=60, headers={"Origin": "https://tv.example"})
        assert answer.status_code == 200, answer.text
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        tags[part["partNumber"]] = answer.headers["ETag"]
    parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{tags[number]}</ETag></Part>" for number in sorted(tags))
    assert weir.video(slot["videoId"], token)["status"] == "awaiting_upload"
    done = requests.post(multipart["completeUrl"], data=f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>", timeout=60)
    assert done.status_code == 200, done.text
    assert xml.etree.ElementTree.fromstring(done.text).tag.endswith("CompleteMultipartUploadResult")
    wait_for(lambda: weir.video(slot["videoId"], token)["status"] != "awaiting_upload", what="the video to be queued")
    assert weir.api("DELETE", f"/api/v1/videos/{slot['videoId']}", token).status_code == 204


def highest_memory(pid):
    """Resident MiB, at their highest since `forget_memory`."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def forget_memory(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as references:
        references.write("5")


def test_200_uploads_in_parts_at_the_same_time_leave_memory_flat(weir):
    s3, media, folder = weir.s3(), weir.ready["mediaBucket"], f"crowd/{uuid.uuid4().hex}"
    bodies = [os.urandom(5 * MEBIBYTE), b"the end"]
    origin, failures = weir.pid_of("weir-origin"), []

    def presigned(method, place, **more):
        return s3.generate_presigned_url(method, Params={**place, **more}, ExpiresIn=600)

    def upload(number):
        try:
            place = {"Bucket": media, "Key": f"{folder}/{number}"}
            place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
            begun.wait()
            tags = []
            for part, body in enumerate(bodies, 1):
                answer = requests.put(presigned("upload_part", place, PartNumber=part), data=body, timeout=300)
                assert answer.status_code == 200, answer.text
                tags.append({"PartNumber": part, "ETag": answer.headers["ETag"]})
            s3.complete_multipart_upload(**place, MultipartUpload={"Parts": tags})
        except Exception as error:  # noqa: BLE001: told below
            failures.append(error)
            begun.abort()

    begun = threading.Barrier(200)
    forget_memory(origin)
    threads = [threading.Thread(target=upload, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    highest = highest_memory(origin)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=media, Prefix=folder)["Contents"]]
    assert len(keys) == 200
    for found in keys:
        assert s3.head_object(Bucket=media, Key=found)["ContentLength"] == 5 * MEBIBYTE + 7
        s3.delete_object(Bucket=media, Key=found)
    print(f"origin with 200 uploads in parts: at most {highest:.0f} MiB")
    assert highest <= 256
