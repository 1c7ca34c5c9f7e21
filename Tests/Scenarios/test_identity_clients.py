"""App clients of their own: a secret, lifetimes, and refresh tokens that are replaced, as boto3 and pycognito use them."""
import base64
import hashlib
import hmac
import json
import time
import uuid

import pytest
import requests
from botocore.exceptions import ClientError
from pycognito import Cognito

PASSWORD = "correct horse battery staple"


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def secret_hash(client, username):
    digest = hmac.new(client["ClientSecret"].encode(), (username + client["ClientId"]).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def make_client(weir, **options):
    return weir.cognito().create_user_pool_client(
        UserPoolId=weir.ready["userPoolId"], ClientName="scenario", **options)["UserPoolClient"]


def sign_in_administrator(weir, client):
    parameters = {"USERNAME": weir.ready["adminEmail"], "PASSWORD": weir.ready["adminPassword"]}
    if "ClientSecret" in client:
        parameters["SECRET_HASH"] = secret_hash(client, weir.ready["adminEmail"])
    return weir.cognito().initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)["AuthenticationResult"]


def test_boto3_makes_changes_lists_and_deletes_clients(weir):
    cognito, pool = weir.cognito(), weir.ready["userPoolId"]
    client = make_client(weir, AccessTokenValidity=10, TokenValidityUnits={"AccessToken": "minutes"},
                         ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    arguments = {"UserPoolId": pool, "ClientId": client["ClientId"]}
    assert cognito.describe_user_pool_client(**arguments)["UserPoolClient"] == client
    tokens = sign_in_administrator(weir, client)
    assert tokens["ExpiresIn"] == 600
    access = claims(tokens["AccessToken"])
    assert access["exp"] - access["iat"] == 600 and access["client_id"] == client["ClientId"]

    pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool, PaginationConfig={"PageSize": 1})
    listed = [item["ClientId"] for page in pages for item in page["UserPoolClients"]]
    assert {client["ClientId"], weir.ready["clientId"]} <= set(listed) and len(listed) == len(set(listed))

    changed = cognito.update_user_pool_client(**arguments, ClientName="renamed")["UserPoolClient"]
    assert changed["ClientName"] == "renamed" and "AccessTokenValidity" not in changed
    cognito.delete_user_pool_client(**arguments)
    assert error(cognito.describe_user_pool_client, **arguments) == "ResourceNotFoundException"
    assert error(cognito.get_user, AccessToken=tokens["AccessToken"]) == "NotAuthorizedException"


def test_a_client_with_a_secret_proves_it_in_every_operation(weir):
    cognito, client = weir.cognito(), make_client(weir, GenerateSecret=True)
    client_id, name = client["ClientId"], f"{uuid.uuid4().hex}@example.com"
    sign_up = {"ClientId": client_id, "Username": name, "Password": PASSWORD}
    assert error(cognito.sign_up, **sign_up) == "NotAuthorizedException"
    assert error(cognito.sign_up, **sign_up, SecretHash=secret_hash(client, "other")) == "NotAuthorizedException"
    cognito.sign_up(**sign_up, SecretHash=secret_hash(client, name))
    confirm = {"ClientId": client_id, "Username": name, "ConfirmationCode": weir.code(name)}
    assert error(cognito.confirm_sign_up, **confirm) == "NotAuthorizedException"
    cognito.confirm_sign_up(**confirm, SecretHash=secret_hash(client, name))

    tokens = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(client, name)},
    )["AuthenticationResult"]
    token = tokens["RefreshToken"]
    # pycognito makes the hash over the name, others over the `sub` of the token.
    user = Cognito(weir.ready["userPoolId"], client_id, username=name, client_secret=client["ClientSecret"],
                   id_token=tokens["IdToken"], access_token=tokens["AccessToken"], refresh_token=token,
                   boto3_client_kwargs={"endpoint_url": weir.ready["origin"], "region_name": weir.ready["region"],
                                        "aws_access_key_id": "x", "aws_secret_access_key": "x"})
    user.renew_access_token()
    assert user.access_token != tokens["AccessToken"]
    refresh = {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    cognito.initiate_auth(**refresh, AuthParameters={
        "REFRESH_TOKEN": token, "SECRET_HASH": secret_hash(client, claims(tokens["AccessToken"])["sub"])})
    assert error(cognito.initiate_auth, **refresh,
                 AuthParameters={"REFRESH_TOKEN": token}) == "NotAuthorizedException"
    renew = {"ClientId": client_id, "RefreshToken": token}
    assert error(cognito.get_tokens_from_refresh_token, **renew) == "NotAuthorizedException"
    assert "AccessToken" in cognito.get_tokens_from_refresh_token(
        **renew, ClientSecret=client["ClientSecret"])["AuthenticationResult"]
    revoke = {"ClientId": client_id, "Token": token}
    assert error(cognito.revoke_token, **revoke) == "UnauthorizedException"
    cognito.revoke_token(**revoke, ClientSecret=client["ClientSecret"])
    assert error(cognito.get_user, AccessToken=user.access_token) == "NotAuthorizedException"


def test_a_refresh_token_that_comes_again_after_the_grace_ends_the_sign_in(weir):
    cognito = weir.cognito()
    client = make_client(weir, RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 2})
    first = sign_in_administrator(weir, client)

    def renew(token):
        return cognito.get_tokens_from_refresh_token(
            ClientId=client["ClientId"], RefreshToken=token)["AuthenticationResult"]

    assert error(cognito.initiate_auth, ClientId=client["ClientId"], AuthFlow="REFRESH_TOKEN_AUTH",
                 AuthParameters={"REFRESH_TOKEN": first["RefreshToken"]}) == "InvalidParameterException"
    second = renew(first["RefreshToken"])
    # The answer was lost: the same question gets the same next token.
    assert renew(first["RefreshToken"])["RefreshToken"] == second["RefreshToken"] != first["RefreshToken"]
    assert claims(second["AccessToken"])["origin_jti"] == claims(first["AccessToken"])["origin_jti"]
    third = renew(second["RefreshToken"])
    cognito.get_user(AccessToken=third["AccessToken"])
    time.sleep(2.1)
    assert error(renew, token=second["RefreshToken"]) == "RefreshTokenReuseException"
    for tokens in (first, second, third):
        assert error(cognito.get_user, AccessToken=tokens["AccessToken"]) == "NotAuthorizedException"
    assert error(renew, token=third["RefreshToken"]) == "NotAuthorizedException"


def test_the_next_key_of_tokens_is_published_before_it_signs(own_weir):
    weir = own_weir

    def key_set():
        answer = requests.get(f"{weir.ready['origin']}/{weir.ready['userPoolId']}/.well-known/jwks.json", timeout=10)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        return [key["kid"] for key in answer.json()["keys"]]

    def key_id(token):
        header = token.split(".")[0]
        return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]

    (first,) = key_set()
    token = weir.sign_in()
    assert key_id(token) == first
    assert weir.api("POST", "/api/v1/admin/token-keys/rotate").status_code == 401
    turn = weir.api("POST", "/api/v1/admin/token-keys/rotate", token, json={})
    assert turn.status_code == 202, turn.text
    assert key_set() == [turn.json()["keyId"], first]
    assert key_id(weir.sign_in()) == first
    urgent = weir.api("POST", "/api/v1/admin/token-keys/rotate", token, json={"now": True}).json()["keyId"]
    assert key_set() == [urgent] and key_id(weir.sign_in()) == urgent
    assert weir.api("GET", "/api/v1/admin/keys", token).status_code == 401
