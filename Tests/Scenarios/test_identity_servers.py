"""Servers that sign people in with an access key of their own, and what administrators do with passwords."""
import uuid

import pyotp
import pytest
from pycognito import Cognito

from installation import wait_for
from test_identity import enrol, error, person, sign_in  # noqa: F401

PASSWORD = "correct horse battery staple"


@pytest.fixture
def server(weir):
    """The id of a client through which a server may sign people in."""
    return weir.cognito().create_user_pool_client(
        UserPoolId=weir.ready["userPoolId"], ClientName="server",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["UserPoolClient"]["ClientId"]


def test_pycognito_signs_in_with_an_access_key(weir, person, server):  # noqa: F811
    _, name, password = person
    keys = weir.cognito()._request_signer._credentials
    user = Cognito(weir.ready["userPoolId"], server, username=name, boto3_client_kwargs={
        "endpoint_url": weir.ready["origin"], "region_name": weir.ready["region"],
        "aws_access_key_id": keys.access_key, "aws_secret_access_key": keys.secret_key})
    user.admin_authenticate(password=password)
    assert user.id_claims["email"] == name and user.access_claims["client_id"] == server
    user.renew_access_token()
    assert user.access_claims["client_id"] == server


def test_boto3_answers_the_second_factor_with_an_access_key(weir, person, server):  # noqa: F811
    cognito, name, password = person
    totp = enrol(weir, person)
    where = {"UserPoolId": weir.ready["userPoolId"], "ClientId": server}
    asked = cognito.admin_initiate_auth(**where, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                                        AuthParameters={"USERNAME": name, "PASSWORD": password})
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    tokens = cognito.admin_respond_to_auth_challenge(
        **where, ChallengeName="SOFTWARE_TOKEN_MFA", Session=asked["Session"],
        ChallengeResponses={"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": totp.now()})
    assert tokens["AuthenticationResult"]["RefreshToken"]
    assert error(cognito.admin_initiate_auth, **where | {"ClientId": weir.ready["clientId"]},
                 AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                 AuthParameters={"USERNAME": name, "PASSWORD": password}) == "InvalidParameterException"


def test_a_password_that_an_administrator_takes_away_is_replaced_by_mail(weir, person):  # noqa: F811
    cognito, name, _ = person
    cognito.admin_reset_user_password(UserPoolId=weir.ready["userPoolId"], Username=name)
    assert error(lambda: sign_in(weir, person)) == "PasswordResetRequiredException"
    cognito.confirm_forgot_password(ClientId=weir.ready["clientId"], Username=name,
                                    ConfirmationCode=weir.code(name, 2), Password="another " + PASSWORD)
    assert sign_in(weir, (cognito, name, "another " + PASSWORD))["AuthenticationResult"]


def test_signing_up_does_not_tell_who_has_an_account(weir, person):  # noqa: F811
    cognito, taken, _ = person
    free = f"{uuid.uuid4().hex}@example.com"
    answers = []
    for name in (taken, free):
        arguments = {"ClientId": weir.ready["clientId"], "Username": name, "Password": "a stranger's " + PASSWORD}
        first, second = cognito.sign_up(**arguments), cognito.sign_up(**arguments)
        assert first["UserSub"] == second["UserSub"]
        for answer in (first, second):
            metadata = answer.pop("ResponseMetadata")
            headers = {key for key in metadata["HTTPHeaders"]}
            answers.append((metadata["HTTPStatusCode"], headers, answer["UserConfirmed"], set(answer),
                            answer["CodeDeliveryDetails"]["DeliveryMedium"]))
    assert all(answer == answers[0] for answer in answers)
    wait_for(lambda: "You already have an account" in [message["Subject"] for message in weir.mail(taken)], 10,
             what="the notice")


def test_boto3_lists_sign_ins_and_ends_another(weir, person):  # noqa: F811
    cognito = person[0]
    first, second = (sign_in(weir, person)["AuthenticationResult"]["AccessToken"] for _ in range(2))
    sessions = cognito.list_user_sessions(AccessToken=second)["Sessions"]
    current, = (session for session in sessions if session["IsCurrentSession"])
    other, = (session for session in sessions if not session["IsCurrentSession"])
    assert other["LastIPAddress"] == "127.0.0.1" and other["LastActiveDate"] >= other["CreateDate"]
    assert error(cognito.revoke_user_session, AccessToken=second,
                 SessionId=current["SessionId"]) == "InvalidParameterException"
    cognito.revoke_user_session(AccessToken=second, SessionId=other["SessionId"])
    assert error(cognito.get_user, AccessToken=first) == "NotAuthorizedException"
    where = {"UserPoolId": weir.ready["userPoolId"], "Username": person[1]}
    left, = cognito.admin_list_user_sessions(**where)["Sessions"]
    cognito.admin_revoke_user_session(**where, SessionId=left["SessionId"])
    assert error(cognito.get_user, AccessToken=second) == "NotAuthorizedException"
