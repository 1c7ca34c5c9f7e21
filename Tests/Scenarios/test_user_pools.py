"""Several user pools, as boto3 makes them and pycognito signs in to them."""
import pytest
import requests
from pycognito import Cognito

from test_identity import error

NAME, PASSWORD = "ann@example.com", "correct horse battery staple"


@pytest.fixture(scope="module")
def other(weir):
    """Another pool with a client and one person."""
    cognito = weir.cognito()
    pool = cognito.create_user_pool(
        PoolName="other", Policies={"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 3}})["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="other", ExplicitAuthFlows=[
        "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])["UserPoolClient"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username=NAME, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username=NAME, Password=PASSWORD, Permanent=True)
    return pool["Id"], client["ClientId"]


def person(weir, pool, client):
    return Cognito(pool, client, username=NAME, boto3_client_kwargs={
        "endpoint_url": weir.ready["origin"], "region_name": weir.ready["region"],
        "aws_access_key_id": "x", "aws_secret_access_key": "x"})


def test_pycognito_signs_in_with_srp_and_verifies_with_the_keys_of_that_pool(weir, other):
    user = person(weir, *other)
    user.authenticate(password=PASSWORD)
    assert user.id_claims["iss"] == f"{weir.ready['origin']}/{other[0]}"
    user.renew_access_token()
    keys = [{key["kid"] for key in requests.get(f"{weir.ready['origin']}/{pool}/.well-known/jwks.json").json()["keys"]}
            for pool in (other[0], weir.ready["userPoolId"])]
    assert keys[0] and keys[1] and not keys[0] & keys[1]


def test_the_control_api_takes_no_token_of_another_pool(weir, other):
    user = person(weir, *other)
    user.authenticate(password=PASSWORD)
    assert weir.api("GET", "/api/v1/videos", weir.sign_in()).status_code == 200
    assert weir.api("POST", "/api/v1/uploads", user.access_token, json={
        "fileName": "a.mp4", "contentType": "video/mp4", "size": 1, "title": "A"}).status_code == 401
    assert error(weir.cognito().get_user, AccessToken=user.access_token[:-4] + "AAAA") == "NotAuthorizedException"


def test_boto3_lists_changes_and_deletes_pools(weir, other):
    cognito = weir.cognito()
    listed = [pool["Id"] for page in cognito.get_paginator("list_user_pools").paginate(
        PaginationConfig={"PageSize": 1}) for pool in page["UserPools"]]
    assert sorted(listed) == sorted([weir.ready["userPoolId"], other[0]])
    assert error(cognito.delete_user_pool, UserPoolId=weir.ready["userPoolId"]) == "InvalidParameterException"

    pool = cognito.create_user_pool(PoolName="short-lived", DeletionProtection="ACTIVE")["UserPool"]["Id"]
    configured = cognito.set_user_pool_mfa_config(
        UserPoolId=pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True})
    assert configured["MfaConfiguration"] == "ON"
    assert cognito.get_user_pool_mfa_config(UserPoolId=pool)["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    assert error(cognito.delete_user_pool, UserPoolId=pool) == "InvalidParameterException"
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    assert cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["MfaConfiguration"] == "ON"
    cognito.delete_user_pool(UserPoolId=pool)
    assert error(cognito.describe_user_pool, UserPoolId=pool) == "ResourceNotFoundException"
