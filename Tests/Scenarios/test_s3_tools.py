"""The tools people have for S3, as they run them, against one installation: each writes and reads, and what it wrote others read."""
import hashlib
import json
import os
import subprocess
import sys
import uuid

import minio
import minio.commonconfig
import minio.deleteobjects
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def bucket(weir):
    name = f"tools-{uuid.uuid4().hex[:8]}"
    weir.s3().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": weir.ready["region"]})
    yield name
    for version in weir.s3().get_paginator("list_objects_v2").paginate(Bucket=name):
        keys = [{"Key": item["Key"]} for item in version.get("Contents", [])]
        if keys:
            assert "Errors" not in weir.s3().delete_objects(Bucket=name, Delete={"Objects": keys, "Quiet": True})
    weir.s3().delete_bucket(Bucket=name)


@pytest.fixture
def folder(tmp_path):
    """A few files, with names that want encoding, and sizes on both sides of a buffer."""
    root = tmp_path / "films"
    (root / "a folder").mkdir(parents=True)
    for name, size in [("empty.bin", 0), ("ä & ü+%.mp4", 300_001), ("a folder/small.txt", 7)]:
        (root / name).write_bytes(os.urandom(size))
    return root


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(command, environment=None, succeeds=True):
    # What AWS's settings on this machine are is no matter of these tests.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | (environment or {})
    done = subprocess.run(command, env=own, text=True, capture_output=True, timeout=120)
    assert (done.returncode == 0) == succeeds, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


@pytest.mark.parametrize("algorithm, value", [
    ("CRC32", "y/Q5Jg=="), ("SHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="), ("SHA256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")])
def test_boto3_sends_and_checks_its_checksums(weir, bucket, algorithm, value):
    s3, key = weir.s3(), f"boto3/{algorithm}"
    put = s3.put_object(Bucket=bucket, Key=key, Body=b"123456789", ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"] == value
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    assert got["Body"].read() == b"123456789" and got[f"Checksum{algorithm}"] == value
    part = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", Range="bytes=2-4")
    assert part["Body"].read() == b"345" and f"Checksum{algorithm}" not in part


def test_a_checksum_that_boto3_cannot_compute_is_taken_when_given(weir, bucket):
    s3 = weir.s3()
    s3.put_object(Bucket=bucket, Key="boto3/nvme", Body=b"123456789", ChecksumCRC64NVME="rosUhgp5mIg=")
    assert s3.head_object(Bucket=bucket, Key="boto3/nvme", ChecksumMode="ENABLED")["ChecksumCRC64NVME"] == "rosUhgp5mIg="
    assert refused(s3.put_object, Bucket=bucket, Key="boto3/wrong", Body=b"12345678", ChecksumCRC64NVME="rosUhgp5mIg=") == "BadDigest"
    assert refused(s3.head_object, Bucket=bucket, Key="boto3/wrong") == "404"


def test_boto3_uploads_and_downloads_files(weir, bucket, folder):
    s3, path = weir.s3(), folder / "ä & ü+%.mp4"
    with path.open("rb") as file:
        s3.upload_fileobj(file, bucket, "boto3/ä & ü+%.mp4", ExtraArgs={"ContentType": "video/mp4"})
    target = folder / "back.mp4"
    s3.download_file(bucket, "boto3/ä & ü+%.mp4", str(target))
    assert target.read_bytes() == path.read_bytes()


def test_a_form_of_boto3_uploads_what_its_policy_allows(weir, bucket):
    s3 = weir.s3()
    post = s3.generate_presigned_post(
        bucket, "forms/${filename}", Fields={"Content-Type": "video/mp4", "success_action_status": "201"},
        Conditions=[{"Content-Type": "video/mp4"}, {"success_action_status": "201"}, ["content-length-range", 1, 1_000_000]],
        ExpiresIn=60)

    def send(content, name="a film.mp4", **fields):
        return requests.post(post["url"], data={**post["fields"], **fields}, files={"file": (name, content)}, timeout=30)
    content = os.urandom(700_000)
    answer = send(content)
    assert answer.status_code == 201 and "<Key>forms/a film.mp4</Key>" in answer.text
    assert s3.get_object(Bucket=bucket, Key="forms/a film.mp4")["Body"].read() == content
    assert "EntityTooLarge" in send(os.urandom(1_000_001), "large.mp4").text
    assert "EntityTooSmall" in send(b"", "small.mp4").text
    assert send(content, "other.mp4", key="elsewhere/other.mp4").status_code == 403
    assert send(content, "more.mp4", **{"x-amz-meta-more": "1"}).status_code == 403
    assert send(content, "html.mp4", **{"Content-Type": "text/html"}).status_code == 403
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="forms/")
    assert [item["Key"] for item in listed["Contents"]] == ["forms/a film.mp4"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="elsewhere/")


def test_boto3_sets_tags_rules_for_pages_and_expiry(weir, bucket):
    s3 = weir.s3()
    s3.put_object(Bucket=bucket, Key="tagged", Body=b"x", Tagging="kind=draft")
    assert s3.get_object(Bucket=bucket, Key="tagged")["TagCount"] == 1
    s3.put_object_tagging(Bucket=bucket, Key="tagged", Tagging={"TagSet": [{"Key": "a b", "Value": "1"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == [{"Key": "a b", "Value": "1"}]
    s3.delete_object_tagging(Bucket=bucket, Key="tagged")
    assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == []

    rules = [{"AllowedOrigins": ["https://tv.example"], "AllowedMethods": ["PUT"], "AllowedHeaders": ["*"], "MaxAgeSeconds": 9}]
    assert refused(s3.get_bucket_cors, Bucket=bucket) == "NoSuchCORSConfiguration"
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    fields = {"Origin": "https://tv.example", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-md5"}
    asked = requests.options(f"{weir.ready['s3']}/{bucket}/k", headers=fields, timeout=10)
    assert asked.status_code == 200 and asked.headers["Access-Control-Allow-Origin"] == "https://tv.example"
    fields["Origin"] = "https://other.example"
    assert requests.options(f"{weir.ready['s3']}/{bucket}/k", headers=fields, timeout=10).status_code == 403
    s3.delete_bucket_cors(Bucket=bucket)

    rules = [{"ID": "drafts", "Status": "Enabled", "Expiration": {"Days": 3},
              "Filter": {"And": {"Prefix": "drafts/", "Tags": [{"Key": "kind", "Value": "draft"}]}}},
             {"ID": "parts", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"


def test_boto3_lists_and_deletes_many(weir, bucket):
    s3 = weir.s3()
    names = [f"many/{number:02}/ä {number}" for number in range(7)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    for version in ("list_objects", "list_objects_v2"):
        pages = list(s3.get_paginator(version).paginate(Bucket=bucket, Prefix="many/", PaginationConfig={"PageSize": 2}))
        assert len(pages) == 4 and [item["Key"] for page in pages for item in page["Contents"]] == names
        pages = s3.get_paginator(version).paginate(
            Bucket=bucket, Prefix="many/", Delimiter="/", PaginationConfig={"PageSize": 3})
        assert [item["Prefix"] for page in pages for item in page["CommonPrefixes"]] == [f"many/{number:02}/" for number in range(7)]
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names] + [{"Key": "never"}]})
    assert [item["Key"] for item in gone["Deleted"]] == names + ["never"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="many/")


def test_signature_version_2_is_refused_with_the_way_out(weir, bucket):
    old = weir.s3(config=Config(signature_version="s3"))
    url = old.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 400 and "<Code>InvalidRequest</Code>" in answer.text and "AWS4-HMAC-SHA256" in answer.text


def test_what_a_browser_could_run_is_never_shown(weir, bucket):
    s3 = weir.s3()
    s3.put_object(Bucket=bucket, Key="page.html", Body=b"<script>alert(1)</script>", ContentType="text/html")
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "page.html", "ResponseContentDisposition": "inline"})
    headers = requests.get(url, timeout=10).headers
    assert headers["Content-Disposition"] == "attachment" and headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.fixture
def aws(weir):
    environment = {"AWS_ACCESS_KEY_ID": weir.ready["accessKeyId"], "AWS_SECRET_ACCESS_KEY": weir.ready["secretAccessKey"],
                   "AWS_DEFAULT_REGION": weir.ready["region"], "AWS_CONFIG_FILE": os.devnull, "AWS_PAGER": ""}
    return lambda *words, **options: run(
        [sys.executable, "-m", "awscli", "--endpoint-url", weir.ready["s3"], *words], environment, **options)


def test_the_aws_command(aws, bucket, folder, tmp_path):
    own = f"s3://{bucket}-cli"
    aws("s3", "mb", own)
    aws("s3", "cp", str(folder / "ä & ü+%.mp4"), f"{own}/one.mp4")
    url = aws("s3", "presign", f"{own}/one.mp4", "--expires-in", "60").strip()
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert requests.get(url, timeout=10).content == (folder / "ä & ü+%.mp4").read_bytes()
    aws("s3", "sync", str(folder), f"{own}/films")
    assert aws("s3", "sync", str(folder), f"{own}/films") == ""
    aws("s3", "sync", f"{own}/films", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(folder)
    assert "PRE a folder/" in aws("s3", "ls", f"{own}/films/")
    aws("s3", "rb", own, succeeds=False)
    aws("s3", "rm", own, "--recursive")
    aws("s3", "rb", own)


def test_rclone_both_ways(weir, bucket, folder, tmp_path):
    settings = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": weir.ready["s3"], "REGION": weir.ready["region"],
                "ACCESS_KEY_ID": weir.ready["accessKeyId"], "SECRET_ACCESS_KEY": weir.ready["secretAccessKey"]}
    environment = {f"RCLONE_CONFIG_WEIR_{name}": value for name, value in settings.items()} | {"RCLONE_CONFIG": str(tmp_path / "none")}
    place = f"weir:{bucket}/rclone"
    run(["rclone", "copy", str(folder), place], environment)
    run(["rclone", "check", "--download", str(folder), place], environment)
    run(["rclone", "copy", place, str(tmp_path / "back")], environment)
    assert contents(tmp_path / "back") == contents(folder)
    listed = json.loads(run(["rclone", "lsjson", "-R", "--files-only", "--hash", place], environment))
    assert {item["Path"]: item["Hashes"]["md5"] for item in listed} == {
        name: hashlib.md5(content).hexdigest() for name, content in contents(folder).items()}
    run(["rclone", "purge", place], environment)
    assert "Contents" not in weir.s3().list_objects_v2(Bucket=bucket, Prefix="rclone/")


def test_s3cmd(weir, bucket, folder, tmp_path):
    host = weir.ready["s3"].removeprefix("http://")
    settings = tmp_path / "s3cfg"
    settings.write_text(
        f"[default]\naccess_key = {weir.ready['accessKeyId']}\nsecret_key = {weir.ready['secretAccessKey']}\nhost_base = {host}\n"
        f"host_bucket = {host}\nbucket_location = {weir.ready['region']}\nuse_https = False\n")

    def s3cmd(*words, **options):
        return run(["s3cmd", "-c", str(settings), "--no-progress", *words], **options)
    own = f"s3://{bucket}-cmd"
    s3cmd("mb", own)
    s3cmd("put", "--recursive", f"{folder}/", f"{own}/films/")
    (tmp_path / "back").mkdir()
    s3cmd("get", "--recursive", f"{own}/films/", f"{tmp_path / 'back'}/")
    assert contents(tmp_path / "back") == contents(folder)
    assert "small.txt" in s3cmd("ls", "--recursive", own) and "small.txt" in s3cmd("info", f"{own}/films/a folder/small.txt")
    assert weir.ready["region"] in s3cmd("info", own)
    s3cmd("del", "--recursive", "--force", own)
    s3cmd("rb", own)


def test_minio_py(weir, bucket, folder, tmp_path):
    client = minio.Minio(
        weir.ready["s3"].removeprefix("http://"), weir.ready["accessKeyId"], weir.ready["secretAccessKey"], secure=False)
    assert client.bucket_exists(bucket) and not client.bucket_exists(f"{bucket}-not")
    for name in contents(folder):
        client.fput_object(bucket, f"minio/{name}", str(folder / name), content_type="video/mp4")
        client.fget_object(bucket, f"minio/{name}", str(tmp_path / "back" / name))
    assert contents(tmp_path / "back") == contents(folder)
    listed = [item.object_name for item in client.list_objects(bucket, prefix="minio/", recursive=True)]
    assert sorted(listed) == sorted(f"minio/{name}" for name in contents(folder))
    tags = minio.commonconfig.Tags.new_object_tags()
    tags["colour"] = "blue"
    client.set_object_tags(bucket, listed[0], tags)
    assert client.get_object_tags(bucket, listed[0]) == tags
    url = client.presigned_get_object(bucket, "minio/a folder/small.txt")
    assert requests.get(url, timeout=10).content == (folder / "a folder/small.txt").read_bytes()
    assert not list(client.remove_objects(bucket, [minio.deleteobjects.DeleteObject(name) for name in listed]))
    assert not list(client.list_objects(bucket, prefix="minio/", recursive=True))
