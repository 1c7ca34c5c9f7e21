"""Sign-up, sign-in, second factor and reset as pages, by plain forms through the edge; and what is tried against them."""
import json
import re
import time
import uuid

import pyotp
import pytest
import requests

from visitor import Page, Visitor

PASSWORD = "correct horse battery staple"


@pytest.fixture
def visitor(weir):
    return Visitor(weir.ready["edge"])


@pytest.fixture
def name():
    return f"{uuid.uuid4().hex}@example.com"


@pytest.fixture
def person(weir, name):
    """Somebody with an account, made by an administrator: the name."""
    cognito, pool = weir.cognito(), weir.ready["userPoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS",
                              UserAttributes=[{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}])
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    return name


def enrol(visitor):
    """Enrols an authenticator from the account page; the code used is that of the step before now."""
    assert visitor.send().title == "Set up your authenticator – Weir"
    totp = pyotp.TOTP(visitor.page.said["secret"])
    visitor.send(code=totp.at(int(time.time()) - 30))
    assert visitor.path == "/account" and "asks for a code" in visitor.page.said["status"]
    return totp


def test_a_person_signs_up_enrols_signs_in_and_replaces_the_password(weir, visitor, name):
    visitor.open("/login")
    visitor.open(visitor.page.links["Create an account"])
    visitor.send(username=name, new_password="short")
    assert visitor.path == "/signup" and "8 to 256" in visitor.page.said["new-password-error"]
    assert visitor.page.fields["username"]["value"] == name and visitor.page.fields["new-password"]["value"] == ""
    assert "new-password-error" in visitor.page.fields["new-password"]["aria-describedby"]
    visitor.send(username=name, new_password=PASSWORD)
    assert visitor.path == "/confirmUser" and visitor.page.fields["username"]["value"] == name

    code = weir.code(name)
    visitor.send(code="000000" if code != "000000" else "111111")
    assert "not right" in visitor.page.said["code-error"]
    visitor.send(code=f"{code[:3]} {code[3:]}")
    assert visitor.path == "/login" and "confirmed" in visitor.page.said["status"]
    visitor.send(password=PASSWORD)
    assert visitor.path == "/account" and f"As {name}." in visitor.page.text

    totp = enrol(visitor)
    visitor.open("/signout")
    visitor.send()
    assert visitor.path == "/login" and visitor.page.said["status"] == "You are signed out."
    assert visitor.open("/account").title == "Sign in – Weir"

    visitor.sign_in(name, PASSWORD)
    assert visitor.path == "/login/challenge"
    visitor.send(code="12345")
    assert "not right" in visitor.page.said["code-error"] and visitor.page.title.startswith("Error: ")
    visitor.send(code=totp.now())
    assert visitor.path == "/account"

    visitor.open("/forgotPassword")
    visitor.send(username=name)
    assert visitor.path == "/confirmForgotPassword"
    visitor.send(code=weir.code(name, 2), new_password="another good password")
    assert visitor.path == "/login" and "replaced" in visitor.page.said["status"]
    assert visitor.open("/account").title == "Sign in – Weir"
    visitor.sign_in(name, "another good password")
    assert visitor.path == "/login/challenge"


def test_a_temporary_password_is_replaced(weir, visitor, name):
    weir.cognito().admin_create_user(UserPoolId=weir.ready["userPoolId"], Username=name, TemporaryPassword=PASSWORD)
    visitor.sign_in(name, PASSWORD)
    assert visitor.page.title == "Choose a password – Weir"
    assert visitor.page.fields["new-password"]["autocomplete"] == "new-password"
    visitor.send(new_password="short")
    assert "new-password-error" in visitor.page.said
    visitor.send(new_password="another good password")
    assert visitor.path == "/account"


def test_a_challenge_that_nobody_holds_leads_back_to_the_beginning(visitor):
    visitor.open("/login/challenge")
    assert visitor.path == "/login" and "took too long" in visitor.page.said["alert"]


def test_a_name_that_nobody_has_is_told_the_same(weir, person):
    def seen(flow):
        texts = []
        for asked in (person, f"{uuid.uuid4().hex}@example.com"):
            visitor = Visitor(weir.ready["edge"])
            flow(visitor, asked)
            texts.append((visitor.path, re.sub(r'name="form" value="[^"]*"', "", visitor.page.text).replace(asked, "NAME")))
        return texts

    def forgotten(visitor, asked):
        visitor.open("/forgotPassword")
        visitor.send(username=asked)

    def guessed(visitor, asked):
        forgotten(visitor, asked)
        visitor.send(code="12345x", new_password=PASSWORD)

    def signed_up(visitor, asked):
        visitor.open("/signup")
        visitor.send(username=asked, new_password=PASSWORD)

    for flow in (lambda visitor, asked: visitor.sign_in(asked, "wrong"), forgotten, guessed, signed_up):
        known, unknown = seen(flow)
        assert known == unknown


def refused_forms(weir):
    listen = json.loads((weir.directory / "config/origin.json").read_text())["adminListen"]
    metrics = requests.get(f"http://{listen}/metrics", timeout=10).text
    return {reason: float(value) for reason, value in
            re.findall(r'weir_origin_form_refusals_total\{reason="(\w+)"\} (\S+)', metrics)}


def test_forms_of_other_sites_are_refused_and_counted(weir, visitor, person):
    before = refused_forms(weir)
    visitor.sign_in(person, PASSWORD)
    visitor.open("/signout")
    good = visitor.page.forms[0]["values"]
    stranger = Visitor(weir.ready["edge"])
    stranger.open("/login")
    foreign = stranger.page.forms[0]["values"]["form"]
    attempts = [({}, {}), ({"form": ""}, {}), ({"form": foreign}, {}),
                (good, {"Origin": "https://evil.example"}), (good, {"Origin": "null"}),
                (good, {"Sec-Fetch-Site": "cross-site"}), (good, {"Sec-Fetch-Site": "same-site"})]
    for path in ("/signout", "/login", "/account", "/forgotPassword", "/login/challenge", "/signup", "/confirmUser",
                 "/confirmForgotPassword"):
        for values, headers in attempts:
            values = values | {"username": person, "password": PASSWORD}
            answer = visitor.session.post(weir.ready["edge"] + path, values, headers=headers, timeout=30,
                                          allow_redirects=False)
            assert answer.status_code == 403 and "reload the page" in answer.text and "Set-Cookie" not in answer.headers
    assert visitor.open("/account").title == "You are signed in – Weir"
    after = refused_forms(weir)
    assert after["token"] - before["token"] == 3 * 8 and after["site"] - before["site"] == 4 * 8


def test_a_sign_in_has_a_cookie_of_its_own_whatever_was_there_before(weir, visitor, person):
    attackers = Visitor(weir.ready["edge"])
    attackers.sign_in(person, PASSWORD)
    planted = attackers.session.cookies["weir-session"]
    for value in (planted, "chosen"):
        victim = Visitor(weir.ready["edge"])
        victim.session.cookies.set("weir-session", value, domain="127.0.0.1", path="/")
        victim.open("/login?client_id=" + weir.ready["clientId"])
        answer = victim.session.post(
            weir.ready["edge"] + victim.page.forms[0]["action"],
            victim.page.forms[0]["values"] | {"username": person, "password": PASSWORD}, timeout=30, allow_redirects=False)
        cookies = [line for line in answer.raw.headers.getlist("Set-Cookie") if line.startswith("weir-session=")]
        assert len(cookies) == 1 and value not in cookies[0]
        assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(cookies[0].split("; ")) and "Max-Age" not in cookies[0]
    # Who had the planted session has it no longer.
    assert attackers.open("/account").title == "Sign in – Weir"


def test_pages_are_in_no_frame_run_no_script_and_are_kept_by_nobody(weir, visitor):
    for path in ("/login", "/signup", "/confirmUser", "/forgotPassword", "/confirmForgotPassword", "/signout"):
        page = visitor.open(path)
        headers = page.answer.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] and headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"] and "<script" not in page.text
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        other = Visitor(weir.ready["edge"]).open(path)
        assert other.forms[0]["values"]["form"] != page.forms[0]["values"]["form"]
        style = requests.get(weir.ready["edge"] + re.search(r'href="(/assets/pages-\w+\.css)"', page.text)[1], timeout=30)
        assert style.status_code == 200 and "immutable" in style.headers["Cache-Control"]


def test_what_people_type_is_text(visitor):
    hostile = "<script>alert(1)</script>\"'><img/src=x>"
    for path, typed in (("/login", {"password": "x"}), ("/forgotPassword", {}), ("/signup", {"new_password": "x"})):
        visitor.open(path)
        visitor.send(username=hostile, **typed)
        assert "<script" not in visitor.page.text and "<img/" not in visitor.page.text
        assert visitor.page.fields["username"]["value"] == hostile
    visitor.open("/login?client_id=x&state=%22%3E%3Cscript%3E")
    assert visitor.page.answer.status_code == 400 and "<script" not in visitor.page.text


def test_nonsense_is_refused_with_a_page(weir, visitor):
    edge = weir.ready["edge"]
    for query in ("?x", "?client_id=", "?client_id=nobody", "?client_id=%ff", "?client_id=" + "x" * 200):
        assert Page(requests.get(f"{edge}/login{query}", timeout=30)).title == "Error: This link does not work – Weir"
    visitor.open("/login")
    form = visitor.page.forms[0]["values"]
    for body, kind in ((b"form=%ff", "application/x-www-form-urlencoded"), (b"{}", "application/json"),
                       (b"x=" + b"y" * 70_000, "application/x-www-form-urlencoded")):
        answer = visitor.session.post(f"{edge}/login", body, headers={"Content-Type": kind}, timeout=30)
        assert answer.status_code == 400, answer.text
    for name in ("", "x" * 600, "two words", "\0"):
        visitor.open("/login")
        visitor.send(username=name, password="x")
        assert visitor.path == "/login" and "alert" in visitor.page.said
    assert form
