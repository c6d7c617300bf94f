"""One message: every byte of it, what it says, and its parts, compared with Python's email."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from typing import Any
from urllib.parse import quote, unquote

import pytest

from conftest import StartMock
from contract import Api, Contract
from mock import Mock
from raw_client import greeted
from sample_mails import ALIKE, BROKEN, HTML, PNG, many_fields, nested, rich

@pytest.fixture
def mock(shared_mock: Mock) -> Mock:
    """One for all that follows: a message leaves the others alone."""
    return shared_mock


def hand_over(mock: Mock, raw: bytes, lenient: bool = False) -> int:
    """Sends exactly these bytes, dot-stuffed; returns the message's id."""
    assert lenient or not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert not raw or raw.endswith(b"\r\n")
    with greeted(mock) as client:
        for command in ("MAIL FROM:<a@x.test> BODY=8BITMIME", "RCPT TO:<b@x.test>", "DATA"):
            assert client.say(command).code in (250, 354)
        stuffed = re.sub(rb"(?m)^\.", b"..", raw)
        reply = client.say(stuffed + b".")
        assert reply.code == 250
        return int(reply.rpartition(b" ")[2])


# What Python makes of it

def parts_of(message: Message) -> Iterator[Message]:
    """All but multiparts, in order; a forwarded message is one part."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            yield from parts_of(part)
    else:
        yield message


def content_of(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return bytes(part.get_payload(0).as_bytes(policy=compat32.clone(linesep="\r\n")))
    decoded = part.get_payload(decode=True)
    assert isinstance(decoded, bytes)
    return decoded


def text_of(message: Message, subtype: str) -> str | None:
    """The first text of this kind that is no attachment."""
    for part in parts_of(message):
        if part.get_content_type() == f"text/{subtype}" and part.get_content_disposition() != "attachment":
            return content_of(part).decode(part.get_content_charset() or "us-ascii", "replace")
    return None


def as_part(part: Message, n: int) -> dict[str, Any]:
    content_id = part["Content-ID"]
    name = part.get_filename()
    return {
        "n": n, "type": part.get_content_type(), "filename": name and str(make_header(decode_header(name))),
        "content_id": content_id and content_id.strip().strip("<>"),
        "disposition": part.get_content_disposition(), "size": len(content_of(part)),
    }


def decoded(value: str) -> str:
    unfolded = re.sub(r"\r\n(?=[ \t])", "", value).strip()
    return str(make_header(decode_header(unfolded)))


@pytest.mark.parametrize("raw", ALIKE.values(), ids=ALIKE.keys())
def test_it_says_what_python_reads(mock: Mock, raw: bytes) -> None:
    told = mock.message(hand_over(mock, raw))
    read = message_from_bytes(raw, policy=compat32)
    assert told["text"] == text_of(read, "plain")
    assert told["html"] == text_of(read, "html")
    assert told["parts"] == [as_part(part, n) for n, part in enumerate(parts_of(read), 1)]
    assert told["subject"] == decoded(read["Subject"] or "")
    fields = [(field["name"], field["value"]) for field in told["headers"]]
    assert fields == [(name, decoded(value)) for name, value in read.items()]
    assert told["size"] == len(raw)


@pytest.mark.parametrize("raw", ALIKE.values(), ids=ALIKE.keys())
def test_parts_are_decoded_as_python_does(mock: Mock, raw: bytes) -> None:
    id = hand_over(mock, raw)
    for n, part in enumerate(parts_of(message_from_bytes(raw, policy=compat32)), 1):
        answer = mock.get(f"/api/messages/{id}/parts/{n}").expect(200)
        assert answer.body == content_of(part)
        assert answer.headers.get_content_type() == part.get_content_type()


@pytest.mark.parametrize("raw", [*ALIKE.values(), *BROKEN.values()], ids=[*ALIKE, *BROKEN])
def test_raw_is_byte_for_byte(mock: Mock, raw: bytes) -> None:
    id = hand_over(mock, raw)
    answer = mock.get(f"/api/messages/{id}/raw").expect(200)
    assert answer.body == raw
    assert answer.headers["Content-Disposition"] == f'attachment; filename="message-{id}.eml"'
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("raw", [*ALIKE.values(), *BROKEN.values()], ids=[*ALIKE, *BROKEN])
def test_every_view_of_it_keeps_the_contract(mock: Mock, raw: bytes) -> None:
    """However broken it is: it is told, listed, found, and each of its parts is there."""
    api = Api(mock, Contract())
    id = hand_over(mock, raw)
    told = api.get(f"/api/messages/{id}").expect(200).json
    assert [part["n"] for part in told["parts"]] == [*range(1, len(told["parts"]) + 1)]
    for part in told["parts"][:50]:
        answer = api.get(f"/api/messages/{id}/parts/{part['n']}").expect(200)
        assert len(answer.body) == part["size"]
    api.get(f"/api/messages/{id}/parts/{len(told['parts']) + 1}").expect(404)
    api.get(f"/api/messages/{id}/html").expect(404 if told["html"] is None else 200)
    listed = api.get(f"/api/messages?after={id - 1}").json["messages"][0]
    assert listed.items() <= told.items()
    assert api.get(f"/api/messages?after={id - 1}&query=nowhere-to-be-found").json["matching"] == 0
    assert told["attachment_count"] == len(told["attachments"])


# Broken ones, one by one

def test_nul_bytes_hide_nothing(mock: Mock) -> None:
    id = hand_over(mock, BROKEN["NUL bytes"])
    assert mock.message(id)["text"] == "before\ufffdafter\r\n\ufffd\r\n"
    assert [one["id"] for one in mock.messages(query="after", after=id - 1)] == [id]
    html = mock.get(f"/api/messages/{hand_over(mock, HTML_WITH_NUL)}/html").expect(200).body
    assert html.endswith(b"<b>shown</b>\r\n")


HTML_WITH_NUL = b"Content-Type: text/html\r\n\r\n<i>\0</i><b>shown</b>\r\n"


def test_what_is_no_utf8_is_replaced(mock: Mock) -> None:
    told = mock.message(hand_over(mock, BROKEN["bytes that are no UTF-8"]))
    assert told["text"] == "\ufffd\ufffd caf\ufffd \ufffd\r\n"
    assert told["subject"].startswith("\ufffd\ufffd caf") or told["subject"] == "ÿþ café"
    assert told["from"][0]["address"] == "z@x"


def test_a_line_without_a_colon_does_not_end_the_header(mock: Mock) -> None:
    told = mock.message(hand_over(mock, BROKEN["a line without a colon"]))
    assert told["headers"] == [{"name": "Subject", "value": "one"}, {"name": "To", "value": "a@x.test"}]
    assert told["to"] == [{"name": "", "address": "a@x.test"}]


def test_a_multipart_that_is_cut_off(mock: Mock) -> None:
    told = mock.message(hand_over(mock, BROKEN["no closing boundary"]))
    assert (told["text"], told["html"]) == ("one", "<b>two</b>\r\n")


def test_a_date_that_is_none_is_null(mock: Mock) -> None:
    assert mock.message(hand_over(mock, BROKEN["bad dates"]))["date"] is None


@pytest.mark.parametrize("raw", [nested(200), many_fields(10000)], ids=["nested", "fields"])
def test_large_ones_are_told_quickly(mock: Mock, raw: bytes) -> None:
    """Nobody else has to wait: there is one thread."""
    id = hand_over(mock, raw)
    for _ in range(5):
        assert mock.message(id)["subject"] in ("nested", "many")


def test_bare_line_ends(start_mock: StartMock) -> None:
    """With --lenient they are taken, and stay as they came."""
    mock = start_mock("--lenient")
    raw = b"Subject: one\nFrom: a@x.test\r\n\nbare\rtext\n.dot\r\n"
    with greeted(mock) as client:
        for command in ("MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "DATA"):
            client.say(command)
        assert client.say(raw + b".").code == 250
    assert mock.raw(1) == raw
    told = mock.message(1)
    assert (told["subject"], told["text"]) == ("one", "bare\rtext\n.dot\r\n")


# Everything about a rich one

def test_rich_message(mock: Mock) -> None:
    told = mock.message(hand_over(mock, rich()))
    assert told["subject"] == "Wer hat die Kaffeemaschine zerstört?"
    assert told["text"] == "Grüße\r\n"
    assert told["html"] == HTML
    types = ["text/plain", "text/html", "image/png", "text/csv", "application/octet-stream"]
    assert [part["type"] for part in told["parts"]] == types
    # The picture is shown in the html, so it is no attachment.
    names = ["日本語のファイル.csv", 'a "b"\\c.bin']
    assert [part["filename"] for part in told["attachments"]] == names
    assert told["attachments"] == told["parts"][3:]
    assert told["attachment_count"] == mock.messages(limit=1)[0]["attachment_count"] == 2
    assert told["parts"][2]["content_id"] == "logo@x.test"


def test_client_and_dialogue(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.say("AUTH PLAIN AG5hZGlhAHNlc2FtZQ==").code == 235
        client.transact()
    id = mock.messages(limit=1)[0]["id"]
    told = mock.message(id)
    client_told = told["client"]
    assert (client_told["address"], client_told["name"]) == ("127.0.0.1", "client.example")
    assert (client_told["protocol"], client_told["user"], client_told["mechanism"]) == (
        "ESMTPA", "nadia", "PLAIN",
    )
    assert (client_told["message"], client_told["tls"]) == (1, None)
    assert client_told["connection"] == mock.stats()["connections"]["total"]
    said = [(line["who"], line["line"]) for line in told["dialogue"]]
    assert ("client", "AUTH PLAIN (secret)") in said
    assert ("client", "MAIL FROM:<sender@example.test>") in said
    assert said[-1] == ("server", f"250 2.0.0 Ok: queued as {id}")
    assert "AG5hZGlh" not in str(told)


def test_parameters_of_the_envelope(mock: Mock) -> None:
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<> SIZE=120 BODY=8BITMIME RET=HDRS").code == 250
        assert client.say("RCPT TO:<b@x.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@x.test").code == 250
        assert client.say("DATA").code == 354
        assert client.say(".").code == 250
    assert mock.messages(limit=1)[0]["envelope"] == {
        "from": {"address": "", "parameters": ["SIZE=120", "BODY=8BITMIME", "RET=HDRS"]},
        "to": [{"address": "b@x.test", "parameters": ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b@x.test"]}],
    }


# Html

def test_html_is_shown_under_a_strict_policy(mock: Mock) -> None:
    answer = mock.get(f"/api/messages/{hand_over(mock, rich())}/html").expect(200)
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "base-uri 'none'", "form-action 'none'",
            "frame-ancestors 'self'"} <= set(policy)
    allowed = {part.split()[0]: part.split()[1:] for part in policy}
    assert "script-src" not in allowed and "connect-src" not in allowed and "frame-src" not in allowed
    assert allowed["sandbox"] == []
    assert set(allowed["img-src"]) <= {"'self'", "data:"}
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-DNS-Prefetch-Control"] == "off"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_pictures_that_came_along_point_to_their_parts(mock: Mock) -> None:
    id = hand_over(mock, rich())
    html = mock.get(f"/api/messages/{id}/html").body.decode()
    assert html == HTML.replace("cid:logo@x.test", "parts/3")
    picture = mock.get(f"/api/messages/{id}/parts/3").expect(200)
    assert (picture.body, picture.headers["Content-Type"]) == (PNG, "image/png")


def html_with_pictures(html: str, *content_ids: str) -> bytes:
    parts = [f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"]
    parts += [f"Content-Type: image/png\r\nContent-ID: <{one}>\r\n\r\n{one}\r\n" for one in content_ids]
    body = "".join(f"--x\r\n{part}" for part in parts)
    return f"Content-Type: multipart/related; boundary=x\r\n\r\n{body}--x--\r\n".encode()


@pytest.mark.parametrize("html, ids, shown", [
    ('<img src="cid:a"><img src="cid:b"><img src=cid:a>', ["a", "b"],
     '<img src="parts/2"><img src="parts/3"><img src=parts/2>'),
    ('<img src="cid:none">', ["a"], '<img src="cid:none">'),
    ('<img src="cid:logo2">', ["logo", "logo2"], '<img src="parts/3">'),
    ('<img src="CID:a">', ["a"], '<img src="parts/2">'),
    ('<img src="cid:a%40x.test">', ["a@x.test"], '<img src="parts/2">'),
    ("é <img src='cid:a'>", ["a"], "é <img src='parts/2'>"),
    ("<style>p {background: url(cid:a)}</style>", ["a"], "<style>p {background: url(parts/2)}</style>"),
    ("<p>cid:a acid:a cid: %zz cid:%zz cid:%00", ["a"], "<p>parts/2 acid:a cid: %zz cid:%zz cid:%00"),
    ('<img src="cid:a"><img src="cid:a">', ["a", "a"], '<img src="parts/2"><img src="parts/2">'),
])
def test_cids(mock: Mock, html: str, ids: list[str], shown: str) -> None:
    """RFC 2392: the scheme has no case, and the id may be escaped."""
    answer = mock.get(f"/api/messages/{hand_over(mock, html_with_pictures(html, *ids))}/html").expect(200)
    assert answer.body.decode() == shown


@pytest.mark.parametrize("charset", ["iso-8859-1", "shift_jis", "iso-2022-jp", "utf-16"])
def test_html_is_utf8_whatever_it_was(mock: Mock, charset: str) -> None:
    html = "<b>Grüße</b>" if charset == "iso-8859-1" else "<b>いたずら</b>"
    raw = (f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
           + encodebytes(html.encode(charset)).replace(b"\n", b"\r\n"))
    answer = mock.get(f"/api/messages/{hand_over(mock, raw)}/html").expect(200)
    assert answer.body.decode() == html


# Parts

HOSTILE = [
    "text/html", "TEXT/HTML", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/javascript",
    "text/javascript", "application/pdf", "text/plain", "message/rfc822", "application/octet-stream",
    "image/x-icon", "video/mp4", "text/css", "application/wasm",
]


@pytest.mark.parametrize("type", HOSTILE)
def test_what_may_hold_a_script_is_a_download(mock: Mock, type: str) -> None:
    content = "Subject: inner\r\n\r\n<script>alert(1)</script>\r\n"
    raw = f"Content-Type: {type}\r\nContent-Disposition: inline\r\n\r\n{content}".encode()
    answer = mock.get(f"/api/messages/{hand_over(mock, raw)}/parts/1").expect(200)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == type.lower()


@pytest.mark.parametrize("type", ["image/png", "image/jpeg", "image/gif", "image/webp", "IMAGE/PNG"])
def test_usual_pictures_are_shown(mock: Mock, type: str) -> None:
    raw = f"Content-Type: {type}\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nx\r\n".encode()
    answer = mock.get(f"/api/messages/{hand_over(mock, raw)}/parts/1").expect(200)
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''a.png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == type.lower()


@pytest.mark.parametrize("type", [
    "text/html\tx", "text/ht\x01ml", "text/h\xe9", "text/html; charset=utf-7", "a/b/c", "text", "/", "",
    "text/html, text/plain", "x" * 3000 + "/y",
])
def test_odd_types_do_no_harm(mock: Mock, type: str) -> None:
    raw = b"Content-Type: " + type.encode("latin-1") + b"\r\n\r\n<script>alert(1)</script>\r\n"
    answer = mock.get(f"/api/messages/{hand_over(mock, raw)}/parts/1").expect(200)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.body == b"<script>alert(1)</script>\r\n"


@pytest.mark.parametrize("name", [
    "a.txt", "日本語.txt", "zoé.txt", "../../etc/passwd", "C:\\x.exe", 'a"b; x=".txt', "a b.txt", "a\x1bb",
    "a%20b.txt", "😀.txt", "'\"`$(x)", "." * 300,
])
def test_names_of_downloads(mock: Mock, name: str) -> None:
    """RFC 6266 and 8187: any name, and nothing of it gets out of its place."""
    raw = f"Content-Disposition: attachment; filename*=utf-8''{quote(name, safe='')}\r\n\r\nx\r\n".encode()
    id = hand_over(mock, raw)
    assert mock.message(id)["parts"][0]["filename"] == name
    disposition = mock.get(f"/api/messages/{id}/parts/1").headers["Content-Disposition"]
    found = re.fullmatch(r"attachment; filename\*=UTF-8''([A-Za-z0-9%._~-]+)", disposition)
    assert found and unquote(found[1]) == name


def test_line_ends_in_a_name_add_no_header_field(mock: Mock) -> None:
    raw = b"Content-Disposition: attachment; filename*=utf-8''a%0D%0ASet-Cookie:%20x=1\r\n\r\nx\r\n"
    answer = mock.get(f"/api/messages/{hand_over(mock, raw)}/parts/1").expect(200)
    assert answer.headers["Set-Cookie"] is None


def test_a_forwarded_message_is_one_part(mock: Mock) -> None:
    id = hand_over(mock, ALIKE["forwarded"])
    told = mock.message(id)
    assert [part["type"] for part in told["parts"]] == ["text/plain", "message/rfc822"]
    inner = mock.get(f"/api/messages/{id}/parts/2").expect(200).body
    assert inner in ALIKE["forwarded"]
    assert b"\n" not in inner.replace(b"\r\n", b"")
