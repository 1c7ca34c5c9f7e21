"""Sign-in with an outside provider: a second Weir says who somebody is, from the button to the application, by plain forms."""
import base64
import hashlib
import json
import secrets
import time
import urllib.parse
import uuid

import pyotp
import pytest
import requests
from botocore.exceptions import ClientError

from installation import Installation
from visitor import Visitor

PASSWORD = "correct horse battery staple"


class OneBrowser(requests.Session):
    """Cookies know no ports: the provider is another host to this browser, as it is to any in the world."""

    def __init__(self, provider):
        super().__init__()
        self.provider = provider

    def request(self, method, url, *arguments, **named):
        host = f"localhost:{urllib.parse.urlsplit(self.provider).port}"
        return super().request(method, url.replace(self.provider, f"http://{host}"), *arguments, **named)


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("outside") / "data")
    yield installation
    assert installation.stop() == 0


def make_client(installation, callback, **options):
    return installation.cognito().create_user_pool_client(
        UserPoolId=installation.ready["userPoolId"], ClientName="scenario", AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"], AllowedOAuthScopes=["openid", "email", "profile"], CallbackURLs=[callback],
        **options)["UserPoolClient"]


@pytest.fixture(scope="module")
def client(weir, outside):
    """An application of `weir` whose people may come from `outside`."""
    issuer = f"{outside.ready['origin']}/{outside.ready['userPoolId']}"
    there = make_client(outside, f"{weir.ready['edge']}/oauth2/idpresponse", GenerateSecret=True)
    weir.cognito().create_identity_provider(
        UserPoolId=weir.ready["userPoolId"], ProviderName="Outside", ProviderType="OIDC",
        ProviderDetails={"client_id": there["ClientId"], "client_secret": there["ClientSecret"],
                         "oidc_issuer": issuer, "authorize_scopes": "openid email profile"})
    return make_client(weir, weir.ready["edge"] + "/", SupportedIdentityProviders=["COGNITO", "Outside"])


def person(installation, name, verified=True):
    cognito, pool = installation.cognito(), installation.ready["userPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS", UserAttributes=[
        {"Name": "email", "Value": name}, {"Name": "email_verified", "Value": str(verified).lower()}])
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)


@pytest.fixture
def visitor(weir, outside):
    visitor = Visitor(weir.ready["edge"])
    visitor.session = OneBrowser(outside.ready["edge"])
    return visitor


@pytest.fixture
def name():
    return f"{uuid.uuid4().hex}@example.com"


class Application:
    """Asks for a sign-in, and exchanges the code that comes of it."""

    def __init__(self, weir, client):
        self.weir, self.client, self.verifier = weir, client, secrets.token_urlsafe(48)

    @property
    def query(self):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        return urllib.parse.urlencode({
            "client_id": self.client["ClientId"], "redirect_uri": self.client["CallbackURLs"][0], "response_type": "code",
            "scope": "openid email profile", "state": "s", "code_challenge": challenge, "code_challenge_method": "S256"})

    def claims(self, visitor):
        """What the ID token says of the person whom the browser has brought back."""
        parts = urllib.parse.urlsplit(visitor.page.answer.url)
        answer = dict(urllib.parse.parse_qsl(parts.query))
        assert parts.path == "/" and answer["state"] == "s", visitor.page.answer.url
        tokens = requests.post(self.weir.ready["edge"] + "/oauth2/token", timeout=30, data={
            "grant_type": "authorization_code", "client_id": self.client["ClientId"], "code": answer["code"],
            "redirect_uri": self.client["CallbackURLs"][0], "code_verifier": self.verifier}).json()
        payload = tokens["id_token"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def ahead(visitor):
    """Where the page leads on to, on whichever host it is."""
    return urllib.parse.urljoin(visitor.page.answer.url, visitor.page.forward)


def come_from_outside(visitor, application, name):
    """Presses the button, signs in there, and is led back."""
    visitor.open(f"/login?{application.query}")
    visitor.open(visitor.page.links["Continue with Outside"])
    assert "localhost" in visitor.page.answer.url and visitor.path == "/login"
    visitor.send(username=name, password=PASSWORD)
    assert visitor.path == "/login/done"
    visitor.open(ahead(visitor))


def test_somebody_new_comes_in_and_has_no_password_here(weir, outside, client, visitor, name):
    person(outside, name)
    application = Application(weir, client)
    come_from_outside(visitor, application, name)
    claims = application.claims(visitor)
    assert claims["cognito:username"].startswith("Outside_") and claims["email"] == name and claims["email_verified"] is True
    assert claims["identities"][0]["providerName"] == "Outside"
    described = weir.cognito().admin_get_user(
        UserPoolId=weir.ready["userPoolId"], Username=claims["cognito:username"])
    assert described["UserStatus"] == "EXTERNAL_PROVIDER"
    with pytest.raises(ClientError) as refused:
        weir.cognito().initiate_auth(ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
            "USERNAME": claims["cognito:username"], "PASSWORD": PASSWORD})
    assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"


def test_an_address_proven_on_both_sides_is_one_account_whose_authenticator_is_asked(weir, outside, client, visitor, name):
    person(outside, name)
    person(weir, name)
    application = Application(weir, client)
    come_from_outside(visitor, application, name)
    assert application.claims(visitor)["cognito:username"] == name
    assert weir.mail(name)[-1]["Subject"] == "You can sign in another way"

    cognito = weir.cognito()
    token = cognito.initiate_auth(ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
        "USERNAME": name, "PASSWORD": PASSWORD})["AuthenticationResult"]["AccessToken"]
    totp = pyotp.TOTP(cognito.associate_software_token(AccessToken=token)["SecretCode"])
    cognito.verify_software_token(AccessToken=token, UserCode=totp.at(int(time.time()) - 30))
    cognito.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True})
    again = Visitor(weir.ready["edge"])
    again.session = OneBrowser(outside.ready["edge"])
    application = Application(weir, client)
    come_from_outside(again, application, name)
    assert again.path == "/login/challenge"
    again.send(code=totp.now())
    again.open(ahead(again))
    assert application.claims(again)["cognito:username"] == name


def test_an_address_that_is_not_proven_there_is_nobodys_here(weir, outside, client, visitor, name):
    person(outside, name, verified=False)
    person(weir, name)
    application = Application(weir, client)
    come_from_outside(visitor, application, name)
    assert application.claims(visitor)["cognito:username"].startswith("Outside_")


def test_an_answer_is_good_in_the_browser_that_was_sent_and_once(weir, outside, client, visitor, name):
    person(outside, name)
    application = Application(weir, client)
    visitor.open(f"/login?{application.query}")
    visitor.open(visitor.page.links["Continue with Outside"])
    visitor.send(username=name, password=PASSWORD)
    answer = visitor.session.get(ahead(visitor), timeout=30, allow_redirects=False)
    back = answer.headers["Location"]
    assert back.startswith(weir.ready["edge"] + "/oauth2/idpresponse?")
    stranger = Visitor(weir.ready["edge"])
    assert stranger.open(back).answer.status_code == 400 and not stranger.session.cookies
    assert visitor.open(back).answer.status_code == 200 and application.claims(visitor)["email"] == name
    assert visitor.open(back).answer.status_code == 400, "it was used up"
