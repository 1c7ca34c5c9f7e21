"""Machines call with access keys, as AWS's own tools sign, and upload without a password."""
import json
import pathlib
import sqlite3
import subprocess
import uuid

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import requests
from botocore.exceptions import ClientError

from installation import BIN, SAMPLE


def command(weir, *words, code=0):
    done = subprocess.run([BIN / "weir", "service-account", words[0], "--ready", weir.directory / "ready.json", *words[1:]],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def key_in(shown):
    words = shown.splitlines()[0].replace(",", "").split()
    return botocore.credentials.Credentials(words[words.index("key") + 1], words[words.index("secret") + 1])


def call(weir, key, method, path, body=None, service="execute-api"):
    """A call signed by botocore, with nothing of Weir's."""
    data = json.dumps(body) if body is not None else None
    request = botocore.awsrequest.AWSRequest(
        method, weir.ready["origin"] + path, data=data, headers={"Content-Type": "application/json"} if data else {})
    botocore.auth.SigV4Auth(key, service, weir.ready["region"]).add_auth(request)
    return requests.request(method, request.url, data=data, headers=dict(request.headers), timeout=30)


@pytest.fixture
def name(weir):
    name = f"machine-{uuid.uuid4().hex[:12]}"
    yield name
    subprocess.run([BIN / "weir", "service-account", "delete", "--ready", weir.directory / "ready.json", name],
                   capture_output=True, timeout=60)


def test_a_machine_uploads_with_a_key_and_no_password(weir, name):
    key = key_in(command(weir, "create", name, "--role", "creator"))
    data = pathlib.Path(SAMPLE).read_bytes()
    made = call(weir, key, "POST", "/api/v1/uploads",
                {"fileName": "a.mp4", "contentType": "video/mp4", "size": len(data), "visibility": "private"})
    assert made.status_code == 201, made.text
    slot = made.json()
    assert requests.put(slot["url"], data=data, headers=slot["headers"], timeout=60).status_code == 200
    video = call(weir, key, "GET", f"/api/v1/videos/{slot['videoId']}").json()
    assert video["ownerId"] == f"service:{name}"
    assert weir.api("GET", f"/api/v1/videos/{slot['videoId']}").status_code == 404
    refused = call(weir, key, "GET", "/api/v1/admin/jobs")
    assert refused.status_code == 403 and refused.json()["requiredRole"] == "admin"
    assert call(weir, key, "GET", "/api/v1/videos", service="s3").json()["code"] == "invalid_signature"
    row = next(line for line in command(weir, "list").splitlines() if line.startswith(name)).split()
    assert row[1:4] == ["creator", "yes", key.access_key] and row[5] != "-"
    assert call(weir, key, "DELETE", f"/api/v1/videos/{slot['videoId']}").status_code == 204


def test_keys_take_turns_and_end_at_once(weir, name):
    first = key_in(command(weir, "create", name, "--role", "viewer"))
    second = key_in(command(weir, "new-key", name))
    status = lambda key: call(weir, key, "GET", "/api/v1/videos?limit=1").status_code
    assert status(first) == status(second) == 200
    assert "is refused from now on" in command(weir, "delete-key", name, first.access_key)
    assert status(first) == 401 and status(second) == 200
    command(weir, "disable", name)
    assert status(second) == 401
    command(weir, "enable", name)
    assert status(second) == 200
    command(weir, "delete", name)
    assert status(second) == 401
    assert "no service account" in command(weir, "enable", name, code=1)


def test_the_role_decides_at_the_other_services_too(weir, name):
    key = key_in(command(weir, "create", name, "--role", "admin"))
    credentials = {"region_name": weir.ready["region"], "aws_access_key_id": key.access_key,
                   "aws_secret_access_key": key.secret_key}
    pool = boto3.client("cognito-idp", endpoint_url=weir.ready["origin"], **credentials)
    assert pool.list_groups(UserPoolId=weir.ready["userPoolId"])["Groups"]
    bucket = boto3.client("s3", endpoint_url=weir.ready["s3"], **credentials)
    bucket.list_objects_v2(Bucket=weir.ready["mediaBucket"])
    weak = key_in(command(weir, "create", f"{name}-weak", "--role", "creator"))
    credentials |= {"aws_access_key_id": weak.access_key, "aws_secret_access_key": weak.secret_key}
    for call_it in (
            lambda: boto3.client("s3", endpoint_url=weir.ready["s3"], **credentials).list_objects_v2(Bucket=weir.ready["mediaBucket"]),
            lambda: boto3.client("cognito-idp", endpoint_url=weir.ready["origin"], **credentials).list_groups(
                UserPoolId=weir.ready["userPoolId"])):
        with pytest.raises(ClientError):
            call_it()
    command(weir, "delete", f"{name}-weak")


def test_secrets_are_told_once_and_lie_nowhere(weir, name):
    key = key_in(command(weir, "create", name, "--role", "creator"))
    assert key.secret_key not in command(weir, "list")
    call(weir, key, "GET", "/api/v1/videos")
    database = json.loads((weir.directory / "config/origin.json").read_text())["storage"]["database"]
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        dump = "\n".join(map(str, connection.execute("SELECT * FROM service_account_keys").fetchall()))
        dump += "\n".join(map(str, connection.execute("SELECT * FROM audit_log").fetchall()))
    connection.close()
    assert key.access_key in dump and key.secret_key not in dump
    assert key.secret_key not in (weir.directory / "logs/origin.log").read_text()
    assert "service_account_created" in dump and f"service:{name}" in dump


def test_a_wrong_command_line_says_what_is_wrong(weir):
    assert "--role ROLE" in command(weir, "create", "a", code=64)
    assert "account and key" in command(weir, "delete-key", "a", code=64)
    assert "unknown service-account forget" in command(weir, "forget", code=64)
