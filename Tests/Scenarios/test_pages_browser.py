"""The sign-in pages in headless Chromium with scripts switched off, by keyboard: they lead on, and everybody can use them."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import threading
import time
import urllib.parse
import uuid

import pyotp
import pytest

from browser import Browser
from installation import wait_for

PASSWORD = "correct horse battery staple"

# Text against what is behind it (WCAG 2.1, 1.4.3), fields without a label, and what landmarks there are.
FINDINGS = """(() => {
    const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const painted = (colour, behind) => { canvas.fillStyle = `rgb(${behind.join(' ')})`; canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
    const backdrop = element => { let colours = [];
        for (let at = element; at; at = at.parentElement) colours.unshift(getComputedStyle(at).backgroundColor);
        return colours.reduce((behind, colour) => painted(colour, behind), [255, 255, 255]); };
    const light = rgb => { const [r, g, b] = rgb.map(c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; });
        return .2126 * r + .7152 * g + .0722 * b; };
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!own && element.tagName !== 'INPUT' || element.type === 'hidden' || !element.getClientRects().length) continue;
        const behind = backdrop(element), ratio = contrast(painted(getComputedStyle(element).color, behind), behind);
        if (ratio < 4.5) found.push(`${element.tagName} ${element.className}: contrast ${ratio.toFixed(2)}`);
    }
    for (const field of document.querySelectorAll('input:not([type=hidden])')) {
        if (!field.labels.length) found.push(`${field.name} has no label`);
        const edge = contrast(painted(getComputedStyle(field).borderTopColor, backdrop(field.parentElement)), backdrop(field.parentElement));
        if (edge < 3) found.push(`${field.name}: edge ${edge.toFixed(2)}`);
        if (!field.autocomplete) found.push(`${field.name} says nothing to who fills in`);
        for (const id of (field.getAttribute('aria-describedby') || '').split(' ').filter(Boolean))
            if (!document.getElementById(id)) found.push(`${field.name} is described by nothing`);
    }
    for (const [what, count] of [['h1', 1], ['main', 1], ['header', 1]])
        if (document.querySelectorAll(what).length !== count) found.push(`${what} is not there ${count} times`);
    if (document.documentElement.lang !== 'en' || !document.title) found.push('no language or no title');
    if (document.documentElement.scrollWidth > innerWidth) found.push(`scrolls to ${document.documentElement.scrollWidth}`);
    return found;
})()"""

FOCUS = """(() => { const at = document.activeElement, style = getComputedStyle(at);
    return at === document.body ? null : { name: at.name || at.textContent.trim(), shown: at.matches(':focus-visible')
        && style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2 }; })()"""


class Person:
    """Uses the keyboard, and a browser that runs no scripts of pages."""

    def __init__(self, browser, address):
        self.browser, self.address = browser, address
        browser.command("Emulation.setScriptExecutionDisabled", value=True)
        browser.command("Emulation.setFocusEmulationEnabled", enabled=True)

    def look(self, width=390, theme="light"):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=width, height=844 if width < 500 else 900,
                             deviceScaleFactor=1, mobile=width < 500)
        self.browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])

    def open(self, path):
        self.browser.open(self.address + path)
        self.wait("document.readyState === 'complete' && location.pathname === " + json.dumps(path.split("?")[0]))

    def wait(self, condition):
        def holds():
            try:
                return self.browser.evaluate(f"!!({condition})")
            except AssertionError:  # between two pages there is nothing to ask
                return False
        wait_for(holds, 20, what=condition)

    def press(self, key, code, text=None):
        for kind in ("keyDown", "keyUp"):
            self.browser.command("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                                 **({"text": text} if text and kind == "keyDown" else {}))

    def type(self, **values):
        for name, value in values.items():
            self.browser.evaluate(f"(field => {{ field.focus(); field.select(); }})(document.getElementById({json.dumps(name.replace('_', '-'))}))")
            self.browser.command("Input.insertText", text=value)

    def send(self, path, **values):
        """Types and presses return; waits for the page that follows."""
        self.type(**values)
        mark = uuid.uuid4().hex
        self.browser.evaluate(f"document.documentElement.dataset.mark = '{mark}'")
        self.press("Enter", 13, "\r")
        self.wait(f"document.documentElement.dataset.mark !== '{mark}' && document.readyState === 'complete'"
                  f" && location.pathname === {json.dumps(path)}")

    def follow(self, label, path):
        self.browser.evaluate(f"[...document.links].find(link => link.textContent === {json.dumps(label)}).focus()")
        self.press("Enter", 13, "\r")
        self.wait(f"document.readyState === 'complete' && location.pathname === {json.dumps(path)}")

    def said(self, selector):
        return self.browser.evaluate(f"document.querySelector({json.dumps(selector)})?.textContent")

    def check(self):
        """Nothing is wrong with the page in either theme, on a telephone and at a desk."""
        for width in (390, 1440):
            for theme in ("light", "dark"):
                self.look(width, theme)
                assert self.browser.evaluate(FINDINGS) == [], (width, theme)
        self.look()

    def picture(self, name):
        """Pictures of the page, where somebody wants to look at it: WEIR_PICTURES names the folder."""
        folder = os.environ.get("WEIR_PICTURES")
        if not folder:
            return
        for width in (390, 1440):
            for theme in ("light", "dark"):
                self.look(width, theme)
                data = self.browser.command("Page.captureScreenshot", format="png")["data"]
                pathlib.Path(folder, f"{name}-{width}-{theme}.png").write_bytes(base64.b64decode(data))
        self.look()

    def focuses(self):
        """What has the focus, and what the tabulator key comes by from there; each must show it."""
        names = []
        while focus := self.browser.evaluate(FOCUS):
            if focus["name"] in names:
                break
            assert focus["shown"], focus
            names.append(focus["name"])
            self.press("Tab", 9)
        return names


@pytest.fixture
def person(weir):
    with Browser() as browser:
        person = Person(browser, weir.ready["edge"])
        person.look()
        yield person
        assert browser.complaints == []


def test_a_person_signs_up_enrols_signs_in_and_replaces_the_password(weir, person):
    name = f"{uuid.uuid4().hex}@example.com"
    person.open("/login")
    person.check()
    person.picture("sign-in")
    assert person.focuses() == ["username", "password", "Sign in", "Forgot your password?", "Create an account",
                                "Confirm your address"]
    person.follow("Create an account", "/signup")
    person.check()
    person.send("/signup", username=name, new_password="short")
    person.check()
    assert "8 to 256" in person.said("#new-password-error")
    assert person.browser.evaluate("document.activeElement.id") == "new-password"
    assert person.browser.evaluate("document.getElementById('username').value") == name
    person.picture("sign-up-error")
    person.send("/confirmUser", new_password=PASSWORD)
    person.check()
    person.send("/login", code=weir.code(name))
    assert "confirmed" in person.said("[role=status]")
    person.check()
    person.send("/account", password=PASSWORD)
    person.check()
    person.picture("account")

    # A page that is loaded again sends nothing again.
    person.browser.command("Page.reload")
    person.wait("document.readyState === 'complete' && location.pathname === '/account'")

    person.browser.evaluate("[...document.querySelectorAll('button')].find(b => /authenticator/.test(b.textContent)).focus()")
    person.press("Enter", 13, "\r")
    person.wait("location.pathname === '/login/challenge' && document.querySelector('.key code')")
    person.check()
    person.picture("enrolment")
    totp = pyotp.TOTP(person.said(".key code"))
    assert f"secret={totp.secret}" in person.browser.evaluate("document.querySelector('.hint a').href")
    person.send("/account", code=totp.at(int(time.time()) - 30))
    assert "asks for a code" in person.said("[role=status]")

    person.open("/signout")
    person.check()
    person.browser.evaluate("document.querySelector('button').focus()")
    person.send("/login")
    assert person.said("[role=status]") == "You are signed out."

    person.send("/login", username=name, password="wrong password")
    person.check()
    person.send("/login/challenge", password=PASSWORD)
    person.check()
    person.picture("second-factor")
    person.send("/account", code=totp.now())

    person.open("/forgotPassword")
    person.check()
    person.send("/confirmForgotPassword", username=name)
    person.check()
    person.send("/login", code=weir.code(name, 2), new_password="another good password")
    person.send("/login/challenge", username=name, password="another good password")


class Application(http.server.BaseHTTPRequestHandler):
    """An application on another site, to which people come back."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Application</title>")

    def log_message(self, *_):
        pass


def test_the_last_form_leads_back_to_an_application_on_another_site(weir, person):
    # Chromium holds form-action against each redirect that follows a form, those of other sites as well.
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        callback = f"http://localhost:{server.server_port}/callback"
        client = weir.cognito().create_user_pool_client(
            UserPoolId=weir.ready["userPoolId"], ClientName="scenario", CallbackURLs=[callback],
            AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["code"], AllowedOAuthScopes=["openid"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
        query = urllib.parse.urlencode({
            "client_id": client["UserPoolClient"]["ClientId"], "redirect_uri": callback, "response_type": "code",
            "scope": "openid", "state": "a&b", "code_challenge": challenge, "code_challenge_method": "S256"})
        person.browser.open(f"{person.address}/oauth2/authorize?{query}")
        person.wait("document.readyState === 'complete' && location.pathname === '/login'")
        person.send("/callback", username=weir.ready["adminEmail"], password=weir.ready["adminPassword"])
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(person.browser.evaluate("location.href")).query)
        assert answer["state"] == ["a&b"] and answer["code"][0]
        server.shutdown()
