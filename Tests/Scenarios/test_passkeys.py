"""boto3 and a browser's own authenticator make a passkey and sign in with it, as on `weir up` opened under the name localhost."""
import json
import uuid
from urllib.parse import urlsplit

import pytest

from browser import Browser
from installation import Installation, wait_for
from test_identity import enrol, error

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@pytest.fixture(scope="module")
def weir(tmp_path_factory):
    """An installation whose client lets people choose."""
    installation = Installation(tmp_path_factory.mktemp("passkeys") / "data")
    installation.cognito().update_user_pool_client(
        UserPoolId=installation.ready["userPoolId"], ClientId=installation.ready["clientId"], ExplicitAuthFlows=FLOWS)
    yield installation
    assert installation.stop() == 0


@pytest.fixture
def person(weir):
    cognito, name, password = weir.cognito(), f"{uuid.uuid4().hex}@example.com", "correct horse battery staple"
    cognito.sign_up(ClientId=weir.ready["clientId"], Username=name, Password=password)
    cognito.admin_confirm_sign_up(UserPoolId=weir.ready["userPoolId"], Username=name)
    return cognito, name, password


class Authenticator:
    """A browser on a page of the site, with an authenticator that knows its owner."""

    def __init__(self, browser, url, **options):
        self.browser = browser
        browser.open(url)
        wait_for(lambda: browser.evaluate("location.href") == url, what="the page")
        browser.command("WebAuthn.enable")
        self.id = browser.command("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True, **options})["authenticatorId"]

    def create(self, options):
        return self._ask("create", "parseCreationOptionsFromJSON", options)

    def get(self, options):
        return self._ask("get", "parseRequestOptionsFromJSON", options)

    def _ask(self, what, parse, options):
        self.browser.command("Page.bringToFront")
        return json.loads(self.browser.evaluate(
            f"""navigator.credentials.{what}({{publicKey: PublicKeyCredential.{parse}({json.dumps(options)})}})
                .then(credential => JSON.stringify(credential.toJSON()),
                      refusal => JSON.stringify({{refusal: refusal.name}}))"""))


def site(weir, host="localhost"):
    return f"http://{host}:{urlsplit(weir.ready['edge']).port}/"


def token(weir, person):
    cognito, name, password = person
    return cognito.initiate_auth(
        ClientId=weir.ready["clientId"], AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password})["AuthenticationResult"]["AccessToken"]


def begin(weir, person, **more):
    cognito, name, _ = person
    return cognito.initiate_auth(ClientId=weir.ready["clientId"], AuthFlow="USER_AUTH",
                                 AuthParameters={"USERNAME": name, **more})


def answer(weir, person, challenge, session, **responses):
    cognito, name, _ = person
    return cognito.respond_to_auth_challenge(
        ClientId=weir.ready["clientId"], ChallengeName=challenge, Session=session,
        ChallengeResponses={"USERNAME": name, **responses})


def sign_in(weir, person, authenticator):
    begun = begin(weir, person, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert begun["ChallengeName"] == "WEB_AUTHN"
    options = json.loads(begun["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    credential = json.dumps(authenticator.get(options))
    return lambda: answer(weir, person, "WEB_AUTHN", begun["Session"], CREDENTIAL=credential)


def test_a_browser_makes_a_passkey_and_signs_in_with_it(weir, person):
    cognito, access = person[0], token(weir, person)
    with Browser() as browser:
        authenticator = Authenticator(browser, site(weir))
        options = cognito.start_web_authn_registration(AccessToken=access)["CredentialCreationOptions"]
        assert options["rp"]["id"] == "localhost"
        made = authenticator.create(options)
        assert "refusal" not in made, made
        cognito.complete_web_authn_registration(AccessToken=access, Credential=made)
        assert error(cognito.complete_web_authn_registration, AccessToken=access,
                     Credential=made) == "WebAuthnChallengeNotFoundException"
        [listed] = cognito.list_web_authn_credentials(AccessToken=access)["Credentials"]
        assert listed["CredentialId"] == made["id"] and listed["RelyingPartyId"] == "localhost"
        # The browser itself does not make a second one on the same authenticator.
        again = cognito.start_web_authn_registration(AccessToken=access)["CredentialCreationOptions"]
        assert authenticator.create(again) == {"refusal": "InvalidStateError"}

        respond = sign_in(weir, person, authenticator)
        assert "AccessToken" in respond()["AuthenticationResult"]
        assert error(respond) == "NotAuthorizedException"

        # It stands for the second factor as well: no code is asked for.
        enrol(weir, person)
        assert "AccessToken" in sign_in(weir, person, authenticator)()["AuthenticationResult"]

        # By choice, as Amplify does it.
        offered = begin(weir, person)
        assert offered["ChallengeName"] == "SELECT_CHALLENGE"
        assert offered["AvailableChallenges"] == ["PASSWORD", "WEB_AUTHN"]
        chosen = answer(weir, person, "SELECT_CHALLENGE", offered["Session"], ANSWER="WEB_AUTHN")
        options = json.loads(chosen["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        done = answer(weir, person, "WEB_AUTHN", chosen["Session"], CREDENTIAL=json.dumps(authenticator.get(options)))
        assert "AccessToken" in done["AuthenticationResult"]

        # Somebody else's name does not go with it.
        stranger = (cognito, weir.ready["adminEmail"], None)
        assert error(sign_in(weir, stranger, authenticator)) == "NotAuthorizedException"

        cognito.delete_web_authn_credential(AccessToken=access, CredentialId=made["id"])
        assert error(sign_in(weir, person, authenticator)) == "NotAuthorizedException"


def test_a_page_under_the_address_has_no_passkeys(weir, person):
    """A browser makes none for an address, whatever it is asked."""
    options = person[0].start_web_authn_registration(
        AccessToken=token(weir, person))["CredentialCreationOptions"]
    with Browser() as browser:
        assert Authenticator(browser, site(weir, "127.0.0.1")).create(options) == {"refusal": "SecurityError"}


def test_a_name_nobody_has_is_offered_the_same(weir, person):
    known, unknown = begin(weir, person), begin(weir, (person[0], "nobody@example.com", None))
    for begun in (known, unknown):
        begun["Session"] = len(begun["Session"])
        options = json.loads(begun["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        assert options["allowCredentials"] == []
        begun["ChallengeParameters"] = {**options, "challenge": len(options["challenge"])}
        del begun["ResponseMetadata"]
    assert known == unknown
