"""Every member of every operation of the user pool, missing and of every wrong type, and bodies that are no JSON: the documented
error each time, and never a 500. What there is to send comes from botocore's model of the service."""
import http.client
import itertools
import json
import urllib.parse

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# What the protocol answers before an operation is looked at.
PROTOCOL = {"SerializationException", "UnknownOperationException", "MissingAuthenticationTokenException"}
COMMON = {"InvalidParameterException", "ResourceNotFoundException", "NotAuthorizedException", "TooManyRequestsException",
          "ForbiddenException", "LimitExceededException"}
WRONG = [None, True, -1, 2 ** 70, 1.5, "", "\0", "x" * 5000, [], [None], {}, {"a": None}, [[{}]]]
RAW = [b"", b"{", b"}", b"[]", b"null", b"1", b'"text"', b'{"ClientId":"a",}', b"{'ClientId':'a'}", b'{"ClientId":}', b"\xef\xbb\xbf{}",
       b'{"ClientId":"\xff"}', b'{"ClientId":"\xc0\xaf"}', b'{"ClientId":"\xed\xa0\x80"}', b'{"ClientId":"\\ud800"}', b"\x00" * 40,
       b'{"ClientId":' + b"[" * 30_000, b'{"ClientId":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
       b'{"ClientId":1e999999}', b'{"ClientId":' + b"9" * 40_000 + b"}", b'{"ClientId":"a","ClientId":["b"]}', b'{"ClientId":NaN}']


class Line:
    """One connection to the pool, on which each request comes from another address."""

    def __init__(self, weir):
        self.ready = weir.ready
        self.host = urllib.parse.urlsplit(weir.ready["origin"]).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=30)
        self.number = 0
        self.signer = SigV4Auth(
            Credentials(weir.ready["accessKeyId"], weir.ready["secretAccessKey"]), "cognito-idp", weir.ready["region"])

    def send(self, operation, body, signed):
        self.number += 1
        headers = {"Content-Type": "application/x-amz-json-1.1", "Host": self.host,
                   "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
                   "X-Forwarded-For": f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"}
        if signed:
            request = AWSRequest("POST", self.ready["origin"] + "/", headers, body)
            self.signer.add_auth(request)
            headers = dict(request.headers.items())
        self.connection.request("POST", "/", body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer, json.loads(text) if text else None


def sample(shape, name, known):
    """What the model would let through, and the pool may refuse."""
    if name in known:
        return known[name]
    if shape.type_name == "structure":
        return {member: sample(shape.members[member], member, known) for member in shape.required_members}
    if shape.type_name == "list":
        return [sample(shape.member, "", known)]
    if shape.type_name == "map":
        return {"USERNAME": "nobody", "PASSWORD": "wrong password"}
    if shape.type_name == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else "x" * max(1, shape.metadata.get("min", 1))
    return {"boolean": True, "timestamp": 0}.get(shape.type_name, 1)


def places(shape, path=()):
    """The path of each member, two structures deep."""
    for name, member in shape.members.items():
        yield (*path, name)
        if member.type_name == "structure" and len(path) < 2:
            yield from places(member, (*path, name))


def variants(shape, known):
    """Inputs with one member missing or wrong."""
    full = {name: sample(member, name, known) for name, member in shape.members.items()}
    yield full
    for path in places(shape):
        for wrong in (*WRONG, KeyError):
            broken = json.loads(json.dumps(full))
            inner = broken
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            if wrong is KeyError:
                inner.pop(path[-1], None)
            else:
                inner[path[-1]] = wrong
            yield broken


def test_no_input_is_an_internal_error(own_weir):
    model = botocore.session.get_session().get_service_model("cognito-idp")
    line = Line(own_weir)
    client = own_weir.cognito().create_user_pool_client(
        UserPoolId=own_weir.ready["userPoolId"], ClientName="spare")["UserPoolClient"]["ClientId"]
    token = own_weir.sign_in()
    served, wrong, sent = 0, [], 0
    for name in model.operation_names:
        operation = model.operation_model(name)
        signed = operation.auth_type != "none"
        answer, body = line.send(name, b"{}", signed)
        if body.get("__type") == "UnknownOperationException":
            continue
        served += 1
        documented = {error.name for error in operation.error_shapes} | COMMON | PROTOCOL
        known = {"UserPoolId": own_weir.ready["userPoolId"], "ClientId": client, "AccessToken": token, "Username": "nobody",
                 "GroupName": "nobodies", "AuthFlow": "USER_PASSWORD_AUTH", "ChallengeName": "SOFTWARE_TOKEN_MFA"}
        if name in ("DeleteUserPool", "DeleteUserPoolClient", "DeleteUser", "GlobalSignOut", "UpdateUserPoolClient"):
            known.update(UserPoolId="eu-central-1_other", ClientId="other", AccessToken="other")
        bodies = (json.dumps(input).encode() for input in variants(operation.input_shape, known))
        for body in itertools.chain(bodies, RAW if served % 5 == 1 else ()):
            answer, output = line.send(name, body, signed)
            sent += 1
            fine = answer.status == 200 and "__type" not in output or (
                answer.status in (400, 429) and output["__type"] in documented
                and answer.headers["x-amzn-ErrorType"] == output["__type"] + ":")
            if not fine:
                wrong.append((name, answer.status, output.get("__type"), output.get("message"), body[:200]))
    assert wrong == [], f"{len(wrong)} of {sent}"
    assert served >= 47 and sent > 5_000
    assert "identity operation failed" not in own_weir.transcript()
    own_weir.sign_in()


@pytest.mark.parametrize("target", ["", "SignUp", "AWSCognitoIdentityProviderService.", "AWSCognitoIdentityProviderService.signup",
                                    "AWSCognitoIdentityProviderService.SignUp ", "x" * 4000])
def test_an_unknown_target_is_said_to_be_one(weir, target):
    answer = weir.api("POST", "/", headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}, data=b"{}")
    expected = "InvalidParameterException" if target.endswith("SignUp ") else "UnknownOperationException"
    assert (answer.status_code, answer.json()["__type"]) == (400, expected)


@pytest.mark.parametrize("operation", ["SignUp", "InitiateAuth", "ForgotPassword", "ConfirmSignUp"])
def test_a_name_of_a_megabyte_is_refused_by_its_size(weir, operation):
    body = {"ClientId": weir.ready["clientId"], "Username": "x" * 1_000_000, "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "x" * 1_000_000, "PASSWORD": "x"}}
    answer = weir.api("POST", "/", headers={"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}"}, json=body)
    assert (answer.status_code, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")
