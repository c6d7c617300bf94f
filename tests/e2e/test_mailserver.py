"""The real server is what the other tests take it for: each listener, login and refusal."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable

import pytest

from certificates import Certificates
from mailserver import MailServer, wait_until
from mailserver_config import MESSAGES_PER_TIME_UNIT

# Postfix adds To, Date and Message-ID where they are missing, below its own trace fields.
MESSAGE = (
    b"From: nadia@example.test\r\nTo: all@example.test\r\nSubject: Hello\r\n"
    b"Date: Thu, 01 Apr 2027 08:00:00 +0000\r\nMessage-ID: <1@example.test>\r\n"
    b"\r\nA line.\r\n.\r\n..\r\nThe end.\r\n"
)


def connect(server: MailServer, listener: str = "submission") -> smtplib.SMTP:
    """A client that trusts the CA, with TLS wherever the listener offers it."""
    context = ssl.create_default_context(cafile=str(server.certs.ca.cert))
    port = server.ports[listener]
    if listener == "smtps":
        return smtplib.SMTP_SSL("localhost", port, timeout=20, context=context)
    client = smtplib.SMTP("localhost", port, timeout=20)
    client.ehlo()
    if client.has_extn("starttls"):
        try:
            client.starttls(context=context)
        except ssl.SSLError:
            client.close()
            raise
    client.ehlo()
    return client


def send(server: MailServer, *recipients: str) -> dict[str, tuple[int, bytes]]:
    with connect(server) as client:
        client.login(server.user, server.password)
        return client.sendmail(server.user, recipients, MESSAGE)


@pytest.mark.parametrize("listener", ["submission", "smtps", "plaintext-auth"])
@pytest.mark.parametrize("mechanism", ["plain", "login", "cram_md5"])
def test_login_with_password(mailserver: MailServer, listener: str, mechanism: str) -> None:
    with connect(mailserver, listener) as client:
        client.user, client.password = mailserver.user, mailserver.password
        code, _ = client.auth(mechanism.upper().replace("_", "-"),
                              getattr(client, f"auth_{mechanism}"))
        assert code == 235
        client.sendmail(mailserver.user, ["zoe@example.test"], MESSAGE)
    mailserver.wait_for_mail(1)


def xoauth2(user: str, token: str) -> str:
    return f"user={user}\1auth=Bearer {token}\1\1"


def oauthbearer(user: str, token: str) -> str:
    return f"n,a={user},\1auth=Bearer {token}\1\1"


@pytest.mark.parametrize("response", [xoauth2, oauthbearer])
def test_login_with_token(mailserver: MailServer, response: Callable[[str, str], str]) -> None:
    def login(token: str) -> int:
        with connect(mailserver) as client:
            encoded = base64.b64encode(response(mailserver.user, token).encode()).decode()
            code, _ = client.docmd("AUTH", f"{response.__name__.upper()} {encoded}")
            if code == 334:  # the reason of a refusal; the client has to say that it read it
                code, _ = client.docmd("AQ==")
            return code

    assert login(mailserver.token()) == 235
    assert login(mailserver.token(lifetime_s=-60)) == 535
    assert login(mailserver.token() + "x") == 535


def test_wrong_password(mailserver: MailServer) -> None:
    with connect(mailserver) as client, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.login(mailserver.user, "not-the-password")
    assert refused.value.smtp_code == 535


def test_login_is_required(mailserver: MailServer) -> None:
    with connect(mailserver) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(mailserver.user, ["zoe@example.test"], MESSAGE)
    assert refused.value.recipients["zoe@example.test"][0] == 554


@pytest.mark.parametrize("listener, complaint", [
    ("expired", "certificate has expired"),
    ("wronghost", "Hostname mismatch"),
    ("selfsigned", "self-signed certificate"),
])
def test_bad_certificates(mailserver: MailServer, listener: str, complaint: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        connect(mailserver, listener)


def test_good_certificate_needs_the_right_ca(mailserver: MailServer, certs: Certificates) -> None:
    context = ssl.create_default_context(cafile=str(certs.other_ca.cert))
    with smtplib.SMTP("localhost", mailserver.ports["submission"]) as client:
        with pytest.raises(ssl.SSLCertVerificationError, match="local issuer"):
            client.starttls(context=context)
        client.close()


@pytest.mark.parametrize("listener, starttls, auth", [
    ("submission", True, False),
    ("plaintext-auth", False, True),
    ("plaintext-noauth", False, False),
    ("starttls-noauth", True, False),
])
def test_offers_before_tls(
    mailserver: MailServer, listener: str, starttls: bool, auth: bool
) -> None:
    with smtplib.SMTP("localhost", mailserver.ports[listener]) as client:
        client.ehlo()
        assert (client.has_extn("starttls"), client.has_extn("auth")) == (starttls, auth)


@pytest.mark.parametrize("listener", ["plaintext-noauth", "starttls-noauth"])
def test_takes_mail_where_no_login_is_offered(mailserver: MailServer, listener: str) -> None:
    """Or else that nothing arrives there would not show that a client refused to go on."""
    with connect(mailserver, listener) as client:
        assert not client.has_extn("auth")
        client.sendmail(mailserver.user, ["zoe@example.test"], MESSAGE)
    mailserver.wait_for_mail(1)


def test_refused_recipients(mailserver: MailServer) -> None:
    refused = send(mailserver, *(f"{name}@example.test" for name in
                                 ("nobody1", "tempfail", "full", "policy", "zoe")))
    assert {address.partition("@")[0]: answer[0] for address, answer in refused.items()} == {
        "nobody1": 550, "tempfail": 451, "full": 452, "policy": 554,
    }
    assert refused["nobody1@example.test"][1].startswith(b"5.1.1 <nobody1@example.test>")
    mailserver.wait_for_mail(1)


def test_foreign_domain_is_refused(mailserver: MailServer) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mailserver, "zoe@example.org")
    assert refused.value.recipients["zoe@example.org"][0] == 554


def test_foreign_sender_is_refused(mailserver: MailServer) -> None:
    with connect(mailserver) as client:
        client.login(mailserver.user, mailserver.password)
        assert client.mail("foreign@example.test")[0] == 250
        assert client.rcpt("zoe@example.test")[0] == 553
        client.rset()
        assert client.mail("somebody@example.test")[0] == 250
        assert client.rcpt("zoe@example.test")[0] == 250


def test_foreign_sender_is_refused_at_once(mailserver: MailServer) -> None:
    with connect(mailserver, "prompt") as client:
        client.login(mailserver.user, mailserver.password)
        assert client.mail("foreign@example.test")[0] == 553
        assert client.mail("somebody@example.test")[0] == 250
        assert client.rcpt("zoe@example.test")[0] == 250


def test_greylisting_is_of_each_recipient_and_ends(mailserver: MailServer) -> None:
    with connect(mailserver, "greylisting") as client:
        client.login(mailserver.user, mailserver.password)
        client.mail("nadia@example.test")
        for name in ("zoe", "zoe", "adam"):
            assert client.rcpt(f"{name}@example.test")[0] == 451
        wait_until(lambda: client.rcpt("zoe@example.test")[0] == 250, "the end of its wait")
        assert client.rcpt("bela@example.test")[0] == 451


def test_messages_are_limited_for_a_time(mailserver: MailServer) -> None:
    with connect(mailserver, "limited") as client:
        client.login(mailserver.user, mailserver.password)

        def mail() -> int:
            code = client.mail("nadia@example.test")[0]
            client.rset()
            return code

        codes = [mail() for _ in range(2 * MESSAGES_PER_TIME_UNIT + 1)]
        assert set(codes) == {250, 450}  # the time unit may end in between, once
        wait_until(lambda: mail() == 250, "the end of the time unit")


def test_connections_are_limited(mailserver: MailServer) -> None:
    with connect(mailserver, "single"):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            connect(mailserver, "single")
        assert refused.value.smtp_code == 421


def test_too_big_a_message_is_refused(mailserver: MailServer) -> None:
    with connect(mailserver) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.login(mailserver.user, mailserver.password)
        client.esmtp_features.pop("size")  # no SIZE= with MAIL, as libcurl would not send it
        client.sendmail(mailserver.user, ["zoe@example.test"], MESSAGE + b"x" * 600_000)
    assert refused.value.smtp_code == 552


def test_mailboxes_hold_what_was_sent(mailserver: MailServer) -> None:
    recipients = ["zoe@example.test", "zoe@xn--bcher-kva.example", "Teacher@example.test"]
    assert send(mailserver, *recipients) == {}
    mailserver.wait_for_mail(3)
    for address in recipients:
        [stored] = mailserver.mailbox(address)
        [fetched] = mailserver.imap_fetch(address)
        assert fetched == stored.replace(b"\n", b"\r\n")
        assert fetched.startswith(b"Return-Path: <nadia@example.test>\r\n")
        assert fetched.endswith(MESSAGE)
    assert len(mailserver.mailbox("zoe@example.test")) == 1  # fetching moved it to cur/


def test_connections_are_counted(mailserver: MailServer) -> None:
    assert mailserver.connections("submission") == 0
    for _ in range(2):
        send(mailserver, "zoe@example.test")
    assert mailserver.connections("submission") == 2
    assert mailserver.log().count("sasl_username=nadia@example.test") == 2
    assert mailserver.connections("smtps") == 0
    mailserver.wait_for_mail(2)
    mailserver.clear_mail()
    assert mailserver.count_mail() == 0
    assert mailserver.connections("submission") == 0

