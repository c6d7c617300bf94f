"""smtplib and nodemailer, and what they make of the replies."""

from __future__ import annotations

import base64
import json
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from clients import PASSWORD, RAW, SENDER, TO, USER, expect_success, run, the_message
from mock import Mock

# smtplib

@pytest.fixture
def session(guarded: Mock) -> Iterator[smtplib.SMTP]:
    """Under TLS, logged in."""
    with guarded.smtp() as client:
        client.starttls(context=ssl.create_default_context(cafile=str(guarded.ca)))
        client.login(USER, PASSWORD)
        yield client


def test_smtplib(session: smtplib.SMTP, guarded: Mock) -> None:
    assert session.esmtp_features["size"] == "33554432"
    assert session.sendmail(SENDER, TO, RAW) == {}
    parameters = the_message(guarded)["envelope"]["from"]["parameters"]
    assert parameters == [f"size={len(RAW)}"]


def test_smtplib_with_tls_from_the_start(guarded: Mock) -> None:
    context = ssl.create_default_context(cafile=str(guarded.ca))
    with smtplib.SMTP_SSL(guarded.host, guarded.smtps_port or 0, context=context) as client:
        client.login(USER, PASSWORD)
        client.sendmail(SENDER, TO, RAW)
    the_message(guarded)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_smtplib_with_each_mechanism(guarded: Mock, mechanism: str) -> None:
    with guarded.smtp() as client:
        client.ehlo()
        client.user, client.password = USER, PASSWORD  # type: ignore[attr-defined]
        method = getattr(client, "auth_" + mechanism.lower().replace("-", "_"))
        assert client.auth(mechanism, method)[0] == 235
        client.sendmail(SENDER, TO, RAW)
    assert the_message(guarded, tls=False)["client"]["mechanism"] == mechanism


def test_smtplib_with_international_addresses(session: smtplib.SMTP, guarded: Mock) -> None:
    mail = EmailMessage()
    mail["From"] = "Zoé <zoé@müller.example>"
    mail["To"] = "用户@例え.テスト, tom@example.test"
    mail["Subject"] = "grüße"
    mail.set_content("größer\n.\n")
    assert session.send_message(mail) == {}
    message = guarded.message(1)
    assert message["envelope"]["from"]["address"] == "zoé@müller.example"
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(message["envelope"]["from"]["parameters"])
    assert [one["address"] for one in message["envelope"]["to"]] == ["用户@例え.テスト",
                                                                     "tom@example.test"]
    assert (message["client"]["protocol"], message["subject"]) == ("UTF8SMTPSA", "grüße")


def test_smtplib_with_delivery_reports(session: smtplib.SMTP, guarded: Mock) -> None:
    notify = ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;c+2Bd@example.test"]
    session.sendmail(SENDER, TO, RAW, ["RET=HDRS", "ENVID=QQ+3D1"], notify)
    envelope = the_message(guarded)["envelope"]
    assert envelope["from"]["parameters"] == [f"size={len(RAW)}", "RET=HDRS", "ENVID=QQ+3D1"]
    assert [one["parameters"] for one in envelope["to"]] == [notify, notify]


def test_smtplib_with_too_large_a_message(session: smtplib.SMTP, guarded: Mock) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        session.sendmail(SENDER, TO, b"x" * (32 * 1024 * 1024 + 1))
    assert refused.value.smtp_code == 552
    session.sendmail(SENDER, TO, RAW)
    the_message(guarded)


def test_smtplib_with_refused_recipients(session: smtplib.SMTP, guarded: Mock) -> None:
    refused = session.sendmail(SENDER, ["permfail@x.example", *TO, "tempfail@x.example"], RAW)
    assert {address: code for address, (code, _) in refused.items()} == {
        "permfail@x.example": 550, "tempfail@x.example": 451}
    the_message(guarded)


# nodemailer

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAIL: dict[str, Any] = {
    "from": {"name": "Zoé Müller", "address": SENDER},
    "to": [{"name": "小林 さくら", "address": TO[0]}, f'"O\'Brien, Tom" <{TO[1]}>'],
    "cc": "Łukasz <g@h.example>", "bcc": "hidden@i.example", "subject": "grüße 🎈",
    "text": ".\n..\nfrom nodemailer\n", "html": '<p>größer <img src="cid:logo"></p>\n.\n',
    "attachments": [
        {"filename": "naïve.txt", "content": "attached\n.\n"},
        {"filename": "logo.png", "cid": "logo", "contentType": "image/png",
         "contentDisposition": "inline",
         "content": base64.b64encode(PICTURE).decode(), "encoding": "base64"},
    ],
}


def nodemailer(
    mock: Mock, home: Path, mail: dict[str, Any], secure: bool, **options: Any
) -> dict[str, Any]:
    transport = {"host": "127.0.0.1", "port": mock.smtps_port if secure else mock.port,
                 "secure": secure, "requireTLS": True, "name": "client.example",
                 "tls": {"ca": mock.ca.read_text()}, "auth": {"user": USER, "pass": PASSWORD}}
    printed = expect_success(run(
        home, "node", Path(__file__).with_name("send_nodemailer.js"),
        text=json.dumps({"transport": transport | options, "mail": mail}),
        env={"NODE_PATH": "/usr/share/nodejs"}))
    answer: dict[str, Any] = json.loads(printed)
    return answer


def wire_form(built: str) -> bytes:
    """Nodemailer makes its line ends while it sends."""
    return base64.b64decode(built).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.mark.parametrize("secure", [False, True])
def test_nodemailer(guarded: Mock, tmp_path: Path, secure: bool) -> None:
    answer = nodemailer(guarded, tmp_path, MAIL, secure)
    to = [*TO, "g@h.example", "hidden@i.example"]
    assert (answer["accepted"], answer["rejected"]) == (to, [])
    message = the_message(guarded, raw=wire_form(answer["built"]), to=to)
    assert message["from"] == [{"name": "Zoé Müller", "address": SENDER}]
    assert [one["name"] for one in message["to"]] == ["小林 さくら", "O'Brien, Tom"]
    assert message["subject"] == "grüße 🎈"
    assert message["text"].split() == [".", "..", "from", "nodemailer"]
    parts = {part["type"]: part for part in message["parts"]}
    assert parts["image/png"]["content_id"] == "logo"
    picture = guarded.get(f"/api/messages/1/parts/{parts['image/png']['n']}")
    assert picture.expect(200).body == PICTURE
    assert [one["filename"] for one in message["attachments"]] == ["naïve.txt"]


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"])
def test_nodemailer_with_each_mechanism(guarded: Mock, tmp_path: Path, method: str) -> None:
    login = {"user": USER, "pass": PASSWORD, "method": method}
    if method == "XOAUTH2":
        login = {"type": "OAuth2", "user": USER, "accessToken": PASSWORD}
    simple = {"from": SENDER, "to": TO, "subject": "x", "text": "y"}
    nodemailer(guarded, tmp_path, simple, secure=False, auth=login)
    assert guarded.message(1)["client"]["mechanism"] == method


def test_nodemailer_with_delivery_reports_and_a_refused_recipient(
    guarded: Mock, tmp_path: Path
) -> None:
    dsn = {"id": "x+y", "return": "headers", "notify": ["failure", "delay"], "recipient": SENDER}
    mail = {"from": SENDER, "to": [*TO, "permfail@x.example"], "subject": "x", "text": "y",
            "dsn": dsn}
    answer = nodemailer(guarded, tmp_path, mail, secure=False)
    assert (answer["accepted"], answer["rejected"]) == (TO, ["permfail@x.example"])
    envelope = the_message(guarded, raw=wire_form(answer["built"]))["envelope"]
    assert envelope["from"]["parameters"] == ["RET=HDRS", "ENVID=x+2By"]
    assert envelope["to"][0]["parameters"] == ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{SENDER}"]
