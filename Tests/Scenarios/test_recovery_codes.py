"""Recovery codes stand in for a lost authenticator, for clients that know nothing of them."""
import uuid

import pyotp
import pytest
from botocore.exceptions import ClientError

from installation import wait_for

PASSWORD = "correct horse battery"


def begin(weir, name):
    return weir.cognito().initiate_auth(
        ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD})


def answer(weir, name, code):
    return weir.cognito().respond_to_auth_challenge(
        ClientId=weir.ready["clientId"], ChallengeName="SOFTWARE_TOKEN_MFA", Session=begin(weir, name)["Session"],
        ChallengeResponses={"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": code})["AuthenticationResult"]["AccessToken"]


def test_ten_codes_each_good_once(weir):
    name = f"{uuid.uuid4().hex}@example.com"
    pool = {"UserPoolId": weir.ready["userPoolId"], "Username": name}
    weir.cognito().admin_create_user(MessageAction="SUPPRESS", **pool)
    weir.cognito().admin_set_user_password(Password=PASSWORD, Permanent=True, **pool)
    token = begin(weir, name)["AuthenticationResult"]["AccessToken"]
    path = "/api/v1/me/recovery-codes"
    assert weir.api("POST", path, token, json={"password": PASSWORD}).json()["code"] == "no_authenticator"

    secret = weir.cognito().associate_software_token(AccessToken=token)["SecretCode"]
    weir.cognito().verify_software_token(AccessToken=token, UserCode=pyotp.TOTP(secret).now())
    weir.cognito().set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert weir.api("POST", path, token, json={"password": "a guess"}).status_code == 403
    made = weir.api("POST", path, token, json={"password": PASSWORD})
    codes = made.json()["codes"]
    assert made.status_code == 201 and len(set(codes)) == 10

    answer(weir, name, codes[0])
    with pytest.raises(ClientError) as caught:
        answer(weir, name, codes[0])
    assert caught.value.response["Error"]["Code"] == "CodeMismatchException"
    answer(weir, name, codes[9].replace("-", "").upper())
    assert weir.api("GET", path, token).json() == {"remaining": 8}
    subjects = wait_for(lambda: (lambda mail: mail if len(mail) == 3 else None)(
        sorted(message["Subject"] for message in weir.mail(name))), 10, what="three notices")
    assert subjects == ["A recovery code was used"] * 2 + ["You have new recovery codes"]
    weir.cognito().admin_delete_user(**pool)
