"""What AWS's own signer and people's scripts sign opens, and nothing that was changed afterwards does."""
import datetime
import http.client
import json
import re
import time

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from test_access import code, policy, signed


@pytest.fixture(scope="module")
def signer(weir):
    """boto3's, with the installation's key."""
    with open(weir.ready["privateKeyFile"], "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    return CloudFrontSigner(weir.ready["keyPairId"], lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()))


@pytest.fixture
def url(weir, film):
    return f"{weir.ready['edge']}/media/{film[0]}/index.m3u8"


def in_ten_minutes():
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)


def custom(signer, url, resource, **conditions):
    text = signer.build_policy(resource, in_ten_minutes(), **conditions)
    return signer.generate_presigned_url(url, policy=text)


def opened(weir, url, cookies=None):
    return weir.get(url.removeprefix(weir.ready["edge"]), cookies)


def mutations(query):
    """(what was done, the query): every parameter dropped, doubled, renamed, emptied, and changed at several places."""
    parts = query.split("&")
    for index, part in enumerate(parts):
        name, value = part.split("=", 1)

        def other(replacement, index=index):
            return "&".join(filter(None, [*parts[:index], replacement, *parts[index + 1:]]))

        yield f"{name} dropped", other("")
        yield f"{name} twice", query + "&" + part
        yield f"{name} in small letters", other(f"{name.lower()}={value}")
        yield f"{name} empty", other(f"{name}=")
        yield f"{name} cut short", other(f"{name}={value[:-1]}")
        yield f"{name} longer", other(f"{name}={value}0")
        for place in sorted({0, len(value) // 3, len(value) // 2, len(value) - 5}):
            changed = "B" if value[place] == "A" else "9" if value[place] == "8" else "A" if not value[place].isdigit() else "8"
            yield f"{name} changed at {place}", other(f"{name}={value[:place]}{changed}{value[place + 1:]}")
    yield "a hash that was not used", query + "&Hash-Algorithm=SHA256"
    yield "a hash nobody knows", query + "&Hash-Algorithm=MD5"


def test_boto3_signs_a_canned_url_that_opens_one_url(weir, signer, url):
    good = signer.generate_presigned_url(url, date_less_than=in_ten_minutes())
    assert opened(weir, good).status_code == 200
    with_query = signer.generate_presigned_url(url + "?part=1&&x=%20", date_less_than=in_ten_minutes())
    assert opened(weir, with_query).status_code == 200
    query = good.split("?")[1]
    assert opened(weir, url + "?" + "&".join(reversed(query.split("&")))).status_code == 200
    for what, changed in mutations(query):
        assert opened(weir, f"{url}?{changed}").status_code == 403, what
    assert opened(weir, good + "&added=1").status_code == 403
    assert opened(weir, good.replace("index.m3u8", "other.m3u8")).status_code == 403
    assert opened(weir, good.replace("index.m3u8", "INDEX.m3u8")).status_code == 403


def test_boto3_signs_a_custom_url_that_opens_what_it_says(weir, signer, film, url):
    good = custom(signer, url, f"http*://*/media/{film[0]}/*")
    assert opened(weir, good).status_code == 200
    for what, changed in mutations(good.split("?")[1]):
        assert opened(weir, f"{url}?{changed}").status_code == 403, what
    assert opened(weir, good.replace(f"/media/{film[0]}/", "/media/another/")).status_code == 403
    assert opened(weir, good.replace("~", "%7E")).status_code == 200
    # Reserved names in the query switch cookies off, good as they may be.
    cookies = weir.cookies(film[0], film[1])
    assert opened(weir, url, cookies).status_code == 200
    assert code(opened(weir, url + "?Policy=x", cookies)) == "MissingKey"


@pytest.mark.parametrize("block, status", [
    ("127.0.0.1/32", 200), ("127.0.0.1", 200), ("127.0.0.0/8", 200), ("0.0.0.0/0", 200), ("10.0.0.0/8", 403),
    ("127.0.0.2/32", 403), ("::/0", 403), ("::1/128", 403), ("::ffff:127.0.0.1/128", 403), ("127.0.0.1/33", 403),
    ("not an address", 403)])
def test_an_address_condition_is_about_the_peer(weir, signer, url, block, status):
    text = json.dumps({"Statement": [{"Resource": url, "Condition": {
        "DateLessThan": {"AWS:EpochTime": int(time.time()) + 600}, "IpAddress": {"AWS:SourceIp": block}}}]})
    answer = opened(weir, signer.generate_presigned_url(url, policy=text))
    assert answer.status_code == status
    forwarded = weir.get(signer.generate_presigned_url(url, policy=text).removeprefix(weir.ready["edge"]),
                         **{"X-Forwarded-For": "127.0.0.1"})
    assert forwarded.status_code == status


def test_dates_open_and_close(weir, signer, url):
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    for begins, ends, status in [
            (now - hour, now + hour, 200), (now + hour, now + 2 * hour, 403), (now - 2 * hour, now - hour, 403)]:
        text = signer.build_policy(url, ends, date_greater_than=begins)
        assert opened(weir, signer.generate_presigned_url(url, policy=text)).status_code == status


def test_hand_made_cookies_open_and_their_mutations_do_not(weir, film, url):
    path = url.removeprefix(weir.ready["edge"])
    good = signed(weir, policy(f"http*://*/media/{film[0]}/*"), hashes.SHA256())
    assert weir.get(path, good).status_code == 200
    assert weir.get(path, "theme=dark; " + "; ".join(reversed(good.split("; "))) + "; a=b").status_code == 200
    as_query = good.replace("CloudFront-", "").replace("; ", "&")
    for what, changed in mutations(as_query):
        if what.endswith("twice") or what.startswith("a hash"):
            continue  # Cookies of one name stand side by side, and a second hash belongs to a second set.
        field = "; ".join(f"CloudFront-{part}" for part in changed.split("&"))
        if what == "Hash-Algorithm dropped":
            assert code(weir.get(path, field)) == "AccessDenied", what
        assert weir.get(path, field).status_code == 403, what


@pytest.mark.parametrize("text", [
    b"{}", b"[]", b"[" * 10_000, b'{"Statement":' + b"[" * 5_000, b"\xff\xfe", b"",
    b'{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1.9e9}}}]}',
    b'{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":-1}}}]}',
    b'{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9223372036854775808}}}]}',
    b'{"Statement":[{"Resource":"*","Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1900000000}}}]}',
], ids=lambda text: text[:24].decode("latin-1"))
def test_a_signed_policy_that_is_none_is_malformed(weir, film, text):
    assert code(weir.get(f"/media/{film[0]}/index.m3u8", signed(weir, text))) == "MalformedPolicy"


@pytest.mark.parametrize("size, statuses", [(14_000, {200}), (30_000, {431}), (1_000_000, {431})])
def test_a_policy_may_fill_a_head_and_no_more(weir, film, size, statuses):
    path = f"/media/{film[0]}/index.m3u8"
    long = signed(weir, policy("http*://*/media/" + "*" * (size * 3 // 4)))
    assert raw(weir, f"GET {path} HTTP/1.1\r\nHost: edge\r\nCookie: {long}\r\nConnection: close\r\n\r\n") in statuses


@pytest.mark.parametrize("target", [
    "/media/{0}%2findex.m3u8", "/media/x/..%2f{0}/index.m3u8", "/media/x/%2e%2e/{0}/index.m3u8", "/media/x/../{0}/index.m3u8",
    "/media/{0}/%", "/media/{0}/%00", "/media/{0}/%zz", "/media/{0}\\index.m3u8"])
def test_a_path_with_two_readings_is_refused_though_everything_is_signed(weir, film, target):
    cookies = signed(weir, policy("*"))
    request = f"GET {target.format(film[0])} HTTP/1.1\r\nHost: edge\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
    assert raw(weir, request) in (400, 403)


def test_a_canned_policy_names_the_host_byte_for_byte(weir, film):
    expires = int(time.time()) + 600
    path = f"/media/{film[0]}/index.m3u8"
    text = (f'{{"Statement":[{{"Resource":"http://edge.example{path}",'
            f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}')
    cookies = f"CloudFront-Expires={expires}; " + signed(weir, text.encode()).split("; ", 1)[1]
    for host, status in [("edge.example", 200), ("EDGE.example", 403), ("edge.example.", 403), ("edge.example:80", 403)]:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        assert raw(weir, request) == status, host


def raw(weir, request):
    """The status of the answer to these very bytes."""
    host = weir.ready["edge"].removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.connect()
    try:
        connection.sock.sendall(request.encode("latin-1"))
    except ConnectionError:
        pass  # The edge has seen enough; what it answered is there to be read.
    answer = connection.sock.recv(65_536)
    connection.close()
    return int(re.match(rb"HTTP/1\.1 (\d{3}) ", answer).group(1))
