"""/api/wait and /api/events: whoever waits for messages is told as soon as they come."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from conftest import StartMock
from contract import Contract
from events import Event, EventStream
from mock import Mock, query_text
from raw_client import RawClient, greeted
from waiting import until

PROMPT_S = 5.0  # far below the time that is waited at the most
MIB = 1 << 20


def mail(subject: str = "one", size: int = 0) -> str:
    return f"Subject: {subject}\r\n\r\n" + ("x" * 76 + "\r\n") * (size // 78)


def send_raw(mock: Mock, request: str, buffer: int | None = None) -> socket.socket:
    """An HTTP request whose answer nobody reads yet."""
    where = urlsplit(mock.url)
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(10)
    connection.connect((where.hostname, where.port))
    connection.sendall(f"{request} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection


# Waiting

def test_wait_answers_at_once_when_it_is_true_already(mock: Mock) -> None:
    for n in range(3):
        mock.deliver(mail(str(n)))
    assert [one["subject"] for one in mock.wait()] == ["2", "1", "0"]
    assert len(mock.wait(count=3)) == 3


def test_wait_answers_as_soon_as_it_becomes_true(mock: Mock) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mock.wait, count=2, timeout=60)
        mock.deliver(mail("first"))
        assert not waiting.done()
        start = time.monotonic()
        mock.deliver(mail("second"))
        assert [one["subject"] for one in waiting.result(PROMPT_S)] == ["second", "first"]
        assert time.monotonic() - start < PROMPT_S


@pytest.mark.parametrize("query", [
    {"to": "tom"}, {"from_": "zoé"}, {"subject": "wanted"}, {"query": "the text"}, {"after": 1},
    {"to": "TOM@", "from_": "ZOÉ", "subject": "WANTED", "after": 1},
])
def test_wait_with_filters(mock: Mock, query: dict[str, Any]) -> None:
    """What does not match does not count, however much of it comes."""
    mock.deliver(mail("other"), to="anna@x.test")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mock.wait, timeout=60, **query)
        if "after" not in query or len(query) > 1:
            mock.deliver(mail("other"), to="anna@x.test")
        mock.deliver("From: Zoé <z@x.test>\r\nSubject: wanted\r\n\r\nthe text\r\n", to="tom@x.test")
        found = waiting.result(PROMPT_S)
    assert [one["subject"] for one in found] == ["wanted"]


def test_wait_tells_all_that_match(mock: Mock) -> None:
    for subject in ("cake", "tea", "cake again"):
        mock.deliver(mail(subject))
    answer = mock.get("/api/wait?subject=cake&count=2").expect(200).json
    assert (answer["total"], answer["matching"]) == (3, 2)
    assert [one["subject"] for one in answer["messages"]] == ["cake again", "cake"]


@pytest.mark.parametrize("timeout, least_s", [("0", 0.0), ("0.2", 0.2), (".1", 0.1), ("0.", 0.0)])
def test_when_the_time_is_up(mock: Mock, timeout: str, least_s: float) -> None:
    mock.deliver(mail())
    start = time.monotonic()
    answer = mock.get(f"/api/wait?count=2&timeout={timeout}").expect(408).json
    assert least_s <= time.monotonic() - start < PROMPT_S
    assert (answer["total"], answer["matching"], len(answer["messages"])) == (1, 1, 1)


def test_with_no_time_a_true_thing_is_still_true(mock: Mock) -> None:
    mock.deliver(mail())
    assert len(mock.wait(timeout=0)) == 1


def test_a_deleted_message_does_not_count(mock: Mock) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mock.wait, count=2, timeout=60)
        mock.deliver(mail("first"))
        mock.request("DELETE", "/api/messages/1").expect(200)
        mock.deliver(mail("second"))
        assert mock.get("/api/wait?count=2&timeout=0").status == 408
        assert not waiting.done()
        mock.deliver(mail("third"))
        assert [one["subject"] for one in waiting.result(PROMPT_S)] == ["third", "second"]


def test_evicted_messages_do_not_count(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "2")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(mock.wait, subject="x", count=2, timeout=60)
        for subject in ("x1", "y", "y", "x2"):
            mock.deliver(mail(subject))
        assert not waiting.done()
        mock.deliver(mail("x3"))
        assert [one["subject"] for one in waiting.result(PROMPT_S)] == ["x3", "x2"]


def test_many_waiters_at_once(mock: Mock) -> None:
    with ThreadPoolExecutor(40) as pool:
        waiting: list[Future[Any]] = [
            pool.submit(mock.wait, to=f"reader{n % 20}@", count=1 + n // 20, timeout=60)
            for n in range(40)
        ]
        for n in range(20):
            mock.deliver(mail(str(n)), to=[f"reader{n}@x.test"])
        assert [len(one.result(PROMPT_S)) for one in waiting[:20]] == [1] * 20
        for n in range(20):
            mock.deliver(mail("again"), to=[f"reader{n}@x.test"])
        assert [len(one.result(PROMPT_S)) for one in waiting[20:]] == [2] * 20


def test_one_message_answers_many(mock: Mock) -> None:
    with ThreadPoolExecutor(30) as pool:
        waiting = [pool.submit(mock.wait, timeout=60) for _ in range(30)]
        mock.deliver(mail())
        assert [len(one.result(PROMPT_S)) for one in waiting] == [1] * 30


def test_a_waiter_that_goes_away(mock: Mock) -> None:
    """In any way, and again and again: nobody else notices."""
    for n in range(20):
        connection = send_raw(mock, "GET /api/wait?timeout=60&count=2")
        if n % 2:
            reset_on_close(connection)
        connection.close()
    half = send_raw(mock, "GET /api/wait?timeout=60")
    half.shutdown(socket.SHUT_WR)
    mock.deliver(mail())
    mock.deliver(mail())
    assert len(mock.wait(count=2)) == 2
    half.close()


def reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_whoever_goes_away_makes_room(mock: Mock) -> None:
    """No more than 500 wait, so that those who left must not count."""
    for _ in range(3):
        crowd = [send_raw(mock, "GET /api/wait?timeout=60") for _ in range(250)]
        for one in crowd:
            one.close()
    until(lambda: mock.get("/api/wait?timeout=0").status == 408)


def test_too_many_wait(mock: Mock) -> None:
    crowd = [send_raw(mock, "GET /api/wait?timeout=60") for _ in range(500)]
    try:
        until(lambda: mock.get("/api/wait?timeout=0").status == 503)
        assert mock.get("/api/messages").status == 200
        mock.deliver(mail())
        for one in crowd:
            assert one.recv(12) == b"HTTP/1.1 200"
        assert len(mock.wait()) == 1
    finally:
        for one in crowd:
            one.close()


def test_a_request_behind_one_that_waits(mock: Mock) -> None:
    connection = send_raw(mock, "GET /api/wait?timeout=0.1")
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    said = b""
    while more := connection.recv(65536):
        said += more
    connection.close()
    assert said.startswith(b"HTTP/1.1 408 ")
    assert said.endswith(b"\r\n\r\nok\n")


def test_the_server_ends_although_somebody_waits(mock: Mock) -> None:
    waiting = send_raw(mock, "GET /api/wait?timeout=3600")
    listening = send_raw(mock, "GET /api/events")
    assert mock.get("/healthz").status == 200
    mock.stop()
    for one in (waiting, listening):
        one.close()


# Events

def test_hello(mock: Mock) -> None:
    """How long a browser waits before it comes back."""
    with EventStream(mock) as events:
        assert events.hello == {"retry": "1000"}
        headers = events.response.headers
        assert headers.get_content_type() == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"


def test_message_event(mock: Mock) -> None:
    with EventStream(mock) as events:
        mock.deliver("From: Zoé <z@x.test>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nhello\r\n")
        event = events.next()
    assert (event.name, event.id) == ("message", 1)
    Contract().validate({"$ref": "#/components/schemas/MessageSummary"}, event.data)
    assert event.data == mock.messages()[0]


def test_deleted_events(mock: Mock) -> None:
    for n in range(2):
        mock.deliver(mail(str(n)))
    with EventStream(mock) as events:
        mock.request("DELETE", "/api/messages/1").expect(200)
        mock.request("DELETE", "/api/messages/1").expect(404)
        mock.request("DELETE", "/api/messages").expect(200)
        assert events.next() == Event("deleted", None, {"id": 1})
        assert events.next() == Event("deleted", None, {"all": True})


def test_evicted_messages_are_told(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "2")
    with EventStream(mock) as events:
        for n in range(3):
            mock.deliver(mail(str(n)))
        told = [events.next() for _ in range(4)]
    assert Event("deleted", None, {"id": 1}) in told
    assert [one.id for one in told if one.name == "message"] == [1, 2, 3]


def test_what_is_not_kept_is_no_event(mock: Mock) -> None:
    mock.set_faults([{"step": "final", "stored": False, "times": 1}])
    with EventStream(mock) as events:
        mock.deliver(mail("lost"))
        mock.deliver(mail("kept"))
        assert events.next().data["subject"] == "kept"


def test_an_event_comes_before_the_reply(mock: Mock) -> None:
    """Whoever has sent a message knows that it was told."""
    with EventStream(mock) as events, greeted(mock) as client:
        mock.set_faults([{"step": "final", "stored": True, "then": "hang"}])
        for command in ("MAIL FROM:<a@x.test>", "RCPT TO:<b@x.test>", "DATA"):
            client.say(command)
        client.send(b".\r\n")
        assert events.next().id == 1


@pytest.mark.parametrize("last, first", [("0", 1), ("2", 3), ("", 1), ("nonsense", 1)])
def test_last_event_id(mock: Mock, last: str, first: int) -> None:
    """What was missed comes first, then what is new."""
    for n in range(4):
        mock.deliver(mail(str(n)))
    mock.request("DELETE", "/api/messages/4").expect(200)
    with EventStream(mock, {"Last-Event-ID": last}) as events:
        mock.deliver(mail("new"))
        assert events.ids(5 - first) == [*range(first, 4), 5]


@pytest.mark.parametrize("last", ["4", "5", "99", "18446744073709551615"])
def test_nothing_was_missed(mock: Mock, last: str) -> None:
    for n in range(4):
        mock.deliver(mail(str(n)))
    with EventStream(mock, {"Last-Event-ID": last}) as events:
        mock.deliver(mail("new"))
        assert events.next().id == 5


def test_without_a_last_event_id_only_new_ones_come(mock: Mock) -> None:
    mock.deliver(mail("old"))
    with EventStream(mock) as events:
        mock.deliver(mail("new"))
        assert events.next().id == 2


def test_several_listeners(mock: Mock) -> None:
    streams = [EventStream(mock) for _ in range(10)]
    for n in range(5):
        mock.deliver(mail(str(n)))
        if n == 2:
            streams.pop().__exit__()
    for stream in streams:
        assert stream.ids(5) == [1, 2, 3, 4, 5]
        stream.__exit__()


def test_listeners_that_go_away(mock: Mock) -> None:
    with EventStream(mock) as events:
        for n in range(30):
            gone = send_raw(mock, "GET /api/events")
            if n % 3 == 0:
                assert gone.recv(1) == b"H"
            if n % 3 == 1:
                reset_on_close(gone)
            gone.close()
            mock.deliver(mail(str(n)))
        assert events.ids(30) == [*range(1, 31)]


SUBJECT = "\r\n ".join(["y" * 900] * 9)  # 8 KiB


def send_many(mock: Mock, count: int) -> None:
    """Over one connection, each 8 KiB as an event."""
    message = (
        "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nSubject: " + SUBJECT + "\r\n\r\n.\r\n"
    ).encode()
    with greeted(mock) as client:
        for _ in range(count):
            client.send(message)
            assert [client.reply().code for _ in range(4)] == [250, 250, 354, 250]


def test_a_listener_that_does_not_read(start_mock: StartMock) -> None:
    """It is disconnected; neither SMTP nor the others wait for it."""
    mock = start_mock("--max-messages", "5000", "--quiet")
    lazy = send_raw(mock, "GET /api/events", buffer=4096)
    assert lazy.recv(12) == b"HTTP/1.1 200"
    with EventStream(mock) as events, ThreadPoolExecutor() as pool:
        reading = pool.submit(events.ids, 2500)
        send_many(mock, 2500)
        assert reading.result(60) == [*range(1, 2501)]
    got = 0
    try:
        while more := lazy.recv(MIB):
            got += len(more)
    except ConnectionResetError:
        pass
    lazy.close()
    assert got < 2500 * len(SUBJECT)
    assert mock.stats()["received"] == 2500


@pytest.mark.parametrize("header", [
    "To: " + ",\r\n ".join(f"p{n}@x.test" for n in range(20_000)),
    "From: " + ",\r\n ".join(f"p{n}@x.test" for n in range(20_000)),
    "Cc: " + ",\r\n ".join(f'"{"n" * 900}" <p{n}@x.test>' for n in range(100)),
    "To: " + ",\r\n ".join(f'"{"n" * 9_000}" <p{n}@x.test>' for n in range(30)),
    "Subject: " + "\r\n ".join(["s" * 900] * 200),
], ids=["to", "from", "cc", "long names", "subject"])
def test_an_event_is_never_long(mock: Mock, header: str) -> None:
    """All who listen get a copy. What is left out is in the message itself."""
    with EventStream(mock) as events:
        mock.deliver(header + "\r\nMessage-ID: <one@x.test>\r\n\r\n")
        told = events.next().data
        assert len(json.dumps(told)) < 80 << 10
        whole = mock.messages()[0]
        for name in ("from", "to", "cc"):
            assert told[name] == whole[name][: len(told[name])]
            assert len(told[name]) <= 20
        assert whole["subject"].startswith(told["subject"].rstrip("\ufffd"))
        assert told.keys() == whole.keys() and told["message_id"] == "one@x.test"


def test_an_envelope_with_many_recipients(mock: Mock) -> None:
    """More than fits into one event."""
    recipients = [f"p{n}@x.test" for n in range(1000)]
    with EventStream(mock) as events:
        mock.deliver(mail(), to=recipients)
        told = events.next().data
        assert told["subject"] == "one" and told["envelope"]["from"]["address"]
        to = [one["address"] for one in told["envelope"]["to"]]
        assert to == recipients[: len(to)]


def test_much_was_missed(start_mock: StartMock) -> None:
    """More than a listener may lag behind: the stream ends, and coming back brings the rest."""
    mock = start_mock("--max-messages", "5000", "--quiet")
    send_many(mock, 1200)
    seen: list[int | None] = [0]
    while seen[-1] != 1200:
        before = len(seen)
        with EventStream(mock, {"Last-Event-ID": str(seen[-1])}) as events:
            while seen[-1] != 1200 and (event := events.next_or_end()):
                seen.append(event.id)
        assert len(seen) > before
    assert seen == [*range(1201)]


def test_events_do_not_stop_smtp(mock: Mock) -> None:
    """Everybody at once: listeners, waiters, callers, and mail."""
    with EventStream(mock) as events, ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(mock.wait, count=n * 50, timeout=60) for n in range(1, 4)]
        calling = [pool.submit(call_often, mock) for _ in range(3)]
        with greeted(mock) as client:
            for _ in range(200):
                assert client.transact()[-1] == 250
        assert events.ids(200) == [*range(1, 201)]
        assert all(len(one.result(PROMPT_S)) >= 50 for one in waiting)
        for one in calling:
            one.result(PROMPT_S * 2)


def call_often(mock: Mock) -> None:
    for n in range(30):
        assert mock.get("/api/messages" + query_text({"limit": 1 + n, "query": "one"})).status == 200


def test_a_client_that_hangs_up_in_the_middle_of_everything(mock: Mock) -> None:
    with EventStream(mock) as events:
        with RawClient(mock) as client:
            client.go_to("body")
        mock.deliver(mail("after"))
        assert events.next().data["subject"] == "after"
