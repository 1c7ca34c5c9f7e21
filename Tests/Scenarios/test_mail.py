"""Codes and invitations reach people: through a mail server that other people wrote, or as files."""
import asyncio
import email
import email.policy
import json
import re
import ssl
import stat
import subprocess
import threading

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization

from installation import BIN, Installation, code_in, wait_for
from own_edge import Authority

USER, SECRET = "weir@videos.test", "a secret, für uns"
PASSWORD = "correct horse battery staple"


class MailServer:
    """Takes mail by STARTTLS from whoever signs in, and keeps it."""

    def __init__(self, directory):
        authority = Authority()
        authority.issue(directory, "mail", ["localhost"])
        self.authorities = directory / "authorities.pem"
        self.authorities.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "mail.pem", directory / "mail.key")
        self.messages, self.refusal, self.refused = [], None, []
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(self.loop.create_server(lambda: SMTP(
            self, hostname="mail.test", tls_context=context, require_starttls=True, auth_required=True,
            authenticator=self._authenticate, loop=self.loop), "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    @staticmethod
    def _authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (USER.encode(), SECRET.encode()))

    async def handle_DATA(self, server, session, envelope):
        assert session.ssl is not None and session.authenticated
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        if self.refusal:
            self.refused.append(code_in(message))
            return self.refusal
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 taken"

    def to(self, recipient):
        return [message for _, recipients, message in self.messages if recipients == [recipient]]

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory):
    server = MailServer(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def posting(tmp_path_factory, mail_server):
    """An installation that hands its mail to the server, with a text of its operator's for sign-ups."""
    directory = tmp_path_factory.mktemp("posting")
    (directory / "templates").mkdir()
    (directory / "templates/sign-up.txt").write_text("Subject: Dein Code für ☃\n\nHallo {username}!\n.\n..\n{code}\n")
    (directory / "password").write_text(SECRET + "\n")
    (directory / "mail.json").write_text(json.dumps({
        "kind": "smtp", "host": "localhost", "port": mail_server.port, "caFile": str(mail_server.authorities),
        "user": USER, "passwordFile": str(directory / "password"), "from": f"Weir für alle <{USER}>",
        "templates": str(directory / "templates")}))
    installation = Installation(directory / "data", "--mail", str(directory / "mail.json"))
    yield installation
    assert installation.stop() == 0


def sign_up(weir, name, client=None, **attributes):
    return weir.cognito().sign_up(
        ClientId=client or weir.ready["clientId"], Username=name, Password=PASSWORD,
        UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()])


def test_a_sign_up_is_confirmed_by_mail(posting, mail_server):
    sign_up(posting, "ann", email="ann@example.com")
    sender, recipients, message = wait_for(lambda: mail_server.messages, 10, what="the message")[-1]
    assert (sender, recipients) == (USER, ["ann@example.com"])
    assert message["To"] == "ann@example.com" and message["Subject"] == "Dein Code für ☃"
    assert [(a.display_name, a.addr_spec) for a in message["From"].addresses] == [("Weir für alle", USER)]
    assert message["Date"].datetime.utcoffset().total_seconds() == 0 and not message.defects
    assert message.get_content().startswith("Hallo ann!\r\n.\r\n..\r\n")
    cognito, client = posting.cognito(), posting.ready["clientId"]
    cognito.confirm_sign_up(ClientId=client, Username="ann", ConfirmationCode=code_in(message))
    answer = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
                                   AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD})
    assert answer["AuthenticationResult"]["AccessToken"]


def test_a_forgotten_password_is_replaced_by_mail(posting, mail_server):
    cognito, client = posting.cognito(), posting.ready["clientId"]
    cognito.forgot_password(ClientId=client, Username="ann")
    message = wait_for(lambda: mail_server.to("ann@example.com")[1:], 10, what="the code for a new password")[0]
    assert message["Subject"] == "Your code for a new password" and "ann" not in message.get_body(["plain"]).get_content()
    cognito.confirm_forgot_password(ClientId=client, Username="ann", Password=PASSWORD + "!",
                                    ConfirmationCode=code_in(message))
    assert cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={
        "USERNAME": "ann", "PASSWORD": PASSWORD + "!"})["AuthenticationResult"]


def test_an_invitation_has_name_and_password_in_text_and_html(posting, mail_server):
    posting.cognito().admin_create_user(UserPoolId=posting.ready["userPoolId"], Username="bob@example.com",
                                        TemporaryPassword="a<b>&\"c\" horse")
    _, recipients, message = mail_server.messages[-1]
    assert recipients == ["bob@example.com"]
    text, html = (message.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert "bob@example.com" in text and "a<b>&\"c\" horse" in text and posting.ready["edge"] in text
    assert "a&lt;b&gt;&amp;&quot;c&quot; horse" in html


def test_what_the_server_refuses_is_in_the_log_without_the_code(posting, mail_server):
    mail_server.refusal = "554 5.7.1 not from you"
    # Other clients are not told what becomes of a message, since it depends on whether there is an account.
    legacy = posting.cognito().create_user_pool_client(
        UserPoolId=posting.ready["userPoolId"], ClientName="legacy", PreventUserExistenceErrors="LEGACY")
    with pytest.raises(ClientError) as caught:
        sign_up(posting, "eve@example.com", client=legacy["UserPoolClient"]["ClientId"])
    mail_server.refusal = None
    assert caught.value.response["Error"]["Code"] == "CodeDeliveryFailureException"
    log = posting.directory / "logs/origin.log"

    def line():
        return next((line for line in log.read_text().splitlines() if "could not be delivered" in line), None)
    said = wait_for(line, 10, what="the refusal in the log")
    assert f"localhost:{mail_server.port}" in said and "554 5.7.1 not from you" in said
    # Another code can be asked for, once mail goes again; it comes after the answer.
    posting.cognito().resend_confirmation_code(ClientId=posting.ready["clientId"], Username="eve@example.com")
    message = wait_for(lambda: mail_server.to("eve@example.com"), 10, what="another code")[0]
    codes = [code_in(message), *mail_server.refused]
    assert len(codes) == 2 and not re.search(rf"\b({'|'.join(codes)})\b", log.read_text())
    assert SECRET not in log.read_text()


def test_without_a_server_each_message_is_a_private_file_and_that_is_said(weir):
    sign_up(weir, "zoe@example.com")
    sign_up(weir, "zoë")
    with_address, = wait_for(lambda: weir.mail("zoe@example.com"), 10, what="the first message")
    assert with_address["From"].addresses[0].addr_spec == "weir@localhost" and not with_address.defects
    nameless, = wait_for(lambda: weir.mail("zoë"), 10, what="the second message")
    assert [group.display_name for group in nameless["To"].groups] == ["zoë"] and not nameless["To"].addresses
    weir.cognito().confirm_sign_up(ClientId=weir.ready["clientId"], Username="zoë", ConfirmationCode=weir.code("zoë"))
    folder = weir.directory / "mail"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert {file.suffix for file in folder.iterdir()} == {".eml"}
    said = weir.transcript()
    assert f"kept in {folder}; --mail names a server" in said
    assert "no mail server is configured" in (weir.directory / "logs/origin.log").read_text()


def check(weir, directory, mail):
    document = json.loads((weir.directory / "config/origin.json").read_text())
    document["mail"] = mail
    (directory / "origin.json").write_text(json.dumps(document))
    return subprocess.run([BIN / "weir-origin", "--config", directory / "origin.json", "--check"],
                          capture_output=True, text=True, timeout=20)


SERVER = {"kind": "smtp", "host": "mail.test", "from": "a@mail.test"}


@pytest.mark.parametrize("mail, words", [
    ({}, ["$.mail.folder", "required"]),
    ({"folder": "x", "host": "mail.test"}, ["$.mail.host", "kind \"smtp\""]),
    ({"kind": "smtp", "from": "a@b"}, ["$.mail.host", "required"]),
    ({**SERVER, "folder": "x"}, ["$.mail.folder", "leave it out"]),
    ({**SERVER, "host": "mail/test"}, ["$.mail.host", "\"mail/test\""]),
    ({**SERVER, "from": "nobody"}, ["$.mail.from", "\"nobody\"", "NAME <ADDRESS>"]),
    ({"kind": "smtp", "host": "mail.test"}, ["$.mail.from", "required"]),
    ({**SERVER, "user": "a"}, ["$.mail.passwordFile", "required"]),
    ({**SERVER, "passwordFile": "HERE/password"}, ["$.mail.user", "required"]),
    ({**SERVER, "user": "a", "passwordFile": "HERE/none"}, ["$.mail.passwordFile", "HERE/none", "No such file"]),
    ({**SERVER, "user": "a", "passwordFile": "HERE/password", "security": "none"}, ["$.mail.user", "\"starttls\""]),
    ({**SERVER, "security": "ssl"}, ["$.mail.security", "starttls, starttls-if-offered, tls, none"]),
    ({**SERVER, "caFile": "HERE/password"}, ["$.mail.caFile"]),
    ({**SERVER, "templates": "HERE/none"}, ["$.mail.templates", "HERE/none"]),
    ({**SERVER, "templates": "HERE/typo"}, ["$.mail.templates: HERE/typo/sign-up.txt: {cod}", "{code}?"]),
    ({**SERVER, "templates": "HERE/stray"}, ["$.mail.templates: HERE/stray/singup.txt", "sign-up.txt"]),
])
def test_a_configuration_is_refused_by_place_value_and_way_out(weir, tmp_path, mail, words):
    (tmp_path / "password").write_text("secret")
    for name, file, content in [("typo", "sign-up.txt", "Subject: Hi\n\n{cod}\n"), ("stray", "singup.txt", "")]:
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(content)
    mail = {key: value.replace("HERE", str(tmp_path)) for key, value in mail.items()}
    run = check(weir, tmp_path, mail)
    assert run.returncode == 78
    for word in words:
        assert word.replace("HERE", str(tmp_path)) in run.stderr


def test_a_check_says_where_mail_goes(weir, tmp_path):
    (tmp_path / "readme.md").write_text("is no template, and may be here")
    run = check(weir, tmp_path, {**SERVER, "security": "tls", "templates": str(tmp_path)})
    assert run.returncode == 0 and "mail is handed to mail.test:465" in run.stdout
    assert f"mail is kept in {tmp_path}" in check(weir, tmp_path, {"folder": str(tmp_path)}).stdout


def test_a_mail_file_that_cannot_be_read_is_named(tmp_path):
    run = subprocess.run([BIN / "weir", "up", "--data", tmp_path / "data", "--mail", tmp_path / "none",
                          *(word for name in ("edge", "edge-tls", "origin", "s3", "admin")
                            for word in (f"--{name}", "127.0.0.1:0"))], capture_output=True, text=True, timeout=20)
    assert run.returncode != 0 and f"--mail {tmp_path / 'none'}" in run.stderr
