"""AWS's own clients sign in, with a second factor, and notice nothing."""
import time
import uuid

import pyotp
import pytest
from botocore.exceptions import ClientError
from pycognito import Cognito


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


@pytest.fixture
def person(weir):
    """A confirmed user with a password, and the client that made them."""
    cognito, name, password = weir.cognito(), f"{uuid.uuid4().hex}@example.com", "correct horse battery staple"
    cognito.sign_up(ClientId=weir.ready["clientId"], Username=name, Password=password,
                    UserAttributes=[{"Name": "email", "Value": name}])
    code = weir.code(name)
    assert error(cognito.confirm_sign_up, ClientId=weir.ready["clientId"], Username=name,
                 ConfirmationCode="000000" if code != "000000" else "111111") == "CodeMismatchException"
    cognito.confirm_sign_up(ClientId=weir.ready["clientId"], Username=name, ConfirmationCode=code)
    return cognito, name, password


def sign_in(weir, person):
    cognito, name, password = person
    return cognito.initiate_auth(ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
                                 AuthParameters={"USERNAME": name, "PASSWORD": password})


def enrol(weir, person):
    """Enrols a second factor; returns the generator and the step of the code that was used."""
    cognito = person[0]
    token = sign_in(weir, person)["AuthenticationResult"]["AccessToken"]
    totp = pyotp.TOTP(cognito.associate_software_token(AccessToken=token)["SecretCode"])
    now = int(time.time())
    # The step before now is still accepted, so that the steps at and after now stay unused for the challenge.
    answer = cognito.verify_software_token(AccessToken=token, UserCode=totp.at(now - 30))
    assert answer["Status"] == "SUCCESS"
    cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    return totp


def challenge(weir, person, code):
    cognito, name, _ = person
    session = sign_in(weir, person)
    assert session["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    return cognito.respond_to_auth_challenge(
        ClientId=weir.ready["clientId"], ChallengeName="SOFTWARE_TOKEN_MFA", Session=session["Session"],
        ChallengeResponses={"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": code})


def test_boto3_signs_in_with_a_second_factor_and_a_code_works_once(weir, person):
    totp = enrol(weir, person)
    code = totp.now()
    wrong = f"{(int(code) + 1) % 1000000:06}"
    assert error(lambda: challenge(weir, person, wrong)) == "CodeMismatchException"
    tokens = challenge(weir, person, code)["AuthenticationResult"]
    assert {"AccessToken", "IdToken", "RefreshToken"} <= tokens.keys()
    assert error(lambda: challenge(weir, person, code)) == "ExpiredCodeException"
    user = person[0].get_user(AccessToken=tokens["AccessToken"])
    assert user["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"


def test_a_wrong_password_and_an_unknown_user_look_alike(weir, person):
    cognito, name, _ = person
    arguments = {"ClientId": weir.ready["clientId"], "AuthFlow": "USER_PASSWORD_AUTH"}
    for user in (name, "nobody@example.com"):
        assert error(cognito.initiate_auth, **arguments, AuthParameters={
            "USERNAME": user, "PASSWORD": "not the password"}) == "NotAuthorizedException"


def test_pycognito_signs_in_and_verifies_the_tokens(weir, person):
    _, name, password = person
    user = Cognito(weir.ready["userPoolId"], weir.ready["clientId"], username=name,
                   boto3_client_kwargs={"endpoint_url": weir.ready["origin"], "region_name": weir.ready["region"],
                                        "aws_access_key_id": "x", "aws_secret_access_key": "x"})
    tokens = sign_in(weir, person)["AuthenticationResult"]
    user.verify_token(tokens["IdToken"], "id_token", "id")
    user.verify_token(tokens["AccessToken"], "access_token", "access")
    assert user.id_claims["email"] == name and user.access_claims["username"]


def test_admin_calls_need_a_signature(weir, person):
    import boto3
    stranger = boto3.client("cognito-idp", endpoint_url=weir.ready["origin"], region_name=weir.ready["region"],
                            aws_access_key_id="AKIANOBODY", aws_secret_access_key="x" * 40)
    arguments = {"UserPoolId": weir.ready["userPoolId"], "Username": person[1]}
    assert error(stranger.admin_get_user, **arguments) in ("NotAuthorizedException", "UnrecognizedClientException",
                                                           "InvalidSignatureException", "AccessDeniedException")
    assert person[0].admin_get_user(**arguments)["UserStatus"] == "CONFIRMED"
