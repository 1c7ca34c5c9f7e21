"""boto3 with only `endpoint_url` set."""
import hashlib
import os
import uuid

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from installation import SAMPLE


@pytest.fixture
def key():
    return f"scenario/{uuid.uuid4().hex}"


def test_presigned_put_of_the_sample_and_back(weir, key):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    data = SAMPLE.read_bytes()
    put = requests.put(url, data=data, timeout=60)
    assert put.status_code == 200, put.text
    assert put.headers["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == data
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(data)
    part = s3.get_object(Bucket=bucket, Key=key, Range="bytes=1000-1999")
    assert part["Body"].read() == data[1000:2000] and part["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_put_object_with_boto3_own_checksums(weir, key):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    data = os.urandom(300_000)
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType="application/x-test", Metadata={"colour": "blue"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == data and got["ContentType"] == "application/x-test" and got["Metadata"] == {"colour": "blue"}
    s3.delete_object(Bucket=bucket, Key=key)
    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket=bucket, Key=key)
    assert missing.value.response["Error"]["Code"] == "NoSuchKey"


def test_a_presigned_url_is_bound_to_its_method_its_key_and_its_time(weir, key):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    assert requests.get(url, timeout=10).status_code == 403
    assert requests.put(url.replace(key, key + "x"), data=b"x", timeout=10).status_code == 403
    assert requests.put(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"), data=b"x", timeout=10).status_code == 403
    with pytest.raises(ClientError) as missing:
        s3.head_object(Bucket=bucket, Key=key)
    assert missing.value.response["Error"]["Code"] == "404"


def test_a_body_that_does_not_match_its_hash_is_not_stored(weir, key):
    s3, bucket = weir.s3(), weir.ready["uploadBucket"]
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key=key, Body=b"abc", ChecksumSHA256="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    assert refused.value.response["Error"]["Code"] in ("BadDigest", "InvalidDigest", "InvalidRequest")
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key=key)


def test_strangers_and_anonymous_callers_get_nothing(weir, film):
    stranger = boto3.client("s3", endpoint_url=weir.ready["s3"], region_name=weir.ready["region"],
                            aws_access_key_id=weir.ready["accessKeyId"], aws_secret_access_key="wrong" * 8)
    with pytest.raises(ClientError) as refused:
        stranger.list_objects_v2(Bucket=weir.ready["mediaBucket"])
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    answer = requests.get(f"{weir.ready['s3']}/{weir.ready['mediaBucket']}/media/{film[0]}/index.m3u8", timeout=10)
    assert answer.status_code == 403 and "<Code>AccessDenied</Code>" in answer.text
