"""Who signed in, who failed and who administered stays on record, and nobody rewrites the record unnoticed."""
import contextlib
import hashlib
import hmac
import http.client
import json
import sqlite3
import subprocess
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from installation import BIN, Installation, wait_for


def audit(weir, *words):
    return subprocess.run([BIN / "weir", "audit", words[0], "--ready", weir.directory / "ready.json", *words[1:]],
                          capture_output=True, text=True, timeout=60)


def entries(weir):
    run = audit(weir, "tail", "--all", "--json")
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def sign_in(weir, name, password):
    return weir.cognito().initiate_auth(ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
                                        AuthParameters={"USERNAME": name, "PASSWORD": password})


def act(weir):
    """Signs in rightly and wrongly, makes an account and a key; returns the admin's token."""
    token = weir.sign_in()
    for name in (weir.ready["adminEmail"], "hunter2-typed-as-a-name"):
        with pytest.raises(ClientError):
            sign_in(weir, name, "wrong-wrong-wrong")
    weir.cognito().admin_create_user(UserPoolId=weir.ready["userPoolId"], Username="new@example.com",
                                     TemporaryPassword="a temporary one", MessageAction="SUPPRESS")
    made = weir.api("POST", "/api/v1/admin/keys", token, json={"algorithm": "ECDSA-P256"})
    assert made.status_code == 201
    return token, made.json()["keyPairId"]


def verify_by_hand(weir, lines):
    """The chain by the description in docs/audit.md, without any of Weir's code."""
    sealing_key = bytes.fromhex((weir.directory / "secrets/sealing.key").read_text().strip())
    key = hmac.new(sealing_key, b"weir audit log", hashlib.sha256).digest()
    before = bytes(32)
    for number, line in enumerate(lines, 1):
        entry, given = line[:-75] + "}", line[-66:-2]
        assert json.loads(entry)["sequence"] == number
        before = hmac.new(key, b"entry" + before + entry.encode(), hashlib.sha256).digest()
        assert before.hex() == given


def test_acts_are_on_record_and_the_record_is_whole(own_weir, tmp_path):
    weir = own_weir
    token, key = act(weir)
    log = entries(weir)
    said = [(entry["action"], entry["outcome"], entry["actor"].split(":")[0]) for entry in log]
    for wanted in [("origin_started", "success", "system"), ("token_key_created", "success", "system"),
                   ("signing_key_created", "success", "system"), ("sign_in", "success", "user"),
                   ("user_created", "success", "access-key"), ("signing_key_created", "success", "user")]:
        assert wanted in said, (wanted, said)
    wrong = [entry for entry in log if entry["outcome"] == "wrong_password"]
    assert [entry["subject"].split(":")[0] for entry in wrong] == ["user", "name"]
    assert all(entry["client"] == "127.0.0.1" and entry["requestId"] for entry in wrong)
    assert any(entry["subject"] == f"signing-key:{key}" for entry in log if "subject" in entry)
    text = json.dumps(log)
    for secret in ("hunter2", "wrong-wrong", "a temporary one", weir.ready["adminPassword"], token):
        assert secret not in text

    # A program beside the origin is told apart from the edge by another address of the same machine.
    edge = urllib.parse.urlsplit(weir.ready["edge"])
    viewer = http.client.HTTPConnection(edge.hostname, edge.port, timeout=10, source_address=("127.0.0.2", 0))
    with contextlib.closing(viewer):
        viewer.request("POST", "/identity", headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth", "X-Forwarded-For": "203.0.113.9"},
            body=json.dumps({"ClientId": weir.ready["clientId"], "AuthFlow": "USER_PASSWORD_AUTH",
                             "AuthParameters": {"USERNAME": "nobody", "PASSWORD": "wrong-wrong-wrong"}}))
        assert viewer.getresponse().status == 400
    assert entries(weir)[-2]["forwardedFor"] == "127.0.0.2"
    shown = audit(weir, "tail", "-n", "3").stdout.splitlines()
    assert len(shown) == 3 and "sign_in success" in shown[-1], shown

    verified = audit(weir, "verify")
    assert verified.returncode == 0 and "nothing was changed" in verified.stdout, verified.stderr
    mark = verified.stdout.splitlines()[-1]
    assert audit(weir, "verify", "--since", mark).returncode == 0

    exported = weir.api("GET", "/api/v1/admin/audit/export", token)
    assert exported.headers["Content-Type"] == "application/x-ndjson"
    lines = exported.text.splitlines()
    verify_by_hand(weir, lines)
    by_command = audit(weir, "tail", "--all", "--json").stdout.splitlines()
    assert by_command[:len(lines)] == lines
    file = tmp_path / "audit.jsonl"
    file.write_text(exported.text)
    offline = [BIN / "weir", "audit", "verify", "--file", file, "--sealing-key-file",
               weir.directory / "secrets/sealing.key"]
    run = subprocess.run(offline, capture_output=True, text=True, timeout=20)
    assert run.returncode == 0 and f"verified {len(lines)} entries" in run.stdout, run.stderr
    file.write_text(exported.text.replace('"wrong_password"', '"success"', 1))
    run = subprocess.run(offline, capture_output=True, text=True, timeout=20)
    assert run.returncode == 2 and f"entry {wrong[0]['sequence']} was changed" in run.stdout
    assert "audit log ends" in (weir.directory / "logs/origin.log").read_text()


def test_a_follower_sees_what_comes(own_weir):
    weir = own_weir
    follower = subprocess.Popen([BIN / "weir", "audit", "tail", "--ready", weir.directory / "ready.json", "--follow",
                                 "-n", "1"], stdout=subprocess.PIPE, text=True)
    try:
        assert "sign_in success" in follower.stdout.readline()
        with pytest.raises(ClientError):
            sign_in(weir, "nobody@example.com", "wrong-wrong-wrong")
        assert "sign_in wrong_password" in follower.stdout.readline()
    finally:
        follower.kill()
        follower.wait()


@pytest.mark.parametrize("change, words", [
    ("UPDATE audit_log SET entry = replace(entry, 'wrong_password', 'success') WHERE sequence = {wrong}",
     "entry {wrong} was changed"),
    ("DELETE FROM audit_log WHERE sequence = {wrong}", "entry {wrong} is missing"),
])
def test_an_entry_that_was_changed_while_the_origin_was_stopped_is_named(tmp_path, change, words):
    weir = Installation(tmp_path / "data")
    act(weir)
    wrong = next(entry["sequence"] for entry in entries(weir) if entry["outcome"] == "wrong_password")
    database = json.loads((weir.directory / "config/origin.json").read_text())["storage"]["database"]
    assert weir.stop() == 0
    with sqlite3.connect(database) as connection:
        with pytest.raises(sqlite3.DatabaseError, match="can only be added to"):
            connection.execute(change.format(wrong=wrong))
        for trigger in ("audit_log_is_not_changed", "audit_log_is_not_shortened"):
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(change.format(wrong=wrong)).rowcount == 1
    connection.close()
    weir = Installation(tmp_path / "data")
    try:
        run = audit(weir, "verify")
        assert run.returncode == 2 and words.format(wrong=wrong) in run.stdout, (run.stdout, run.stderr)
    finally:
        assert weir.stop() == 0


def test_a_log_whose_end_was_cut_off_goes_on_and_says_so(tmp_path):
    weir = Installation(tmp_path / "data")
    act(weir)
    noted = audit(weir, "verify").stdout.splitlines()[-1]
    database = json.loads((weir.directory / "config/origin.json").read_text())["storage"]["database"]
    assert weir.stop() == 0
    with sqlite3.connect(database) as connection:
        for trigger in ("audit_log_is_not_shortened", "audit_head_follows"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM audit_log WHERE sequence > 4")
        connection.execute("UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_log WHERE sequence = 4)")
    connection.close()
    weir = Installation(tmp_path / "data")
    try:
        log = weir.directory / "logs/origin.log"
        wait_for(lambda: "audit log broken" in log.read_text(), what="the origin's complaint")
        run = audit(weir, "verify")
        assert run.returncode == 2 and "at entry 5 the log has or had an end" in run.stdout, run.stdout
        assert audit(weir, "verify", "--since", noted).returncode == 2
    finally:
        assert weir.stop() == 0


@pytest.mark.parametrize("words", [[], ["show"], ["verify", "--since", "7"], ["verify", "--file", "x"], ["tail", "-n", "x"],
                                   ["verify", "--sealing-key-file", "x"]])
def test_a_wrong_command_line_is_refused(words):
    run = subprocess.run([BIN / "weir", "audit", *words], capture_output=True, text=True, timeout=20)
    assert run.returncode == 64 and "weir audit tail" in run.stderr
