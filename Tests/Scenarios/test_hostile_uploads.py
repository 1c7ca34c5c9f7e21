"""Hostile uploads: refused in words or played as far as they go, without a file opened or a socket made for them."""
import pathlib
import re
import socket
import subprocess

import pytest

import hostile_files
from installation import BIN, SAMPLE

FILES_AND_SOCKETS = "strace -f -qq -e trace=file,network,process,seccomp -o".split()
REFUSED = ["text", "empty", "html", "zip", "playlist of /etc/passwd", "playlist of a local film", "playlist of an address",
           "playlist by concat", "ffconcat", "DASH", "SDP", "XBIN", "image pattern", "a picture", "box of 2^63", "box of 2^64",
           "256 megapixels", "80 streams", "samples in another file", "index missing"]
DAMAGED = ["cut in half", "flipped bits"]


@pytest.fixture(scope="module")
def listener():
    """Somebody who would notice a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.fixture(scope="module")
def refused(tmp_path_factory, listener):
    directory = tmp_path_factory.mktemp("hostile")
    bait = directory / "bait.mp4"
    bait.write_bytes(SAMPLE.read_bytes())
    return hostile_files.refused(directory, bait, listener.getsockname()[1])


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    return hostile_files.damaged(tmp_path_factory.mktemp("damaged"))


def calls_in_jail(trace):
    """(call, its arguments, its answer) of everything the jailed process and its threads called behind the door."""
    started, jailed, found, begun = set(), set(), [], {}
    for line in pathlib.Path(trace).read_text(errors="replace").splitlines():
        pid, rest = line.split(None, 1)
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>", rest):
            rest = begun.pop(pid, "") + rest[resumed.end():]
        call = re.match(r"(\w+)\((.*)\)\s+= (.*)$", rest)
        if not call:
            continue
        name, arguments, answer = call.groups()
        if pid in jailed:
            found.append((name, arguments, answer))
            if name.startswith("clone") and answer.isdigit():
                jailed.add(answer)
        elif name == "execve" and '"--child"' in arguments:
            started.add(pid)
        elif name == "seccomp" and "SECCOMP_SET_MODE_FILTER" in arguments and answer == "0":
            jailed.add(pid)
    assert started and started <= jailed, "every child enters the jail"
    return found


def transcode(upload, tmp_path):
    """Sends the bytes through the transcoder; returns how it ended, and what it did in the jail."""
    path, trace = tmp_path / "upload", tmp_path / "trace"
    path.write_bytes(upload)
    ended = subprocess.run([*FILES_AND_SOCKETS, trace, BIN / "weir-transcoder", "--input", path, "--output", tmp_path / "hls"],
                           capture_output=True, text=True, timeout=120)
    return ended, calls_in_jail(trace)


def assert_nothing_was_reached(calls):
    for name, arguments, answer in calls:
        if name in ("clone", "clone3"):
            assert "CLONE_THREAD" in arguments, (name, arguments)
        elif name not in ("exit", "exit_group"):
            assert answer.startswith("-1 EACCES"), (name, arguments, answer)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason_and_nothing_is_opened(refused, tmp_path, name):
    upload, reason = refused[name]
    ended, calls = transcode(upload, tmp_path)
    assert reason in ended.stderr, ended.stderr
    assert ended.returncode == 65
    assert_nothing_was_reached(calls)
    assert not (tmp_path / "hls/index.m3u8").exists()


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_left_of_a_damaged_film_is_played_and_nothing_is_opened(damaged, tmp_path, name):
    ended, calls = transcode(damaged[name], tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert_nothing_was_reached(calls)
    subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", tmp_path / "hls/index.m3u8", "-f", "null", "-"], check=True)


def test_a_file_without_end_is_given_up_early(tmp_path):
    path, trace = tmp_path / "upload", tmp_path / "trace"
    with open(path, "wb") as file:
        file.write((b"\x47\x1f\xff\x10" + bytes(184)) * 2000)  # a transport stream that never says what is in it
        file.truncate(2 << 30)
    ended = subprocess.run(["strace", "-f", "-qq", "-e", "trace=pread64", "-o", trace, BIN / "weir-transcoder",
                            "--input", path, "--output", tmp_path / "hls"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 65
    assert "damaged or incomplete" in ended.stderr
    assert 0 < sum(map(int, re.findall(r"= (\d+)$", trace.read_text(), re.M))) < 300 << 20


def test_every_hostile_file_is_tried(refused, damaged):
    assert sorted(refused) == sorted(REFUSED) and sorted(damaged) == sorted(DAMAGED)


def test_the_worker_lives_and_the_next_film_plays(weir, refused, tmp_path):
    worker, token = weir.pid_of("weir-transcoder"), weir.sign_in()
    for name in ("playlist of a local film", "256 megapixels", "box of 2^63", "80 streams"):
        upload, reason = refused[name]
        path = tmp_path / "upload.mp4"
        path.write_bytes(upload)
        video = weir.wait_until_settled(weir.upload(path, token), token)
        assert video["status"] == "failed"
        assert reason in str(video["failure"]), name
    assert weir.wait_until_settled(weir.upload(SAMPLE, token), token)["status"] == "ready"
    assert weir.pid_of("weir-transcoder") == worker
