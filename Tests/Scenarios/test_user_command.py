"""`weir user` makes accounts, shows them, keeps people out and lets them in again."""
import subprocess
import uuid

import pytest
from botocore.exceptions import ClientError

from installation import BIN


def user(weir, *words, code=0):
    done = subprocess.run([BIN / "weir", "user", words[0], "--ready", weir.directory / "ready.json", *words[1:]],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def sign_in(weir, name, password):
    return weir.cognito().initiate_auth(
        ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password})


def refusal(weir, name, password):
    with pytest.raises(ClientError) as caught:
        sign_in(weir, name, password)
    return caught.value.response["Error"]["Message"]


def test_an_account_is_made_shut_reset_and_deleted(weir):
    name = f"{uuid.uuid4().hex}@example.com"
    shown = user(weir, "create", name, "--no-mail", "--group", "admin")
    first = shown.split()[-1]
    challenge = sign_in(weir, name, first)
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    tokens = weir.cognito().respond_to_auth_challenge(
        ClientId=weir.ready["clientId"], ChallengeName="NEW_PASSWORD_REQUIRED", Session=challenge["Session"],
        ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": "correct horse battery"})["AuthenticationResult"]
    assert weir.api("GET", "/api/v1/admin/jobs", tokens["AccessToken"]).status_code == 200
    row = user(weir, "list", "--filter", f'email = "{name}"').splitlines()
    assert row[0].split() == ["NAME", "STATUS", "ENABLED", "ROLE", "E-MAIL", "ID"]
    assert row[1].split()[:5] == [name, "CONFIRMED", "yes", "admin", name] and len(row) == 2
    assert name in user(weir, "list") and weir.ready["adminEmail"] in user(weir, "list")
    assert "no second factor" in user(weir, "mfa", name)

    user(weir, "disable", name)
    assert weir.api("GET", "/api/v1/admin/jobs", tokens["AccessToken"]).status_code == 401
    assert refusal(weir, name, "correct horse battery") == "User is disabled."
    user(weir, "enable", name)
    assert "AuthenticationResult" in sign_in(weir, name, "correct horse battery")

    second = user(weir, "reset", name).split()[-1]
    assert refusal(weir, name, "correct horse battery") == "Incorrect username or password."
    assert sign_in(weir, name, second)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    user(weir, "delete", name)
    assert "User does not exist." in user(weir, "disable", name, code=1)


def test_a_wrong_command_line_says_what_is_wrong(weir):
    assert "say whose account" in user(weir, "disable", code=64)
    assert "unknown user forget" in user(weir, "forget", "a", code=64)
    assert "--origin needs --pool ID" in user(weir, "list", "--origin", weir.ready["origin"], code=64)
