"""The edge's TLS listener, judged by OpenSSL's and Python's clients."""
import signal
import socket
import ssl
import subprocess
import time

import pytest
from cryptography import x509

from installation import wait_for
from own_edge import Authority, OwnEdge, Origin, ask, content, insecure


@pytest.fixture(scope="module")
def origin():
    origin = Origin()
    yield origin
    origin.stop()


@pytest.fixture
def authority(tmp_path):
    authority = Authority()
    authority.issue(tmp_path, "edge", ["edge.test"])
    authority.issue(tmp_path, "wild", ["*.wild.test", "wild.test"])
    return authority


@pytest.fixture
def start(tmp_path, origin, authority):
    """Starts edges with TLS: `start(key=value…)` sets keys of the https section."""
    edges = []

    def start(distribution=None, configure=lambda document: None, **https):
        directory = tmp_path / f"edge{len(edges)}"
        directory.mkdir()

        def add_tls(document):
            document["https"] = {"certificateFile": str(tmp_path / "edge.pem"),
                                 "keyFile": str(tmp_path / "edge.key"), **https}
            configure(document)

        edges.append(OwnEdge(directory, origin, add_tls, distribution))
        return edges[-1]

    yield start
    for edge in edges:
        assert edge.stop() == 0


def names(connection):
    certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True))
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName)


def s_client(edge, *arguments, request=b""):
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{edge.tls_port}", "-servername", "edge.test", *arguments],
        input=request, capture_output=True, timeout=30).stdout.decode(errors="replace")


def test_a_client_gets_the_certificate_of_the_name_it_asks_for(start, tmp_path):
    edge = start(certificates=[{"certificateFile": str(tmp_path / "wild.pem"), "keyFile": str(tmp_path / "wild.key")}])
    for asked, first in [("edge.test", "edge.test"), ("a.wild.test", "*.wild.test"), ("A.WILD.test", "*.wild.test"),
                         ("wild.test", "*.wild.test"), ("a.b.wild.test", "edge.test"), ("other.test", "edge.test"),
                         (None, "edge.test")]:
        with edge.connect(asked) as connection:
            assert names(connection)[0] == first, asked
            assert ask(connection)[1] == content("/a")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_resumes_its_session_even_with_another_edge_that_shares_the_key_file(start, tmp_path, version):
    (tmp_path / "tickets.key").write_bytes(bytes(range(48)))
    one = start(ticketKeyFile=str(tmp_path / "tickets.key"))
    two = start(ticketKeyFile=str(tmp_path / "tickets.key"))
    stranger = start()
    session = str(tmp_path / "session.pem")
    request = b"GET /a HTTP/1.1\r\nHost: edge.test\r\nConnection: close\r\n\r\n"
    # -ign_eof: the ticket of TLS 1.3 comes after the handshake, so the connection must live until the answer.
    assert "\nNew, " in s_client(one, version, "-ign_eof", "-sess_out", session, request=request)
    for edge in (one, two):
        assert "\nReused, " in s_client(edge, version, "-ign_eof", "-sess_in", session, request=request)
    assert "\nNew, " in s_client(stranger, version, "-ign_eof", "-sess_in", session, request=request)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_python_resumes_its_session_after_a_reload(start, version):
    edge = start()
    context = insecure()
    context.minimum_version = context.maximum_version = version
    with edge.connect("edge.test", context) as connection:
        assert not connection.session_reused
        ask(connection)
        session = connection.session
    assert edge.admin("/reload").status_code == 200
    with edge.connect("edge.test", context, session) as connection:
        assert connection.session_reused
        assert ask(connection)[1] == content("/a")


def test_a_reload_presents_the_new_certificate_and_leaves_connections_alone(start, authority, tmp_path):
    edge = start(watchSeconds=0)
    with edge.connect("edge.test") as old:
        ask(old)
        for serial, reload in [("one", lambda: edge.admin("/reload")),
                               ("two", lambda: edge.process.send_signal(signal.SIGHUP))]:
            authority.issue(tmp_path, "edge", [f"{serial}.test"])
            reload()

            def presented():
                with edge.connect("edge.test") as connection:
                    return names(connection) == [f"{serial}.test"]
            wait_for(presented, 10, what="the new certificate")
        assert ask(old, "/b")[1] == content("/b")


def test_a_changed_file_is_noticed_without_a_reload(start, authority, tmp_path):
    edge = start(watchSeconds=1)
    authority.issue(tmp_path, "edge", ["renewed.test"])

    def presented():
        with edge.connect("edge.test") as connection:
            return names(connection) == ["renewed.test"]
    wait_for(presented, 15, what="the new certificate")
    # A key that does not fit is refused once, and the certificate in force stays.
    (tmp_path / "edge.key").write_text("rubbish")
    wait_for(lambda: edge.says("certificates not replaced, the old ones stay"), 15, what="the refusal")
    assert presented()


def test_a_reload_with_a_broken_certificate_is_refused_by_name(start, authority, tmp_path):
    edge = start(watchSeconds=0)
    (tmp_path / "edge.pem").write_text("rubbish")
    answer = edge.admin("/reload")
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert problem["path"] == "$.https"
    assert f"read a certificate from {tmp_path}/edge.pem" in problem["message"]
    with edge.connect("edge.test") as connection:
        assert names(connection) == ["edge.test"]
    authority.issue(tmp_path, "edge", ["edge.test"])


def test_an_ocsp_response_is_stapled_until_it_expires(start, authority, tmp_path):
    certificate = authority.issue(tmp_path, "edge", ["edge.test"])
    response = tmp_path / "edge.ocsp"
    authority.say_good(response, certificate, until=3600)
    edge = start(ocspResponseFile=str(response), watchSeconds=0)
    assert "OCSP Response Status: successful" in s_client(edge, "-status")
    assert "Cert Status: good" in s_client(edge, "-status", "-tls1_2")

    authority.say_good(response, certificate, until=-60)
    assert edge.admin("/reload").status_code == 200
    assert "OCSP response: no response sent" in s_client(edge, "-status")

    stranger = authority.issue(tmp_path, "other", ["other.test"])
    authority.say_good(response, stranger, until=3600)
    answer = edge.admin("/reload")
    assert answer.status_code == 422
    assert "it is about another certificate" in answer.json()["problems"][0]["message"]

    Authority().say_good(response, certificate, until=3600)
    answer = edge.admin("/reload")
    assert answer.status_code == 422
    assert "it is not signed by the certificate's issuer" in answer.json()["problems"][0]["message"]
    authority.say_good(response, certificate, until=3600)
    assert edge.admin("/reload").status_code == 200


def test_an_expired_ocsp_response_is_told_at_the_start(start, authority, tmp_path):
    certificate = authority.issue(tmp_path, "edge", ["edge.test"])
    authority.say_good(tmp_path / "edge.ocsp", certificate, until=-60)
    edge = start(ocspResponseFile=str(tmp_path / "edge.ocsp"))
    wait_for(lambda: edge.says("OCSP response has expired and is not sent"), 10, what="the warning")


def test_the_end_of_a_certificate_is_a_metric_and_a_warning_in_its_last_days(start, authority, tmp_path):
    edge = start()
    assert abs(edge.metric("weir_edge_certificate_not_after_seconds") - time.time() - 90 * 86400) < 600
    assert not edge.says("certificate expires soon")
    authority.issue(tmp_path, "edge", ["edge.test"], days=13)
    ending = start()
    wait_for(lambda: ending.says("certificate expires soon"), 10, what="the warning")
    assert ending.says("certificate expires soon")[0]["days"] in (12, 13)


def test_plain_requests_are_redirected_with_their_method_and_hsts_is_for_tls_only(start):
    policy = {"Id": "strict", "SecurityHeadersConfig": {"StrictTransportSecurity": {
        "AccessControlMaxAgeSec": 31536000, "IncludeSubdomains": True, "Override": True}}}
    behavior = {"TargetOriginId": "media", "CachePolicyId": "cached", "ViewerProtocolPolicy": "redirect-to-https",
                "ResponseHeadersPolicyId": "strict", "AllowedMethods": ["GET", "HEAD", "POST"]}
    edge = start({"ResponseHeadersPolicies": [policy], "DefaultCacheBehavior": behavior}, publicPort=8443)
    for method, status in [("GET", "301"), ("HEAD", "301"), ("POST", "308")]:
        for host, shown in [("edge.test:8080", "edge.test"), ("[::1]:8080", "[::1]")]:
            with socket.create_connection(("127.0.0.1", edge.port), timeout=10) as connection:
                head, _ = ask(connection, "/a?b=c", method, host)
            assert head[0].split()[1] == status
            assert f"Location: https://{shown}:8443/a?b=c" in head
            assert not [line for line in head if line.startswith("Strict-Transport-Security")]
    with edge.connect("edge.test") as connection:
        head, body = ask(connection)
    assert "Strict-Transport-Security: max-age=31536000; includeSubDomains" in head
    assert body == content("/a")


def test_versions_below_the_minimum_and_foreign_protocols_are_refused(start):
    edge = start(minimumVersion="1.3")
    context = insecure()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="alert protocol version"):
        edge.connect("edge.test", context)
    foreign = insecure()
    foreign.set_alpn_protocols(["spdy/1"])
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        edge.connect("edge.test", foreign)
    with edge.connect("edge.test") as connection:
        assert connection.version() == "TLSv1.3"


def test_renegotiation_is_refused(start):
    edge = start()
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{edge.tls_port}", "-tls1_2"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    client.stdin.write(b"R\n")  # s_client's command to renegotiate
    client.stdin.flush()
    output = client.stdout.read().decode(errors="replace")
    assert client.wait(timeout=30) != 0
    assert "RENEGOTIATING" in output
    assert "no renegotiation" in output
    client.stdin.close()
    with edge.connect("edge.test") as connection:
        assert ask(connection)[1] == content("/a")


def test_stalled_handshakes_keep_nobody_out(start):
    edge = start(configure=lambda document: document.update(limits={"handshakes": 16}))
    stalled = [socket.create_connection(("127.0.0.1", edge.tls_port), timeout=10) for _ in range(100)]
    try:
        for _ in range(5):
            with edge.connect("edge.test") as connection:
                assert ask(connection)[1] == content("/a")
        # The oldest made room long before their time was over.
        assert stalled[0].recv(1) == b""
    finally:
        for connection in stalled:
            connection.close()
