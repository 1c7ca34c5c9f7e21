"""A real `weir up` on free ports and a temporary directory, and what its users do with it."""
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import boto3
import requests
from botocore.config import Config

BIN = pathlib.Path(os.environ["WEIR_BIN"])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "Tests/Fixtures/big-buck-bunny-720p25.mp4"


def wait_for(condition, timeout=60.0, every=0.05, what="the condition"):
    """Polls until `condition()` is truthy and returns its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
        time.sleep(every)


class Installation:
    def __init__(self, directory, *options):
        self.directory = pathlib.Path(directory)
        self.log = open(self.directory.parent / f"{self.directory.name}.log", "ab")
        ports = [item for name in ("edge", "edge-tls", "origin", "s3", "admin") for item in (f"--{name}", "127.0.0.1:0")]
        self.process = subprocess.Popen(
            [BIN / "weir", "up", "--data", self.directory, *ports, *options], stdout=self.log, stderr=self.log)
        wait_for(self._is_ready, timeout=60, what=f"ready.json in {directory}")
        self.ready = json.loads((self.directory / "ready.json").read_text())

    def _is_ready(self):
        assert self.process.poll() is None, self.transcript()
        return (self.directory / "ready.json").exists()

    def transcript(self):
        """Everything the supervisor and its processes have said."""
        logs = [pathlib.Path(self.log.name), *sorted(self.directory.glob("logs/*.log"))]
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-4000:]}" for log in logs if log.exists())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError("weir up did not drain in 40 s\n" + self.transcript())
        self.log.close()
        return self.process.returncode

    def pid_of(self, program):
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            for pid in (task / "children").read_text().split():
                try:
                    if pathlib.Path(os.readlink(f"/proc/{pid}/exe")).name == program:
                        return int(pid)
                except FileNotFoundError:
                    continue  # it has ended meanwhile
        return None

    # Mail

    def mail(self, recipient):
        """The messages to somebody, by address or by name, oldest first."""
        files = sorted((self.directory / "mail").glob("*.eml"))
        messages = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [message for message in messages if recipient in message["To"]]

    def code(self, recipient, number=1):
        """The code in the first message to somebody, or in a later one, which may come after the answer."""
        message = wait_for(lambda: self.mail(recipient)[number - 1:], 10, what=f"message {number} to {recipient}")[0]
        return code_in(message)

    # The control API

    def sign_in(self):
        answer = self.cognito().initiate_auth(
            ClientId=self.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.ready["adminEmail"], "PASSWORD": self.ready["adminPassword"]})
        return answer["AuthenticationResult"]["AccessToken"]

    def api(self, method, path, token=None, **arguments):
        headers = arguments.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return requests.request(method, self.ready["origin"] + path, headers=headers, timeout=30, **arguments)

    def upload(self, path, token=None, title="A film", **wanted):
        """Uploads by presigned PUT, as the contract describes, with what else is wanted of it; returns the video id."""
        token = token or self.sign_in()
        data = pathlib.Path(path).read_bytes()
        made = self.api("POST", "/api/v1/uploads", token, json={
            "fileName": pathlib.Path(path).name, "contentType": "video/mp4", "size": len(data), "title": title, **wanted})
        assert made.status_code == 201, made.text
        slot = made.json()
        put = requests.request(slot["method"], slot["url"], data=data, headers=slot["headers"], timeout=60)
        assert put.status_code == 200, put.text
        return slot["videoId"]

    def video(self, video_id, token=None):
        answer = self.api("GET", f"/api/v1/videos/{video_id}", token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_until_settled(self, video_id, token, timeout=240):
        def settled():
            video = self.video(video_id, token)
            return video if video["status"] in ("ready", "failed") else None
        return wait_for(settled, timeout, 0.2, f"video {video_id} to be ready or failed")

    def publish(self, path, token, **wanted):
        """Uploads, with what else is wanted of it, and waits until it is ready; returns the video id."""
        video_id = self.upload(path, token, **wanted)
        video = self.wait_until_settled(video_id, token)
        assert video["status"] == "ready", video
        return video_id

    # What viewers do

    def cookies(self, video_id, token=None):
        """Asks for playback and returns the value of a `Cookie` header."""
        answer = self.api("POST", f"/api/v1/videos/{video_id}/playback", token, json={})
        assert answer.status_code == 200, answer.text
        named = {name: value for name, value in answer.cookies.items() if name.startswith("CloudFront-")}
        assert {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"} <= set(named)
        return "; ".join(f"{name}={value}" for name, value in named.items())

    def get(self, path, cookies=None, method="GET", **headers):
        if cookies:
            headers["Cookie"] = cookies
        return requests.request(method, self.ready["edge"] + path, headers=headers, timeout=30, allow_redirects=False)

    def purge(self, *options):
        return subprocess.run([BIN / "weir", "purge", "--ready", self.directory / "ready.json", *options],
                              capture_output=True, text=True, timeout=30)

    def media_keys(self, video_id):
        listing = self.s3().list_objects_v2(Bucket=self.ready["mediaBucket"], Prefix=f"media/{video_id}/")
        return [item["Key"] for item in listing.get("Contents", [])]

    # AWS clients, with nothing set but the endpoint and the credentials

    def cognito(self):
        return boto3.client("cognito-idp", endpoint_url=self.ready["origin"], **self._credentials())

    def cloudfront(self):
        return boto3.client("cloudfront", endpoint_url=self.ready["origin"], **self._credentials())

    def s3(self, **options):
        return boto3.client("s3", **({"endpoint_url": self.ready["s3"]} | self._credentials() | options))

    def _credentials(self):
        return {"region_name": self.ready["region"], "aws_access_key_id": self.ready["accessKeyId"],
                "aws_secret_access_key": self.ready["secretAccessKey"]}


def code_in(message):
    """The code in the text of a message, whose HTML has it too."""
    code = re.search(r"\b\d{6}\b", message.get_body(["plain"]).get_content())[0]
    html = message.get_body(["html"])
    assert html is None or code in html.get_content()
    return code


def variants(playlist):
    """(attributes, URI) of every EXT-X-STREAM-INF, and of every EXT-X-MEDIA that has a URI."""
    lines = playlist.splitlines()
    found = []
    for index, line in enumerate(lines):
        if line.startswith("#EXT-X-STREAM-INF:"):
            found.append((attributes(line), lines[index + 1]))
        elif line.startswith("#EXT-X-MEDIA:") and "URI=" in line:
            found.append((attributes(line), attributes(line)["URI"]))
    return found


def attributes(line):
    pairs = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.split(":", 1)[1])
    return {name: value.strip('"') for name, value in pairs}


def media_segments(playlist):
    """(duration, URI) of every segment, and the URI of the initialisation section."""
    lines = playlist.splitlines()
    durations = [float(line[8:].split(",")[0]) for line in lines if line.startswith("#EXTINF:")]
    uris = [line for line in lines if line and not line.startswith("#")]
    init = [attributes(line)["URI"] for line in lines if line.startswith("#EXT-X-MAP:")]
    return list(zip(durations, uris, strict=True)), (init[0] if init else None)
