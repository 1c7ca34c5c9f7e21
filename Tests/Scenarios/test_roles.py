"""Groups decide what people may do, at once, and the refusal names what is missing."""
import json
import subprocess
import uuid

from installation import BIN
from test_user_command import sign_in, user

UPLOAD = {"fileName": "film.mp4", "contentType": "video/mp4", "size": 10}


def account(weir, *options):
    """Makes an account by command and signs it in; returns (name, access token)."""
    name = f"{uuid.uuid4().hex}@example.com"
    password = user(weir, "create", name, "--no-mail", *options).split()[-1]
    challenge = sign_in(weir, name, password)
    tokens = weir.cognito().respond_to_auth_challenge(
        ClientId=weir.ready["clientId"], ChallengeName="NEW_PASSWORD_REQUIRED", Session=challenge["Session"],
        ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": "correct horse battery"})["AuthenticationResult"]
    return name, tokens["AccessToken"]


def upload(weir, token):
    return weir.api("POST", "/api/v1/uploads", token, json=UPLOAD)


def listed_role(weir, name):
    row = next(line for line in user(weir, "list").splitlines() if line.startswith(name))
    return row.split()[3]


def test_a_role_counts_from_the_moment_it_is_given(weir):
    name, token = account(weir, "--role", "viewer")
    assert listed_role(weir, name) == "viewer"
    refused = upload(weir, token)
    assert refused.status_code == 403 and refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "role_required" and refused.json()["requiredRole"] == "creator"
    assert weir.api("GET", "/api/v1/videos", token).status_code == 200

    assert "has the role creator" in user(weir, "role", name, "creator")
    assert listed_role(weir, name) == "creator"
    assert upload(weir, token).status_code == 201
    assert weir.api("GET", "/api/v1/admin/jobs", token).json()["requiredRole"] == "admin"

    user(weir, "role", name, "admin")
    assert weir.api("GET", "/api/v1/admin/jobs", token).status_code == 200
    user(weir, "role", name, "viewer")
    assert upload(weir, token).status_code == 403
    user(weir, "delete", name)


def test_whoever_has_no_role_may_upload_unless_the_installation_says_otherwise(weir):
    name, token = account(weir)
    assert listed_role(weir, name) == "-"
    assert upload(weir, token).status_code == 201
    user(weir, "delete", name)
    configuration = json.loads((weir.directory / "config/origin.json").read_text())
    configuration["identity"]["defaultRole"] = "owner"
    path = weir.directory / "config/wrong-role.json"
    path.write_text(json.dumps(configuration))
    run = subprocess.run([BIN / "weir-origin", "--config", path, "--check"], capture_output=True, text=True, timeout=20)
    path.unlink()
    assert run.returncode == 78 and "$.identity.defaultRole" in run.stderr and "viewer" in run.stderr


def test_an_unknown_role_is_refused(weir):
    assert "viewer, creator or admin" in user(weir, "create", "a@example.com", "--role", "boss", code=64)
    assert "viewer, creator or admin" in user(weir, "role", "a@example.com", code=64)
