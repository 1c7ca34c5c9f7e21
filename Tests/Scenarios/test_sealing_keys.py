"""Another sealing key takes the place of the one there was, while everything is served, and whatever is killed meanwhile."""
import os
import secrets
import signal
import subprocess
import time

import pyotp

from installation import BIN, Installation, wait_for

NAME = "ann"
PASSWORD = "correct horse battery"
REWRAP = "/api/v1/admin/sealing-keys/rewrap"


def command(weir, *words):
    return subprocess.run([BIN / "weir", *words[:2], "--ready", weir.directory / "ready.json", *words[2:]],
                          capture_output=True, text=True, timeout=60)


def begin(weir, client):
    return weir.cognito().initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": NAME, "PASSWORD": PASSWORD})


def sign_in(weir, code):
    client = weir.ready["clientId"]
    return weir.cognito().respond_to_auth_challenge(
        ClientId=client, ChallengeName="SOFTWARE_TOKEN_MFA", Session=begin(weir, client)["Session"],
        ChallengeResponses={"USERNAME": NAME, "SOFTWARE_TOKEN_MFA_CODE": code})["AuthenticationResult"]


def renew(weir, client, token):
    return weir.cognito().get_tokens_from_refresh_token(ClientId=client, RefreshToken=token)[
        "AuthenticationResult"]["RefreshToken"]


def prepare(weir):
    """An account with an authenticator, and a refresh token that is replaced at each use."""
    pool = {"UserPoolId": weir.ready["userPoolId"], "Username": NAME}
    weir.cognito().admin_create_user(MessageAction="SUPPRESS", **pool)
    weir.cognito().admin_set_user_password(Password=PASSWORD, Permanent=True, **pool)
    client = weir.cognito().create_user_pool_client(
        UserPoolId=weir.ready["userPoolId"], ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0})["UserPoolClient"]["ClientId"]
    tokens = begin(weir, client)["AuthenticationResult"]
    totp = pyotp.TOTP(weir.cognito().associate_software_token(AccessToken=tokens["AccessToken"])["SecretCode"])
    weir.cognito().verify_software_token(AccessToken=tokens["AccessToken"], UserCode=totp.at(int(time.time()) - 30))
    weir.cognito().set_user_mfa_preference(
        AccessToken=tokens["AccessToken"], SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return client, renew(weir, client, tokens["RefreshToken"]), totp


def test_everything_outlasts_a_sealing_key(tmp_path):
    weir = Installation(tmp_path / "data")
    client, token, totp = prepare(weir)
    assert weir.stop() == 0
    key_file = weir.directory / "secrets/sealing.key"
    old, new = key_file.read_text().strip(), secrets.token_hex(32)
    key_file.write_text(f"{new}\n{old}\n")

    weir = Installation(tmp_path / "data")
    token = renew(weir, client, token)
    first = weir.api("POST", REWRAP, weir.sign_in(), json={}).json()
    assert first["rewrapped"] == 1 and first["next"].startswith("pending-authenticator:")
    # The rest is on its way when both ends are killed, and nobody knows how far it came.
    with subprocess.Popen([BIN / "weir", "keys", "rewrap", "--ready", weir.directory / "ready.json"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as interrupted:
        killed = weir.pid_of("weir-origin")
        os.kill(killed, signal.SIGKILL)
        interrupted.kill()
    wait_for(lambda: weir.pid_of("weir-origin") not in (None, killed), what="the origin to be restarted")
    done = wait_for(lambda: (lambda run: run if run.returncode == 0 else None)(command(weir, "keys", "rewrap")),
                    what="the origin to serve again")
    assert "\n0 of" in f"\n{done.stdout}" and "No other is needed" in done.stdout
    checked = command(weir, "audit", "verify")
    assert checked.returncode == 0, checked.stdout
    noted = checked.stdout.split()[-1]
    assert weir.stop() == 0

    key_file.write_text(f"{new}\n")
    weir = Installation(tmp_path / "data")
    try:
        assert "AccessToken" in sign_in(weir, totp.now())
        renew(weir, client, token)
        checked = command(weir, "audit", "verify")
        assert checked.returncode == 2 and "entry 1 was written under another sealing key" in checked.stdout
        assert command(weir, "audit", "verify", "--since", noted).returncode == 0
    finally:
        assert weir.stop() == 0
