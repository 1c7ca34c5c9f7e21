"""`weir up` as the contract describes it."""
import json
import stat
import subprocess
import time

import pytest

from installation import BIN, Installation

READY_KEYS = {
    "edge", "edgeTLS", "origin", "s3", "admin", "region", "userPoolId", "clientId", "issuer", "distributionId", "keyPairId",
    "keyGroupId", "uploadBucket", "mediaBucket", "adminEmail", "adminPassword", "accessKeyId", "secretAccessKey", "edgeToken",
    "privateKeyFile", "publicKeyFile",
}


def test_ready_json_has_every_key_and_is_private(weir):
    path = weir.directory / "ready.json"
    assert set(weir.ready) == READY_KEYS
    assert all(isinstance(value, str) and value for value in weir.ready.values())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert weir.ready["issuer"] == f"{weir.ready['origin']}/{weir.ready['userPoolId']}"
    assert not any(weir.ready[name].endswith("/") for name in ("edge", "edgeTLS", "origin", "s3", "admin"))


def test_a_second_up_on_the_same_directory_refuses(weir):
    run = subprocess.run([BIN / "weir", "up", "--data", weir.directory, "--edge", "127.0.0.1:0"],
                         capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and "another `weir up`" in run.stderr


def test_sigterm_drains_and_removes_ready_json(tmp_path):
    installation = Installation(tmp_path / "data")
    begun = time.monotonic()
    assert installation.stop() == 0
    assert not (tmp_path / "data/ready.json").exists()
    # A worker's question for work was open, and nobody waited for its end.
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("arguments, words", [
    (["--edge", "nonsense"], ["--edge nonsense", "HOST:PORT"]),
    (["--workers", "many"], ["--workers many", "0 to 64"]),
    (["--database", "mysql://x"], ["--database mysql://x", "sqlite:PATH"]),
])
def test_a_wrong_option_is_refused_with_the_way_out(tmp_path, arguments, words):
    run = subprocess.run([BIN / "weir", "up", "--data", tmp_path / "data", *arguments], capture_output=True, text=True, timeout=20)
    assert run.returncode == 64 and all(word in run.stderr for word in words), run.stderr


@pytest.mark.parametrize("content, reason", [
    ("", "the text ends"), ('{"adminEmail": "a@b", "adm', "line 1"), ("[]", "no JSON object"),
    ('{"adminPassword": 5}', "adminPassword is no text"),
])
def test_a_damaged_installation_is_refused_and_left_as_it_is(tmp_path, content, reason):
    path = tmp_path / "data/secrets/installation.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    ports = [item for name in ("edge", "edge-tls", "origin", "s3", "admin") for item in (f"--{name}", "127.0.0.1:0")]
    run = subprocess.run([BIN / "weir", "up", "--data", tmp_path / "data", *ports],
                         capture_output=True, text=True, timeout=20)
    assert run.returncode == 1
    assert str(path) in run.stderr and reason in run.stderr and "restore it from a backup" in run.stderr, run.stderr
    assert path.read_text() == content


def broken(weir, program, change):
    """Runs a program on the installation's own configuration with one thing changed; returns what it says."""
    configuration = json.loads((weir.directory / f"config/{program.removeprefix('weir-')}.json").read_text())
    change(configuration)
    path = weir.directory / f"config/broken-{program}.json"
    path.write_text(json.dumps(configuration))
    run = subprocess.run([BIN / program, "--config", path], capture_output=True, text=True, timeout=20)
    path.unlink()
    assert run.returncode == 78, (run.returncode, run.stderr)
    return run.stderr


@pytest.mark.parametrize("program", ["weir-edge", "weir-origin", "weir-transcoder"])
def test_an_unknown_key_is_refused_at_start(weir, program):
    said = broken(weir, program, lambda configuration: configuration.update(xyzzy=1))
    assert "$.xyzzy" in said and "not a known key" in said


@pytest.mark.parametrize("program, section, key, value, allowed", [
    ("weir-edge", "limits", "headerBytes", 1, "1024…1048576"),
    ("weir-origin", "signing", "playbackSeconds", 5, "60…604800"),
    ("weir-transcoder", "work", "jobs", 1000, "1…256"),
])
def test_a_value_out_of_range_is_refused_with_the_key_the_value_and_the_range(weir, program, section, key, value, allowed):
    said = broken(weir, program, lambda configuration: configuration.setdefault(section, {}).update({key: value}))
    assert f"$.{section}.{key}: {value} " in said and allowed in said


@pytest.mark.parametrize("program", ["weir-edge", "weir-origin", "weir-transcoder"])
def test_defaults_reference_and_version_are_answered(program):
    defaults = subprocess.run([BIN / program, "--defaults"], capture_output=True, text=True, timeout=20)
    assert isinstance(json.loads(defaults.stdout), dict)
    version = subprocess.run([BIN / program, "--version"], capture_output=True, text=True, timeout=20)
    assert version.stdout.startswith(f"{program} ")


@pytest.mark.parametrize("program", ["edge", "origin", "transcoder"])
def test_check_accepts_what_up_wrote(weir, program):
    run = subprocess.run([BIN / f"weir-{program}", "--config", weir.directory / f"config/{program}.json", "--check"],
                         capture_output=True, text=True, timeout=20)
    assert run.returncode == 0, run.stderr
