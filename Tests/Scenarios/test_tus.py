"""Files come by tus, from tuspy and from raw requests, at the origin and through the edge, however often they break off."""
import base64
import hashlib
import socket
import urllib.parse

import pytest
import requests
from tusclient.client import TusClient

from installation import SAMPLE, wait_for
from test_webhooks import kill_origin

FILE = SAMPLE.read_bytes()
BYTES = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture(params=["origin", "edge"])
def base(weir, request):
    return weir.ready[request.param]


def tus(base, token, method, path="/api/v1/tus", data=None, **fields):
    headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {token}"}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return requests.request(method, urllib.parse.urljoin(base, path), data=data, headers=headers, timeout=30)


def begin(base, token, **fields):
    made = tus(base, token, "POST", **fields)
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def send(base, token, path, offset, data, **fields):
    return tus(base, token, "PATCH", path, data, Upload_Offset=str(offset), **BYTES, **fields)


def offset(base, token, path):
    return int(tus(base, token, "HEAD", path).headers["Upload-Offset"])


def stored(weir, video_id):
    return weir.s3().get_object(Bucket=weir.ready["uploadBucket"], Key=f"{video_id}/original")["Body"].read()


def test_tuspy_goes_on_with_an_upload_that_another_run_of_it_began(weir, base):
    token = weir.sign_in()
    client = TusClient(f"{base}/api/v1/tus", headers={"Authorization": f"Bearer {token}"})
    metadata = {"filename": "film.mp4", "filetype": "video/mp4", "title": "By tus"}
    first = client.uploader(str(SAMPLE), chunk_size=len(FILE) // 3, metadata=metadata, upload_checksum=True)
    first.upload_chunk()
    assert first.offset == len(FILE) // 3
    rest = client.uploader(str(SAMPLE), url=first.url, chunk_size=1 << 20)
    assert rest.offset == len(FILE) // 3
    rest.upload()
    video_id = tus(base, token, "HEAD", urllib.parse.urlparse(first.url).path).headers["Weir-Video-Id"]
    assert stored(weir, video_id) == FILE
    video = weir.wait_until_settled(video_id, token)
    assert video["status"] == "ready" and video["title"] == "By tus", video


def test_what_came_of_a_broken_request_is_kept(weir, base):
    token = weir.sign_in()
    path = begin(base, token, Upload_Length=str(len(FILE)))
    address = urllib.parse.urlparse(base)
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = "\r\n".join([
            f"PATCH {path} HTTP/1.1", f"Host: {address.netloc}", "Tus-Resumable: 1.0.0", f"Authorization: Bearer {token}",
            "Upload-Offset: 0", f"Content-Type: {BYTES['Content-Type']}", f"Content-Length: {len(FILE)}", "", ""])
        connection.sendall(head.encode() + FILE[:300_000])
    kept = wait_for(lambda: offset(base, token, path), what="what came to be durable")
    # The edge may have had bytes in hand when it heard that the client is gone.
    assert kept == 300_000 or (base == weir.ready["edge"] and kept < 300_000)
    assert send(base, token, path, kept, FILE[kept:]).status_code == 204
    assert stored(weir, tus(base, token, "HEAD", path).headers["Weir-Video-Id"]) == FILE


def test_raw_requests_are_refused_and_ended_as_the_protocol_says(weir, base):
    token = weir.sign_in()
    said = requests.options(f"{base}/api/v1/tus", timeout=30)
    assert said.status_code == 204 and "concatenation" in said.headers["Tus-Extension"].split(",")
    path = begin(base, token, Upload_Length="10")
    checksum = "sha1 " + base64.b64encode(hashlib.sha1(b"hello").digest()).decode()
    assert send(base, token, path, 0, b"hullo", Upload_Checksum=checksum).status_code == 460
    assert send(base, token, path, 5, b"hello").status_code == 409
    assert send(base, token, path, 0, b"hello", Upload_Checksum=checksum).headers["Upload-Offset"] == "5"
    assert send(base, token, path, 5, b"hello world").status_code == 413
    assert tus(base, token, "PATCH", path, b"x", Upload_Offset="5").status_code == 415
    assert requests.head(f"{base}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code == 412
    assert tus(base, token, "POST", path, X_HTTP_Method_Override="DELETE").status_code == 204
    assert tus(base, token, "HEAD", path).status_code == 404


def test_parts_that_were_sent_side_by_side_become_one_film(weir, base):
    token = weir.sign_in()
    middle = len(FILE) // 2
    pieces = [FILE[:middle], FILE[middle:]]
    parts = [begin(base, token, Upload_Length=str(len(piece)), Upload_Concat="partial") for piece in pieces]
    for path, piece in reversed(list(zip(parts, pieces))):
        assert send(base, token, path, 0, piece).status_code == 204
    whole = begin(base, token, Upload_Concat="final;" + " ".join(base + path for path in parts))
    asked = tus(base, token, "HEAD", whole)
    assert asked.headers["Upload-Offset"] == asked.headers["Upload-Length"] == str(len(FILE))
    assert stored(weir, asked.headers["Weir-Video-Id"]) == FILE


def test_an_origin_that_is_killed_between_requests_has_lost_nothing(own_weir):
    token = own_weir.sign_in()
    base = own_weir.ready["edge"]
    path = begin(base, token, Upload_Length=str(len(FILE)))
    place = 0
    for end in [1, 100_000, 100_001, len(FILE) // 2, len(FILE)]:
        assert send(base, token, path, place, FILE[place:end]).status_code == 204
        kill_origin(own_weir)
        assert offset(base, token, path) == end
        place = end
    assert stored(own_weir, tus(base, token, "HEAD", path).headers["Weir-Video-Id"]) == FILE
    video = own_weir.wait_until_settled(tus(base, token, "HEAD", path).headers["Weir-Video-Id"], token)
    assert video["status"] == "ready", video
