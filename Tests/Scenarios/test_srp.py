"""pycognito and boto3 sign in without ever sending the password, with a client that may use SRP."""
import os
import random

import pytest
from botocore.exceptions import ClientError
from pycognito import AWSSRP, Cognito
from pycognito.exceptions import SoftwareTokenMFAChallengeException

from installation import Installation
from test_identity import enrol, error, person  # noqa: F401: person is a fixture

SIGN_INS = int(os.environ.get("WEIR_SRP_SIGN_INS", 150))
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.fixture(scope="module")
def weir(tmp_path_factory):
    """An installation whose client may use SRP."""
    installation = Installation(tmp_path_factory.mktemp("srp") / "data")
    installation.cognito().update_user_pool_client(
        UserPoolId=installation.ready["userPoolId"], ClientId=installation.ready["clientId"], ExplicitAuthFlows=FLOWS)
    yield installation
    assert installation.stop() == 0


def srp(weir, name, password, client=None, **app_client):
    return AWSSRP(username=name, password=password, pool_id=weir.ready["userPoolId"], client=client or weir.cognito(),
                  **{"client_id": weir.ready["clientId"], **app_client})


def pycognito(weir, name):
    return Cognito(weir.ready["userPoolId"], weir.ready["clientId"], username=name,
                   boto3_client_kwargs={"endpoint_url": weir.ready["origin"], "region_name": weir.ready["region"],
                                        "aws_access_key_id": "x", "aws_secret_access_key": "x"})


def test_pycognito_signs_in_with_a_second_factor(weir, person):
    _, name, password = person
    user = pycognito(weir, name)
    user.authenticate(password)
    assert user.id_claims["email"] == name and user.access_claims["username"]
    totp = enrol(weir, person)
    user = pycognito(weir, name)
    with pytest.raises(SoftwareTokenMFAChallengeException):
        user.authenticate(password)
    user.respond_to_software_token_mfa_challenge(totp.now())
    assert user.access_claims["token_use"] == "access" and user.refresh_token


def test_a_wrong_password_and_an_unknown_user_look_alike(weir, person):
    def refusal(name):
        with pytest.raises(ClientError) as caught:
            srp(weir, name, "not the password").authenticate_user()
        return caught.value.response["Error"]
    assert refusal(person[1]) == refusal("nobody@example.com")
    assert refusal("nobody@example.com")["Code"] == "NotAuthorizedException"


def test_boto3_is_refused_what_would_make_the_key_known_and_what_was_answered(weir, person):
    cognito, name, password = person
    client = srp(weir, name, password, cognito)
    flow = {"ClientId": weir.ready["clientId"], "AuthFlow": "USER_SRP_AUTH"}
    for value in (0, client.big_n, 2 * client.big_n):
        assert error(cognito.initiate_auth, **flow, AuthParameters={
            "USERNAME": name, "SRP_A": f"{value:x}"}) == "InvalidParameterException"
    parameters = client.get_auth_params()
    begun = cognito.initiate_auth(**flow, AuthParameters=parameters)
    assert begun["ChallengeName"] == "PASSWORD_VERIFIER" and "Session" not in begun
    answer = {"ClientId": weir.ready["clientId"], "ChallengeName": "PASSWORD_VERIFIER",
              "ChallengeResponses": client.process_challenge(begun["ChallengeParameters"], parameters)}
    assert "AccessToken" in cognito.respond_to_auth_challenge(**answer)["AuthenticationResult"]
    assert error(cognito.respond_to_auth_challenge, **answer) == "NotAuthorizedException"


def test_an_account_from_before_can_use_it_after_a_sign_in_with_its_password(weir):
    name, password = weir.ready["adminEmail"], weir.ready["adminPassword"]
    with pytest.raises(ClientError):
        srp(weir, name, password).authenticate_user()
    weir.sign_in()
    assert "AuthenticationResult" in srp(weir, name, password).authenticate_user()


def test_a_temporary_password_is_replaced_by_pycognito(weir):
    cognito, name = weir.cognito(), "invited@example.com"
    cognito.admin_create_user(UserPoolId=weir.ready["userPoolId"], Username=name, TemporaryPassword="temporary 1",
                              MessageAction="SUPPRESS")
    # It sends the keys of the challenge before once more.
    assert "AuthenticationResult" in srp(weir, name, "temporary 1").set_new_password_challenge("permanent 2")
    assert "AuthenticationResult" in srp(weir, name, "permanent 2").authenticate_user()


def test_random_sign_ins_all_succeed(weir):
    """Five with each password; the numbers of every sign-in are drawn anew. The unit tests draw salts and passwords 300 times."""
    chance = random.Random(6)
    alphabet = "abcXYZ019 !:|äößÉñ日本語パスワード🎬"
    cognito = weir.cognito()
    for account in range(SIGN_INS // 5):
        name = f"random-{account}@example.com" if account % 2 else f"zufällig-{account}"
        password = "".join(chance.choices(alphabet, k=chance.randint(8, 40)))
        cognito.sign_up(ClientId=weir.ready["clientId"], Username=name, Password=password)
        cognito.admin_confirm_sign_up(UserPoolId=weir.ready["userPoolId"], Username=name)
        for _ in range(5):
            assert "AuthenticationResult" in srp(weir, name, password, cognito).authenticate_user(), (name, password)


def test_a_client_with_a_secret_signs_people_in(weir, person):
    cognito, name, password = person
    made = cognito.create_user_pool_client(UserPoolId=weir.ready["userPoolId"], ClientName="confidential",
                                           GenerateSecret=True, ExplicitAuthFlows=FLOWS)["UserPoolClient"]
    app = {"client_id": made["ClientId"], "client_secret": made["ClientSecret"]}
    assert "AuthenticationResult" in srp(weir, name, password, **app).authenticate_user()
    with pytest.raises(ClientError):
        srp(weir, name, password, **{**app, "client_secret": "x" * 30}).authenticate_user()
