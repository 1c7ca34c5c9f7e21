"""What `weir sign` prints opens what it says, and nothing else."""
import subprocess
import time

import pytest
import requests

from installation import BIN


def sign(weir, *words, code=0):
    run = subprocess.run([BIN / "weir", "sign", *words, "--ready", weir.directory / "ready.json"],
                         capture_output=True, text=True, timeout=30)
    assert run.returncode == code, run.stderr
    return run.stderr if code else run.stdout.strip()


@pytest.fixture
def url(weir, film):
    return f"{weir.ready['edge']}/media/{film[0]}/index.m3u8"


@pytest.mark.parametrize("options, status", [
    ([], 200), (["--canned"], 200), (["--canned", "--hash", "SHA256"], 200), (["--hash", "SHA256"], 200),
    (["--ip", "127.0.0.0/8"], 200), (["--ip", "10.0.0.0/8"], 403), (["--ip", "2001:db8::/32"], 403),
    (["--starts-in", "100"], 403), (["--starts-at", "1000000000"], 200),
    (["--expires-at", "1000000000"], 403), (["--resource", "http*://*/media/*"], 200), (["--resource", "http*://*/else/*"], 403),
])
def test_a_signed_url_opens_what_it_says(weir, url, options, status):
    signed = sign(weir, "url", *options, url)
    assert signed.startswith(url + "?")
    assert ("Expires=" in signed) == ("--canned" in options) and ("Hash-Algorithm=SHA256" in signed) == ("SHA256" in options)
    assert requests.get(signed, timeout=10).status_code == status


@pytest.mark.parametrize("options", [[], ["--hash", "SHA256"]])
def test_canned_cookies_open_one_url(weir, url, options):
    cookies = sign(weir, "cookies", "--canned", *options, url)
    assert requests.get(url, headers={"Cookie": cookies}, timeout=10).status_code == 200
    assert requests.get(url + "?other", headers={"Cookie": cookies}, timeout=10).status_code == 403


def test_cookies_with_a_beginning(weir, url):
    cookies = sign(weir, "cookies", "--resource", "http*://*/media/*", "--starts-at", str(int(time.time()) - 60))
    assert requests.get(url, headers={"Cookie": cookies}, timeout=10).status_code == 200


@pytest.mark.parametrize("words, reason", [
    (["url", "--canned", "--ip", "10.0.0.1", "http://a/b"], "--canned goes without --ip"),
    (["url", "--expires-in", "5", "--expires-at", "5", "http://a/b"], "--expires-in or --expires-at"),
    (["url", "--expires-at", "9999999999", "http://a/b"], "2147483647"), (["url", "a b"], "http:// or https:// URL"),
    (["url", "--starts-in", "50", "--expires-in", "20", "http://a/b"], "end before it starts"),
    (["url", "--hash", "MD5", "http://a/b"], "SHA1 or SHA256"), (["cookies"], "--resource PATTERN is missing"),
    (["url", "--ip", "1.2.3", "http://a/b"], "--ip 1.2.3"),
])
def test_what_is_wrong_is_named(weir, words, reason):
    assert reason in sign(weir, *words, code=64)
