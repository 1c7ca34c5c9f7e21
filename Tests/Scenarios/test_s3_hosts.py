"""The S3 gateway over TLS, and with buckets in host names."""
import json
import os
import socket
import ssl
import subprocess

import pytest
from botocore.config import Config
from cryptography.hazmat.primitives.serialization import Encoding

from installation import BIN, wait_for
from own_edge import Authority


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def secure(weir, tmp_path):
    """An origin alone, with a certificate for its S3 gateway; its address and the file with the authority's certificate."""
    authority = Authority()
    authority.issue(tmp_path, "s3", ["localhost"])
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    port = free_port()
    settings = json.loads((weir.directory / "config/origin.json").read_text()) | {
        "listen": "127.0.0.1:0", "s3Listen": "127.0.0.1:0", "adminListen": "127.0.0.1:0",
        "storage": {"database": str(tmp_path / "catalog.sqlite"), "objects": str(tmp_path / "objects")},
        "s3TLSListen": f"127.0.0.1:{port}", "s3CertificateFile": str(tmp_path / "s3.pem"), "s3KeyFile": str(tmp_path / "s3.key")}
    (tmp_path / "origin.json").write_text(json.dumps(settings))
    log = (tmp_path / "log").open("w")
    origin = subprocess.Popen([BIN / "weir-origin", "--config", tmp_path / "origin.json"], stdout=log, stderr=log)

    def answers():
        try:
            context = ssl.create_default_context(cafile=str(trusted))
            with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain, server_hostname="localhost"):
                return True
        except ConnectionRefusedError:
            assert origin.poll() is None, (tmp_path / "log").read_text()
            return False
    try:
        wait_for(answers, what="the origin")
        yield f"https://localhost:{port}", str(trusted)
    finally:
        origin.terminate()
        origin.wait(timeout=30)
        log.close()


def test_boto3_over_https_sends_trailers_that_are_verified(weir, secure):
    address, trusted = secure
    sent = []
    s3 = weir.s3(endpoint_url=address, verify=trusted)
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(dict(request.headers)) and None)
    data = os.urandom(3_000_000)
    bucket = weir.ready["uploadBucket"]
    put = s3.put_object(Bucket=bucket, Key="film", Body=data)
    assert sent[0]["X-Amz-Content-SHA256"] in (b"STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    got = s3.get_object(Bucket=bucket, Key="film", ChecksumMode="ENABLED")
    assert got["Body"].read() == data and got["ChecksumCRC32"] == put["ChecksumCRC32"] and "ContentEncoding" not in got


def test_a_bucket_may_stand_in_the_host_name(weir, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo",
        lambda host, *rest, **more: resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more))
    hosts = []
    s3 = weir.s3(endpoint_url=f"http://s3.localhost:{weir.ready['s3'].rsplit(':', 1)[1]}",
                 config=Config(s3={"addressing_style": "virtual"}))
    s3.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url.split("/")[2]) and None)
    bucket = weir.ready["uploadBucket"]
    s3.put_object(Bucket=bucket, Key="in/host", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="in/host")["Body"].read() == b"x"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="in/")["Contents"]] == ["in/host"]
    s3.delete_object(Bucket=bucket, Key="in/host")
    assert all(host.startswith(f"{bucket}.s3.localhost:") for host in hosts) and hosts
