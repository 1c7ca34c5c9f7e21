"""`weir user mfa --enrol` shows a QR code that a reader of other people's makes out, and enrols what it says."""
import os
import pty
import subprocess
import urllib.parse
import uuid

import pyotp
import pytest

from installation import BIN


@pytest.fixture
def person(weir):
    name = f"{uuid.uuid4().hex}@example.com"
    weir.cognito().admin_create_user(UserPoolId=weir.ready["userPoolId"], Username=name, MessageAction="SUPPRESS")
    weir.cognito().admin_set_user_password(
        UserPoolId=weir.ready["userPoolId"], Username=name, Password="correct horse battery", Permanent=True)
    yield name
    weir.cognito().admin_delete_user(UserPoolId=weir.ready["userPoolId"], Username=name)


def mfa(weir, *words, stdin=subprocess.DEVNULL):
    command = [BIN / "weir", "user", "mfa", "--ready", weir.directory / "ready.json", *words]
    return subprocess.run(command, stdin=stdin, capture_output=True, text=True, timeout=60)


def scanned(text, tmp_path, scale=6):
    """What zbar reads in the block characters of a dark terminal."""
    rows = []
    for line in text.splitlines():
        rows += [[character in "█▀" for character in line], [character in "█▄" for character in line]]
    width, height = len(rows[0]) * scale, len(rows) * scale
    pixels = bytes(255 if light else 0 for row in rows for _ in range(scale) for light in row for _ in range(scale))
    image = tmp_path / "code.pgm"
    image.write_bytes(b"P5 %d %d 255\n" % (width, height) + pixels)
    return subprocess.run(["zbarimg", "--quiet", "--raw", image], capture_output=True, text=True, check=True).stdout.strip()


def challenge(weir, name):
    return weir.cognito().initiate_auth(
        ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": "correct horse battery"})


def test_the_code_that_is_shown_is_read_and_enrolled_without_a_keyboard(weir, person, tmp_path):
    shown = mfa(weir, person, "--enrol")
    assert shown.returncode == 0, shown.stderr
    blocks = "\n".join(line for line in shown.stdout.splitlines() if set(line) <= set("█▀▄ "))
    uri = urllib.parse.urlsplit(scanned(blocks, tmp_path))
    assert (uri.scheme, uri.netloc, urllib.parse.unquote(uri.path)) == ("otpauth", "totp", f"/Weir:{person}")
    parameters = dict(urllib.parse.parse_qsl(uri.query))
    assert parameters["issuer"] == "Weir" and f"type the secret {parameters['secret']}" in shown.stdout
    assert uri.geturl() in shown.stdout
    assert "AuthenticationResult" in challenge(weir, person)

    totp = pyotp.parse_uri(uri.geturl())
    wrong = mfa(weir, person, "--code", "12345")
    assert wrong.returncode == 1 and "Invalid code received" in wrong.stderr
    assert "is asked for the code" in mfa(weir, person, "--code", totp.now()).stdout
    assert challenge(weir, person)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "no authenticator" in mfa(weir, person, "--remove").stdout
    assert "no second factor" in mfa(weir, person).stdout


def test_at_a_keyboard_the_code_is_asked_for(weir, person):
    keyboard, terminal = pty.openpty()
    command = [BIN / "weir", "user", "mfa", "--ready", weir.directory / "ready.json", person, "--enrol"]
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as enrolment:
        uri = ""
        while not uri.startswith("otpauth://"):
            uri = enrolment.stdout.readline()
        os.write(keyboard, b"12345\n")
        os.write(keyboard, pyotp.parse_uri(uri.strip()).now().encode() + b"\n")
        out, error = enrolment.communicate(timeout=60)
    assert enrolment.returncode == 0, error
    assert "is asked for the code of an authenticator" in out and error.count("code: ") == 2
    assert challenge(weir, person)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_what_excludes_each_other_is_refused(weir):
    assert mfa(weir, "ann", "--enrol", "--remove").returncode == 64
