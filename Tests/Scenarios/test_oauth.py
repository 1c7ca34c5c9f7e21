"""The authorization code flow as authlib speaks it, with people at the sign-in pages: through the edge, as applications do it."""
import os

# Installations of scenarios have no certificate; authlib asks for one unless told so before it is imported.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import base64
import urllib.parse

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from visitor import Visitor

CALLBACK = "http://127.0.0.1:9/callback"
BYE = "http://127.0.0.1:9/bye"
SCOPES = ["openid", "email", "profile", "aws.cognito.signin.user.admin"]


@pytest.fixture(scope="module")
def metadata(weir):
    document = requests.get(
        f"{weir.ready['edge']}/{weir.ready['userPoolId']}/.well-known/openid-configuration", timeout=10)
    assert document.headers["Access-Control-Allow-Origin"] == "*"
    return OpenIDProviderMetadata(document.json())


class Application:
    """A client with authlib, and somebody's browser."""

    def __init__(self, weir, metadata, **options):
        self.weir, self.metadata = weir, metadata
        self.client = weir.cognito().create_user_pool_client(
            UserPoolId=weir.ready["userPoolId"], ClientName="scenario", AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"], AllowedOAuthScopes=SCOPES, CallbackURLs=[CALLBACK], LogoutURLs=[BYE],
            SupportedIdentityProviders=["COGNITO"], **options)["UserPoolClient"]
        secret = self.client.get("ClientSecret")
        self.session = OAuth2Session(
            self.client["ClientId"], secret, scope="openid email", redirect_uri=CALLBACK, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            revocation_endpoint_auth_method="client_secret_basic" if secret else "none")
        self.visitor = Visitor(weir.ready["edge"])
        self.verifier, self.nonce = generate_token(48), generate_token(20)

    def address(self, **changes):
        return self.session.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce, **changes)[0]

    def answer(self, address):
        """Where the browser is sent when it asks for an address."""
        return self.visitor.session.get(address, timeout=30, allow_redirects=False)

    def sign_in(self, **changes):
        """Signs the administrator in at the pages; where they lead the browser in the end."""
        self.visitor.open(self.address(**changes))
        assert self.visitor.path == "/login"
        self.visitor.send(username=self.weir.ready["adminEmail"], password=self.weir.ready["adminPassword"])
        answer = self.answer(urllib.parse.urljoin(self.weir.ready["edge"], self.visitor.page.forward))
        assert answer.status_code == 303 and answer.headers["Location"].startswith(f"{CALLBACK}?"), answer.text
        return answer.headers["Location"]

    def fetch(self, location, **changes):
        arguments = {"code_verifier": self.verifier, "authorization_response": location} | changes
        return self.session.fetch_token(self.metadata["token_endpoint"], **arguments)

    def user_info(self, token):
        return requests.get(
            self.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=10)


@pytest.fixture
def public(weir, metadata):
    return Application(weir, metadata)


def parameters(address):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))


def test_the_metadata_is_what_authlib_expects(weir, metadata):
    metadata.validate()
    assert metadata["issuer"] == f"{weir.ready['origin']}/{weir.ready['userPoolId']}"
    for name in ("authorization", "token", "userinfo", "revocation", "end_session"):
        assert metadata[f"{name}_endpoint"].startswith(weir.ready["edge"] + "/")
    for name in ("token", "userinfo", "revocation"):
        preflight = requests.options(
            metadata[f"{name}_endpoint"], timeout=10,
            headers={"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "authorization"})
        assert preflight.status_code == 204 and preflight.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("options", [{}, {"GenerateSecret": True}], ids=["public", "confidential"])
def test_authlib_signs_in_renews_and_revokes(weir, metadata, options):
    application = Application(weir, metadata, **options)
    location = application.sign_in()
    assert parameters(location)["iss"] == metadata["issuer"]
    token = application.fetch(location)
    assert token["token_type"] == "Bearer" and token["scope"] == "openid email"

    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    claims = CodeIDToken(
        decoded.claims, decoded.header,
        options={"iss": {"value": metadata["issuer"]}, "aud": {"value": application.client["ClientId"]}},
        params={"nonce": application.nonce, "client_id": application.client["ClientId"],
                "access_token": token["access_token"]})
    claims.validate()
    assert claims["at_hash"] and claims["email"] == weir.ready["adminEmail"] and "cognito:username" not in claims
    info = application.user_info(token).json()
    assert info == {"sub": claims["sub"], "email": weir.ready["adminEmail"], "email_verified": True}

    renewed = application.session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert renewed["access_token"] != token["access_token"] and renewed["scope"] == "openid email"
    assert application.user_info(renewed).status_code == 200
    # It was let know who the person is, and no more.
    assert weir.api("GET", "/api/v1/admin/keys", renewed["access_token"]).status_code == 401
    with pytest.raises(weir.cognito().exceptions.NotAuthorizedException):
        weir.cognito().get_user(AccessToken=renewed["access_token"])

    revoked = application.session.revoke_token(metadata["revocation_endpoint"], token["refresh_token"])
    assert revoked.status_code == 200 and revoked.content == b""
    assert application.user_info(renewed).status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        application.session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])


def test_a_code_is_good_once_for_its_client_and_its_verifier(weir, metadata, public):
    location = public.sign_in()
    token = public.fetch(location)
    with pytest.raises(OAuthError, match="invalid_grant"):
        public.fetch(location)
    assert public.user_info(token).status_code == 401

    # Whoever is signed in is not asked again; the pages are for those who are not, or must be.
    silent = public.answer(public.address()).headers["Location"]
    with pytest.raises(OAuthError, match="invalid_grant"):
        public.fetch(silent, code_verifier=generate_token(48))
    with pytest.raises(OAuthError, match="invalid_grant"):
        public.fetch(silent)
    stolen = public.answer(public.address(prompt="none")).headers["Location"]
    thief = Application(weir, metadata)
    with pytest.raises(OAuthError, match="invalid_grant"):
        thief.fetch(stolen, code_verifier=public.verifier, state=parameters(stolen)["state"])
    asked = public.answer(public.address(prompt="login")).headers["Location"]
    assert asked.startswith("/login?")
    assert "code" in parameters(public.sign_in(prompt="login"))


def test_nobody_is_sent_where_the_client_did_not_say(weir, public):
    public.sign_in()
    for address in (CALLBACK + "/", CALLBACK + "?a", "http://127.0.0.1:9/Callback", "http://127.0.0.1:99/callback",
                    "http://127.0.0.1:9@evil.test/callback", "//evil.test/", "http://localhost:9/callback",
                    "http://127.0.0.1:9/%63allback", "http://127.0.0.1:9/callback/..", "https://127.0.0.1:9/callback"):
        query = parameters(public.address()) | {"redirect_uri": address}
        answer = public.answer(f"{public.metadata['authorization_endpoint']}?{urllib.parse.urlencode(query)}")
        assert answer.status_code == 400 and "Location" not in answer.headers, address
        query = urllib.parse.urlencode({"client_id": public.client["ClientId"], "logout_uri": address})
        answer = public.answer(f"{public.metadata['end_session_endpoint']}?{query}")
        assert answer.status_code == 400 and "Location" not in answer.headers, address
    for name in ("code_challenge", "code_challenge_method"):
        query = {key: value for key, value in parameters(public.address()).items() if key != name}
        answer = public.answer(f"{public.metadata['authorization_endpoint']}?{urllib.parse.urlencode(query)}")
        assert parameters(answer.headers["Location"])["error"] == "invalid_request"


def test_signing_out_ends_the_browsers_session_and_not_the_applications(public):
    token = public.fetch(public.sign_in())
    query = urllib.parse.urlencode({"client_id": public.client["ClientId"], "logout_uri": BYE})
    answer = public.answer(f"{public.metadata['end_session_endpoint']}?{query}")
    assert answer.status_code == 303 and answer.headers["Location"] == BYE
    assert parameters(public.answer(public.address(prompt="none")).headers["Location"])["error"] == "login_required"
    assert public.user_info(token).status_code == 200


def test_a_secret_that_is_wrong_or_told_twice_is_refused(weir, metadata):
    application = Application(weir, metadata, GenerateSecret=True)
    client_id, secret = application.client["ClientId"], application.client["ClientSecret"]
    basic = {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}x".encode()).decode()}
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    wrong = requests.post(metadata["token_endpoint"], form, headers=basic, timeout=10)
    assert wrong.status_code == 401 and wrong.headers["WWW-Authenticate"].startswith("Basic ")
    assert wrong.json()["error"] == "invalid_client" and wrong.headers["Cache-Control"] == "no-store"
    twice = requests.post(metadata["token_endpoint"], form | {"client_secret": secret}, headers=basic, timeout=10)
    assert twice.status_code == 400 and twice.json()["error"] == "invalid_request"
    none = requests.post(metadata["token_endpoint"], form | {"client_id": client_id}, timeout=10)
    assert none.status_code == 400 and none.json()["error"] == "invalid_client"
