"""`weir upload` of files that take a while: interrupted, killed, with the origin gone, and gone on with."""
import hashlib
import json
import os
import pathlib
import pty
import random
import re
import signal
import subprocess
import time
import uuid

import pytest

from installation import BIN, SAMPLE

MEBIBYTE = 1 << 20
PART = 16 * MEBIBYTE


def padded(path, size):
    """A film of `size` bytes: what is behind the pictures is a box that players skip, of bytes that no two parts share."""
    film = SAMPLE.read_bytes()
    padding = size - len(film)
    path.write_bytes(film + padding.to_bytes(4, "big") + b"free" + random.Random(3).randbytes(padding - 8))
    return path


@pytest.fixture
def large(tmp_path):
    return padded(tmp_path / "large.mp4", 100 * MEBIBYTE)


class Command:
    """A `weir upload` that sends one part after the other and can be made to stand still."""

    def __init__(self, weir, file, *options):
        self.weir, self.token = weir, weir.sign_in()
        self.process = subprocess.Popen(
            [BIN / "weir", "upload", "--ready", weir.directory / "ready.json", "--no-wait", "--parallel", "1", *options, file],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.folder = pathlib.Path(file).parent

    def note(self):
        found = list(self.folder.glob(".weir-upload-*.json"))
        return json.loads(found[0].read_text()) if found else None

    def stored(self):
        """Numbers of the parts that are at the origin; None once the file is whole."""
        answer = self.weir.api("GET", f"/api/v1/uploads/{self.note()['videoId']}", self.token)
        if answer.status_code == 409:
            return None
        assert answer.status_code == 200, answer.text
        return [part["partNumber"] for part in answer.json()["multipart"]["parts"] if "etag" in part]

    def stop_behind(self, more_than):
        """Lets it run for moments until more than so many parts are stored, and leaves it standing; returns them."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.process.send_signal(signal.SIGSTOP)
            if self.note():
                parts = self.stored()
                assert parts is not None, "it was too fast to be stopped"
                if len(parts) > more_than:
                    return parts
            self.process.send_signal(signal.SIGCONT)
            time.sleep(0.01)
        raise AssertionError(f"never stored more than {more_than} parts")

    def end(self, code, with_signal=None):
        if with_signal:
            self.process.send_signal(with_signal)
        self.process.send_signal(signal.SIGCONT)
        output, errors = self.process.communicate(timeout=120)
        assert self.process.returncode == code, errors + output
        return output, errors


def assert_is_whole(weir, video_id, file):
    data, s3 = file.read_bytes(), weir.s3()
    place = {"Bucket": weir.ready["uploadBucket"], "Key": f"{video_id}/original"}
    digests = [hashlib.md5(data[start:start + PART]).digest() for start in range(0, len(data), PART)]
    assert s3.head_object(**place)["ETag"] == f'"{hashlib.md5(b"".join(digests)).hexdigest()}-{len(digests)}"'
    assert s3.get_object(**place)["Body"].read() == data
    # It is a film; this one need not be made.
    assert weir.api("DELETE", f"/api/v1/videos/{video_id}", weir.sign_in()).status_code == 204


def test_an_upload_that_is_stopped_and_killed_goes_on_without_sending_a_part_twice(weir, large):
    stopped = Command(weir, large)
    first = stopped.stop_behind(0)
    _, errors = stopped.end(130, signal.SIGINT)
    video_id = stopped.note()["videoId"]
    assert "the same command goes on" in errors and video_id in errors
    first = stopped.stored()

    killed = Command(weir, large)
    second = killed.stop_behind(len(first))
    assert set(first) <= set(second) and killed.note()["videoId"] == video_id
    killed.end(-signal.SIGKILL, signal.SIGKILL)
    second = killed.stored()

    output, _ = Command(weir, large, "--json").end(0)
    told = json.loads(output)
    there = sum(min(PART, 100 * MEBIBYTE - (number - 1) * PART) for number in second)
    assert told["videoId"] == video_id and told["bytes"] == 100 * MEBIBYTE
    assert 0 < there and told["sentBytes"] == 100 * MEBIBYTE - there
    assert not list(large.parent.glob(".weir-upload-*"))
    assert_is_whole(weir, video_id, large)


def test_an_upload_survives_the_origin(own_weir, large):
    command = Command(own_weir, large, "--json")
    before = command.stop_behind(1)
    killed = own_weir.pid_of("weir-origin")
    os.kill(killed, signal.SIGKILL)
    output, _ = command.end(0)
    told = json.loads(output)
    assert own_weir.pid_of("weir-origin") not in (None, killed)
    # What was stored before the kill is still there; what it cut off was sent again.
    assert len(before) * PART <= told["sentBytes"] <= 100 * MEBIBYTE
    assert_is_whole(own_weir, told["videoId"], large)


def test_a_file_that_has_changed_is_uploaded_anew(weir, tmp_path):
    file = padded(tmp_path / "film.mp4", 65 * MEBIBYTE)
    begun = Command(weir, file)
    begun.stop_behind(0)
    begun.end(-signal.SIGKILL, signal.SIGKILL)
    old = begun.note()["videoId"]
    with file.open("r+b") as changed:
        changed.seek(40 * MEBIBYTE)
        changed.write(b"another middle")
    output, _ = Command(weir, file).end(0)
    assert f"has changed since its upload as video {old}" in output
    new = re.search(r"video (\w+)$", output.strip())[1]
    assert new != old
    assert_is_whole(weir, new, file)
    assert weir.api("DELETE", f"/api/v1/videos/{old}", weir.sign_in()).status_code == 204


def test_a_bar_on_a_terminal(weir, large):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BIN / "weir", "upload", "--ready", weir.directory / "ready.json", "--no-wait", large],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "COLUMNS": "80"})
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 65_536):
            shown += piece
    except OSError:
        pass  # the terminal is gone with its last writer
    os.close(master)
    assert process.wait(timeout=60) == 0, shown
    assert re.search(rb"\r  \[[#.]{24}\] \d+ %  [\d.]+ \w+ of 100\.0 MiB", shown), shown
    done = re.search(rb"large\.mp4: uploaded 104857600 bytes in [\d.]+ s, video (\w+)", shown)
    assert done and b"\x1b[K" in shown
    assert weir.api("DELETE", f"/api/v1/videos/{done[1].decode()}", weir.sign_in()).status_code == 204


def test_a_machine_uploads_with_its_access_key(weir, tmp_path):
    token, name = weir.sign_in(), f"m{uuid.uuid4().hex[:8]}"
    key = weir.api("POST", "/api/v1/admin/service-accounts", token, json={"name": name, "role": "creator"}).json()
    (tmp_path / "secret").write_text(key["secretAccessKey"])
    where = ["--origin", weir.ready["origin"], "--access-key", key["accessKeyId"], "--secret-key-file", tmp_path / "secret",
             "--region", weir.ready["region"]]
    done = subprocess.run([BIN / "weir", "upload", *where, "--json", "--no-wait", "--title", "Ein Käse & mehr", SAMPLE],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    video_id = json.loads(done.stdout)["videoId"]
    listed = subprocess.run([BIN / "weir", "videos", "list", *where, "--query", "Käse &", "--json", "--limit", "1"],
                            capture_output=True, text=True, timeout=60)
    assert [video["videoId"] for video in json.loads(listed.stdout)["items"]] == [video_id], listed.stderr
    gone = subprocess.run([BIN / "weir", "videos", "delete", *where, video_id], capture_output=True, text=True, timeout=60)
    assert gone.returncode == 0, gone.stderr
    assert weir.api("DELETE", f"/api/v1/admin/service-accounts/{name}", token).status_code == 204


@pytest.mark.parametrize("words, code, said", [
    (["-"], 64, "standard input cannot be uploaded"),
    ([], 64, "give a file"),
    (["/nonexistent.mp4"], 1, "cannot open /nonexistent.mp4: No such file"),
    (["/tmp"], 1, "/tmp is no file"),
    (["--parallel", "0", SAMPLE], 64, "--parallel 0"),
    (["--access-key", "A", SAMPLE], 64, "--access-key goes with --origin"),
    (["--origin", "http://127.0.0.1:9", SAMPLE], 64, "--origin needs --token-file"),
])
def test_a_wrong_upload_is_refused_in_words(weir, words, code, said):
    ready = [] if "--origin" in words else ["--ready", weir.directory / "ready.json"]
    done = subprocess.run([BIN / "weir", "upload", *ready, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == code and said in done.stderr, done.stderr
