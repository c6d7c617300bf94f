"""The list of messages: its order, its limits, and what its filters find, in any script."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any

import pytest

from conftest import StartMock
from mock import Mock, query_text
from raw_client import greeted


def make_mail(subject: str = "one", text: str = "the text\n", **fields: str) -> bytes:
    """With encoded words wherever they are needed; in names of fields `_` stands for `-`."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def found(mock: Mock, **query: Any) -> list[int]:
    """The ids of what matches."""
    return [one["id"] for one in mock.messages(**query)]


# Order, limit, after

def test_newest_first(mock: Mock) -> None:
    for n in range(5):
        mock.deliver(make_mail(str(n)))
    assert found(mock) == [5, 4, 3, 2, 1]


def test_limit(mock: Mock) -> None:
    """The newest are told; how many there are is told all the same."""
    for n in range(5):
        mock.deliver(make_mail(str(n)))
    answer = mock.get("/api/messages?limit=2").json
    assert [one["id"] for one in answer["messages"]] == [5, 4]
    assert (answer["total"], answer["matching"]) == (5, 5)
    assert found(mock, limit=1000000) == [5, 4, 3, 2, 1]


def test_without_a_limit_it_is_a_hundred(start_mock: StartMock) -> None:
    mock = start_mock("--quiet")
    with greeted(mock) as client:
        for _ in range(103):
            client.transact()
    answer = mock.get("/api/messages").json
    assert (len(answer["messages"]), answer["total"], answer["matching"]) == (100, 103, 103)
    assert answer["messages"][0]["id"] == 103


def test_after(mock: Mock) -> None:
    for n in range(4):
        mock.deliver(make_mail(str(n)))
    assert [found(mock, after=n) for n in (0, 2, 4, 99)] == [[4, 3, 2, 1], [4, 3], [], []]
    answer = mock.get("/api/messages?after=2&limit=1").json
    assert (answer["total"], answer["matching"], len(answer["messages"])) == (4, 2, 1)


def test_the_oldest_give_way(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "3")
    for n in range(5):
        mock.deliver(make_mail(str(n)))
    assert found(mock) == [5, 4, 3]


def test_after_many_that_came_and_went(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "7", "--quiet")
    with greeted(mock) as client:
        for _ in range(50):
            client.transact()
    for gone in (45, 50, 47):
        mock.request("DELETE", f"/api/messages/{gone}").expect(200)
    assert found(mock) == [49, 48, 46, 44]
    mock.deliver(make_mail())
    assert found(mock) == [51, 49, 48, 46, 44]


# Filters

def test_from_is_header_sender_or_envelope(mock: Mock) -> None:
    mock.deliver(make_mail(From="Zoé Müller <zoe@x.test>"), "bounce@x.test")
    mock.deliver(make_mail(From="tom@x.test", Sender="Nadia <nadia@x.test>"), "bounce@x.test")
    mock.deliver(make_mail(To="zoe@x.test", Reply_To="zoe@x.test"), "tom@y.test")
    assert found(mock, from_="zoe@x") == [1]
    assert found(mock, from_="müller") == [1]
    assert found(mock, from_="nadia") == [2]
    assert found(mock, from_="tom@") == [3, 2]
    assert found(mock, from_="bounce@") == [2, 1]


def test_to_is_header_cc_or_envelope(mock: Mock) -> None:
    mock.deliver(make_mail(To="Zoé <zoe@x.test>, Tom <tom@x.test>"), to="list@x.test")
    mock.deliver(make_mail(Cc="Ада <ada@x.test>"), to=["one@y.test", "two@y.test"])
    mock.deliver(make_mail(From="zoe@x.test", Bcc="bcc@x.test"), to="three@y.test")
    assert found(mock, to="ZOE@") == [1]
    assert found(mock, to="ада") == [2]
    assert found(mock, to="list@") == [1]
    assert found(mock, to="two@y") == [2]
    assert found(mock, to="@y.test") == [3, 2]
    assert found(mock, to="@") == [3, 2, 1]


def test_the_null_sender_is_found_by_what_else_it_says(mock: Mock) -> None:
    mock.deliver(make_mail(From="mailer-daemon@x.test"), "")
    assert found(mock, from_="mailer-daemon") == [1]


def test_members_of_groups_are_found(mock: Mock) -> None:
    mock.deliver(make_mail(To="Friends: Tom <tom@x.test>, zoe@x.test;"))
    assert found(mock, to="tom@x") == found(mock, to="zoe@x") == [1]


def test_subject_only(mock: Mock) -> None:
    mock.deliver(make_mail("a cake", "tea\n", From="coffee@x.test"))
    assert found(mock, subject="CAKE") == [1]
    assert found(mock, subject="tea") == found(mock, subject="coffee") == []


def test_query_looks_everywhere(mock: Mock) -> None:
    mock.deliver(make_mail("a cake", "some tea\n", From="Anna <anna@x.test>", To="Tom <tom@x.test>",
                           Cc="Zoé <zoe@x.test>", Sender="nadia@x.test"), "bounce@y.test", "list@y.test")
    for text in ("cake", "tea", "anna", "tom@", "zoé", "nadia", "bounce", "list@y"):
        assert found(mock, query=text.upper()) == [1], text
    assert found(mock, query="nothing") == []


def test_query_finds_a_message_id(mock: Mock) -> None:
    """With its angle brackets or without: it is what prankcurl tells of an uncertain prank."""
    mock.deliver(make_mail(Message_ID="<59eaf697.april@example.test>"))
    mock.deliver(make_mail())
    for text in ("<59eaf697.april@example.test>", "59eaf697.april@example.test", "59EAF697"):
        assert found(mock, query=text) == [1], text


def test_query_looks_into_html_where_there_is_no_text(mock: Mock) -> None:
    mock.deliver(b"Subject: one\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<b>gr\xc3\xbcn</b>\r\n")
    assert found(mock, query="GRÜN") == [1]


def test_a_subject_over_two_encoded_words(mock: Mock) -> None:
    mock.deliver(b"Subject: =?utf-8?b?Y2Fm?=\r\n =?utf-8?q?=C3=A9?= and\r\n cake\r\n\r\n")
    assert found(mock, subject="CAFÉ and cake") == [1]


@pytest.mark.parametrize("encoding, charset", [
    ("7bit", "iso-2022-jp"), ("base64", "shift_jis"), ("8bit", "euc-jp"), ("quoted-printable", "utf-8"),
])
def test_text_is_decoded_before_it_is_looked_into(mock: Mock, encoding: str, charset: str) -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content("いたずらの時間\n", charset=charset, cte=encoding)
    mock.deliver(message.as_bytes())
    assert found(mock, query="いたずら") == [1]


SAME = [
    ("Zoé", "zoé"), ("zoé", "ZOÉ"), ("ZOE\u0301", "zoé"), ("zoé", "Zoe\u0301"),
    ("Straße", "STRASSE"), ("STRASSE", "straße"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("Привет", "ПРИВЕТ"), ("ԱՐԱՄ", "արամ"), ("ＡＢＣ", "abc"), ("ﬁn", "FIN"), ("いたずら", "いたずら"),
    ("ｱｲｳ", "アイウ"), ("😀 Ha", "😀 HA"), ("ǅ", "ǆ"),
]
OTHER = [("Zoe", "zoé"), ("zoé", "zoe"), ("abc", "ab c"), ("いたずら", "イタズラ"), ("a", "а")]


@pytest.mark.parametrize("text, wanted", SAME)
def test_case_does_not_matter_in_any_script(mock: Mock, text: str, wanted: str) -> None:
    mock.deliver(make_mail(text, From=f"{text} <z@x.test>", To=f"{text} <z@x.test>"))
    mock.deliver(make_mail("one", f"so says {text}, and it is true\n"))
    assert found(mock, subject=wanted) == found(mock, from_=wanted) == found(mock, to=wanted) == [1]
    assert found(mock, query=wanted) == [2, 1]


@pytest.mark.parametrize("text, wanted", OTHER)
def test_other_letters_do(mock: Mock, text: str, wanted: str) -> None:
    mock.deliver(make_mail(text))
    assert found(mock, subject=wanted) == []


def test_utf8_without_encoded_words(mock: Mock) -> None:
    """As SMTPUTF8 allows it (RFC 6532)."""
    message = EmailMessage(policy=SMTPUTF8)
    message["Subject"] = "Zoés Käse"
    message["From"] = "Zoé <zoé@x.test>"
    message.set_content("grün\n")
    with greeted(mock) as client:
        assert client.say("MAIL FROM:<zoé@x.test> SMTPUTF8 BODY=8BITMIME").code == 250
        assert client.say("RCPT TO:<käse@x.test>").code == 250
        assert client.say("DATA").code == 354
        assert client.say(message.as_bytes() + b".").code == 250
    assert found(mock, subject="KÄSE") == found(mock, from_="ZOÉ@") == found(mock, to="KÄSE@") == [1]


def test_all_filters_must_match(mock: Mock) -> None:
    mock.deliver(make_mail("cake", From="tom@x.test", To="zoe@x.test"))
    mock.deliver(make_mail("cake", From="tom@x.test", To="anna@x.test"))
    mock.deliver(make_mail("tea", From="tom@x.test", To="zoe@x.test"))
    assert found(mock, subject="cake", from_="tom", to="zoe") == [1]
    assert found(mock, subject="cake", from_="tom") == [2, 1]
    assert found(mock, subject="cake", from_="tom", after=1) == [2]
    assert found(mock, query="tea", to="zoe") == [3]
    answer = mock.get("/api/messages?from=tom&limit=1").json
    assert (answer["total"], answer["matching"], len(answer["messages"])) == (3, 3, 1)


def test_an_empty_filter_matches_all(mock: Mock) -> None:
    mock.deliver(make_mail())
    assert mock.get("/api/messages?query=&from=&to=&subject=").json["matching"] == 1


def test_texts_are_no_patterns(mock: Mock) -> None:
    mock.deliver(make_mail("100% of *it* (a.b) [x] \\ and \"y\""))
    for text in ("100%", "*it*", "(a.b)", "[x]", "\\", '"y"'):
        assert found(mock, subject=text) == [1], text
    for text in ("*", "a*b", "a.*", "%"):
        assert found(mock, subject=text) == ([1] if text in ("*", "%") else []), text


@pytest.mark.parametrize("text", ["+", "&", "=", "a b", "#", "?", "é", "日本", "%"])
def test_what_a_url_has_to_escape(mock: Mock, text: str) -> None:
    mock.deliver(make_mail(f"x{text}y"))
    assert mock.get("/api/messages" + query_text({"subject": f"X{text}Y"})).json["matching"] == 1


def test_a_plus_is_a_blank(mock: Mock) -> None:
    mock.deliver(make_mail("a b"))
    assert mock.get("/api/messages?subject=a+b").json["matching"] == 1
    assert mock.get("/api/messages?subject=a%20b").json["matching"] == 1


def test_wild_bytes_in_a_filter(mock: Mock) -> None:
    mock.deliver(make_mail())
    for text in ("%ff", "%c3", "%00", "%f0%28%8c%bc", "%ed%a0%80", "a" * 8000):
        mock.get(f"/api/messages?query={text}").expect(200)


def test_a_summary_is_the_messages_own(mock: Mock) -> None:
    mock.deliver(make_mail("Zoés Kuchen", From="Zoé <zoe@x.test>", To="tom@x.test, Anna <anna@x.test>",
                           Cc="c@x.test", Sender="Nadia <nadia@x.test>", Message_ID="<1.2@x.test>",
                           Date="Thu, 01 Apr 2027 08:00:00 +0200", X_Prank_Campaign="april"),
                 "bounce@y.test", ["list@y.test", "tom@x.test"])
    summary = mock.messages()[0]
    assert summary["from"] == [{"name": "Zoé", "address": "zoe@x.test"}]
    assert summary["sender"] == {"name": "Nadia", "address": "nadia@x.test"}
    assert summary["to"] == [
        {"name": "", "address": "tom@x.test"}, {"name": "Anna", "address": "anna@x.test"},
    ]
    assert summary["cc"] == [{"name": "", "address": "c@x.test"}]
    assert summary["envelope"]["from"]["address"] == "bounce@y.test"
    assert [one["address"] for one in summary["envelope"]["to"]] == ["list@y.test", "tom@x.test"]
    assert (summary["subject"], summary["campaign"]) == ("Zoés Kuchen", "april")
    assert (summary["date"], summary["message_id"]) == ("2027-04-01T06:00:00Z", "1.2@x.test")
    assert summary["size"] == len(mock.raw(1))
    assert summary["attachment_count"] == 0


@pytest.mark.parametrize("path", ["/api/messages", "/api/wait"])
def test_a_parameter_is_given_twice(mock: Mock, path: str) -> None:
    answer = mock.get(f"{path}?to=tom&from=anna&to=anna").expect(400)
    assert answer.json["error"] == '"to" is given twice; once is expected'
