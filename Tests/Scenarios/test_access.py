"""Who may not watch gets CloudFront's words, and nothing else."""
import base64
import json
import subprocess
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from installation import BIN

MISSING_KEY = (b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query '
               b'parameter or cookie value</Message></Error>')


def encoded(data):
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


def signed(weir, policy, algorithm=hashes.SHA1(), key_pair_id=None, alter=lambda policy: policy):
    """Cookies made by hand with the installation's private key."""
    with open(weir.ready["privateKeyFile"], "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    text = policy if isinstance(policy, bytes) else json.dumps(policy, separators=(",", ":")).encode()
    signature = key.sign(text, padding.PKCS1v15(), algorithm)
    pairs = [f"CloudFront-Policy={encoded(alter(text))}", f"CloudFront-Signature={encoded(signature)}",
             f"CloudFront-Key-Pair-Id={key_pair_id or weir.ready['keyPairId']}"]
    if isinstance(algorithm, hashes.SHA256):
        pairs.append("CloudFront-Hash-Algorithm=SHA256")
    return "; ".join(pairs)


def policy(resource, expires_in=600):
    return {"Statement": [{"Resource": resource, "Condition": {"DateLessThan": {
        "AWS:EpochTime": int(time.time()) + expires_in}}}]}


@pytest.fixture
def path(film):
    return f"/media/{film[0]}/index.m3u8"


def code(answer):
    assert answer.status_code == 403, answer.text
    assert answer.headers["Content-Type"].startswith(("text/xml", "application/xml"))
    return answer.text.split("<Code>")[1].split("</Code>")[0]


def test_without_cookies_the_answer_is_exactly_missing_key(weir, path):
    answer = weir.get(path)
    assert answer.status_code == 403
    assert answer.content == MISSING_KEY and len(MISSING_KEY) == 146
    assert answer.headers["X-Cache"].startswith("Error")


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()], ids=["SHA-1", "SHA-256"])
def test_a_custom_policy_is_accepted(weir, path, algorithm):
    assert weir.get(path, signed(weir, policy(f"http*://*{path.rsplit('/', 1)[0]}/*"), algorithm)).status_code == 200


def test_a_canned_policy_is_accepted(weir, path):
    expires = int(time.time()) + 600
    url = weir.ready["edge"] + path
    text = f'{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}'
    cookies = signed(weir, text.encode()).split("; ", 1)[1]
    assert weir.get(path, f"CloudFront-Expires={expires}; {cookies}").status_code == 200
    assert code(weir.get(path, f"CloudFront-Expires={expires + 1}; {cookies}")) == "AccessDenied"


def test_expired_cookies_are_refused(weir, path):
    assert code(weir.get(path, signed(weir, policy("http*://*/media/*", expires_in=-1)))) == "AccessDenied"


def test_cookies_for_another_video_are_refused(weir, path):
    assert code(weir.get(path, signed(weir, policy("http*://*/media/another/*")))) == "AccessDenied"


def test_a_policy_altered_after_signing_is_refused(weir, path):
    altered = signed(weir, policy("http*://*/media/another/*"),
                     alter=lambda text: text.replace(b"/media/another/*", path.encode()))
    assert code(weir.get(path, altered)) == "AccessDenied"


def test_a_key_nobody_trusts_is_refused(weir, path):
    assert code(weir.get(path, signed(weir, policy("http*://*/media/*"), key_pair_id="KNOBODY"))) == "InvalidKey"


@pytest.mark.parametrize("detour", ["/media/other/../{0}", "/media/other/%2e%2e/{0}", "/media/other/..%2f{0}", "/media/other//../{0}"])
def test_no_detour_leads_around_the_signature(weir, film, detour):
    import http.client
    host = weir.ready["edge"].removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    cookies = signed(weir, policy("http*://*/media/other/*"))
    connection.request("GET", detour.format(f"{film[0]}/index.m3u8"), headers={"Cookie": cookies})
    answer = connection.getresponse()
    assert answer.status in (400, 403) and b"#EXTM3U" not in answer.read()


def test_weir_sign_makes_cookies_that_open(weir, path):
    run = subprocess.run(
        [BIN / "weir", "sign", "cookies", "--ready", weir.directory / "ready.json", "--resource",
         f"http*://*{path.rsplit('/', 1)[0]}/*", "--expires-in", "600"], capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr
    assert weir.get(path, run.stdout.strip()).status_code == 200


def test_weir_sign_makes_a_url_that_opens(weir, path):
    run = subprocess.run(
        [BIN / "weir", "sign", "url", "--ready", weir.directory / "ready.json", "--expires-in", "600",
         weir.ready["edge"] + path], capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr
    assert weir.get(run.stdout.strip().removeprefix(weir.ready["edge"])).status_code == 200
