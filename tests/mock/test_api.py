"""The HTTP interface keeps the contract of docs/prankmock.openapi.yaml, all of it and nothing else."""

from __future__ import annotations

import http.client
import json
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import StartMock
from contract import Api, Contract
from events import EventStream
from mock import REPOSITORY, Answer, Mock, query_text, run_mock
from raw_client import RawClient, greeted

FOREIGN = {"Host": "evil.test"}
MAX_WAITING = 500
HTML = (
    "Subject: html\r\nContent-Type: text/html\r\n\r\n<b>bold</b>\r\n"
)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()


@pytest.fixture
def api(mock: Mock, contract: Contract) -> Api:
    return Api(mock, contract)


# All of it

def test_every_operation_answers_as_documented(api: Api) -> None:
    """Each path, method and status of the document, and no other, in one run."""
    api.mock.deliver(HTML)
    api.mock.deliver("Subject: text\r\n\r\nplain\r\n")
    exercise_messages(api)
    exercise_what_waits(api)
    exercise_faults(api)
    for target in ("/api/stats", "/healthz"):
        api.get(target).expect(200)
        api.get(target, FOREIGN).expect(403)
    exercise_deleting(api)
    assert api.exercised == api.contract.statuses


def exercise_messages(api: Api) -> None:
    api.get("/api/messages").expect(200)
    api.get("/api/messages?limit=0").expect(400)
    api.get("/api/messages", FOREIGN).expect(403)
    for path in ("", "/raw", "/html", "/parts/1"):
        api.get(f"/api/messages/1{path}").expect(200)
        api.get(f"/api/messages/1{path}", FOREIGN).expect(403)
        api.get(f"/api/messages/9{path}").expect(404)
    api.get("/api/messages/1/parts/2").expect(404)
    api.get("/api/messages/2/html").expect(404)


def exercise_what_waits(api: Api) -> None:
    api.get("/api/wait?timeout=0").expect(200)
    api.get("/api/wait?timeout=no").expect(400)
    api.get("/api/wait", FOREIGN).expect(403)
    api.get("/api/wait?timeout=0&count=9").expect(408)
    api.get("/api/events", FOREIGN).expect(403)
    with EventStream(api.mock) as events:
        answer = Answer(events.response.status, events.response.headers, b"")
        api.exercised.add(api.contract.check("GET", "/api/events", answer))
    crowd = [listen(api.mock) for _ in range(MAX_WAITING)]
    api.get("/api/wait?timeout=0").expect(503)
    api.get("/api/events").expect(503)
    for one in crowd:
        one.close()


def listen(mock: Mock) -> socket.socket:
    """Listens to events, and is known to do so."""
    where = urlsplit(mock.url)
    connection = socket.create_connection((where.hostname, where.port), 10)
    connection.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert b"200" in connection.recv(4096)
    return connection


def exercise_faults(api: Api) -> None:
    rules = json.dumps([{"step": "mail", "reply": "451 4.3.0 no"}])
    api.request("PUT", "/api/faults", rules).expect(200)
    api.request("PUT", "/api/faults", "nonsense").expect(400)
    api.request("PUT", "/api/faults", rules, FOREIGN).expect(403)
    api.exercised.add(api.contract.check("PUT", "/api/faults", announce(api.mock, (1 << 20) + 1)))
    api.get("/api/faults").expect(200)
    api.get("/api/faults", FOREIGN).expect(403)
    api.delete("/api/faults").expect(200)
    api.delete("/api/faults", FOREIGN).expect(403)


def announce(mock: Mock, size: int) -> Answer:
    """The answer to a body of this size, before any of it is sent."""
    where = urlsplit(mock.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.putrequest("PUT", "/api/faults")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read())
    connection.close()
    return answer


def exercise_deleting(api: Api) -> None:
    api.delete("/api/messages/1", FOREIGN).expect(403)
    api.delete("/api/messages/1").expect(200)
    api.delete("/api/messages/1").expect(404)
    api.delete("/api/messages", FOREIGN).expect(403)
    api.delete("/api/messages").expect(200)


# Nothing else

def test_no_route_is_undocumented(contract: Contract) -> None:
    source = (REPOSITORY / "src/mock/web.c").read_text("utf-8")
    table = source.partition("routes[] = {")[2].partition("};")[0]
    routes = set(re.findall(r'EVHTTP_REQ_(\w+), "([^"]+)"', table))
    assert len(routes) == table.count("EVHTTP_REQ_") > 0
    assert routes == contract.operations


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_what_is_not_documented_can_not_be_done(mock: Mock, contract: Contract, method: str) -> None:
    mock.deliver(HTML)
    for path in contract.document["paths"]:
        if (method, path) in contract.operations:
            continue
        answer = mock.request(method, path.replace("{id}", "1").replace("{n}", "1"), "[]").expect(405)
        contract.validate(contract.schema("Problem"), answer.json)
        allowed = {one for one, other in contract.operations if other == path}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        assert set(answer.headers["Allow"].split(", ")) == allowed
    assert len(mock.messages()) == 1


@pytest.mark.parametrize("path", [
    "/api", "/api/", "/api/messages/", "/api/message", "/api/messages/0", "/api/messages/x",
    "/api/messages/1x", "/api/messages/-1", "/api/messages/+1", "/api/messages/1/", "/api/messages/1/raw/",
    "/api/messages/1/parts", "/api/messages/1/parts/", "/api/messages/1/parts/0", "/api/messages//raw",
    "/api/messages/99999999999999999999999/raw", "/api//messages", "/API/messages", "/healthz/",
    "/../healthz", "/index.htm", "/api/messages/1%2fraw", "/%2e%2e/etc/passwd",
])
def test_nothing_is_elsewhere(mock: Mock, path: str) -> None:
    mock.deliver(HTML)
    for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"):
        answer = mock.request(method, path).expect(404)
        if method != "HEAD":
            assert answer.json.keys() == {"error"}
    assert len(mock.messages()) == 1


@pytest.mark.parametrize("path", ["/", "/app.js", "/api/nothing"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_the_page_can_only_be_read(mock: Mock, method: str, path: str) -> None:
    assert mock.request(method, path, "x").status in (404, 405)


def test_messages_have_the_documented_keys_only(mock: Mock, contract: Contract) -> None:
    mock.deliver(HTML)
    summary = set(contract.schema("MessageSummary")["required"])
    assert summary == contract.schema("MessageSummary")["properties"].keys()
    assert mock.messages()[0].keys() == summary
    assert mock.message(1).keys() == summary | set(contract.schema("Message")["required"])


@pytest.mark.parametrize("rule", [
    {"step": step, "reply": "450 x"} for step in (
        "connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "final", "quit")
] + [
    {"step": "final", "sender": "*", "recipient": "*", "connection": 1, "message": 1, "attempt": 1,
     "after_messages": 0, "times": 1, "delay": "1ms", "drip": "2h", "long": True, "then": "hang",
     "stored": True},
    {"step": "quit", "garbage": True, "then": "reset"},
])
def test_rules_by_the_schema_are_taken(api: Api, rule: dict[str, object]) -> None:
    api.contract.validate(api.contract.schema("Rule"), rule)
    answer = api.request("PUT", "/api/faults", json.dumps([rule])).expect(200)
    assert answer.json == {"rules": [rule | {"fired": 0}]}


def test_the_schema_of_rules_is_the_one_of_the_program(contract: Contract) -> None:
    """The same steps, keys and limits."""
    source = (REPOSITORY / "src/mock/step.h").read_text("utf-8")
    steps = re.findall(r'X\(\w+, "(\w+)"\)', source)
    assert contract.schema("Rule")["properties"]["step"]["enum"] == steps
    source = (REPOSITORY / "src/mock/faults_read.c").read_text("utf-8")
    keys = re.findall(r'\{"(\w+)", PK_', source)
    assert sorted(contract.schema("Rule")["properties"]) == sorted(keys)


def asked(method: str, path: str) -> list[tuple[str, str, str, int]]:
    """Every numeric parameter at its limits, and beyond them: path, name, value, status."""
    cases = []
    for name, schema in Contract().parameters(method, path).items():
        if schema["type"] == "string":
            continue
        least, most = schema["minimum"], schema.get("maximum")
        cases += [(path, name, str(least), 200), (path, name, str(least - 1), 400)]
        cases += [(path, name, str(most), 200), (path, name, str(most + 1), 400)] if most else []
    return cases


BAD_NUMBERS = ["", "x", "1x", "1 ", " 1", "+1", "-0", "0x10", "1e3", "1.5", "٣", "99999999999999999999"]


@pytest.mark.parametrize(
    "path, name, value, status", asked("GET", "/api/messages") + asked("GET", "/api/wait")
)
def test_numbers_have_limits(api: Api, path: str, name: str, value: str, status: int) -> None:
    api.mock.deliver(HTML)
    query = {"timeout": 0} if path == "/api/wait" and name != "timeout" else {}
    answer = api.get(path + query_text(query | {name: value}))
    # With 408 the number is fine, and nothing matches.
    assert answer.status == status or (status, answer.status) == (200, 408)


@pytest.mark.parametrize("path, name", [
    ("/api/messages", "limit"), ("/api/messages", "after"), ("/api/wait", "count"),
    ("/api/wait", "after"), ("/api/wait", "timeout"),
])
def test_bad_numbers(api: Api, path: str, name: str) -> None:
    for value in BAD_NUMBERS:
        if name == "timeout" and value == "1.5":
            continue
        answer = api.get(path + query_text({name: value})).expect(400)
        assert answer.json["error"].startswith(f'{name} is "{value}"; '), answer.json


@pytest.mark.parametrize("value", [
    "nan", "inf", "-1", "1,5", "1e3", "0x1", "..", ".", "1.2.3", "3600.1", "infinity",
])
def test_bad_timeouts(api: Api, value: str) -> None:
    api.get(f"/api/wait?timeout={value}").expect(400)


@pytest.mark.parametrize("target", [
    "/api/messages?nonsense=1", "/api/messages?count=1", "/api/messages?timeout=1",
    "/api/messages?Query=x", "/api/messages?limit=1&limit2=1", "/api/wait?limit=1",
    "/api/wait?nonsense", "/api/messages?=1", "/api/messages?limit", "/api/messages?&limit=1&",
])
def test_unknown_parameters(api: Api, target: str) -> None:
    api.get(target).expect(400)


def test_every_documented_parameter_is_known(api: Api) -> None:
    for path in ("/api/messages", "/api/wait"):
        for name, schema in api.contract.parameters("GET", path).items():
            value = schema.get("default", 0 if schema["type"] == "integer" else "x")
            query = query_text({"timeout": 0} | {name: value} if path == "/api/wait" else {name: value})
            if (path, name) != ("/api/wait", "timeout"):
                assert api.get(path + query).status in (200, 408)


# HEAD

@pytest.mark.parametrize("target, status", [
    ("/api/messages", 200), ("/api/messages?limit=0", 400), ("/api/messages/1", 200),
    ("/api/messages/1/raw", 200), ("/api/messages/1/html", 200), ("/api/messages/1/parts/1", 200),
    ("/api/messages/9", 404), ("/api/wait?timeout=0", 200), ("/api/wait?timeout=0&count=2", 408),
    ("/api/faults", 200), ("/api/stats", 200), ("/healthz", 200), ("/", 200), ("/nothing", 404),
])
def test_head_is_get_without_a_body(mock: Mock, target: str, status: int) -> None:
    mock.deliver(HTML)
    head, get = mock.request("HEAD", target).expect(status), mock.get(target).expect(status)
    assert head.body == b"" != get.body
    ignored = ("date", "content-length")
    assert [(k, v) for k, v in head.headers.items() if k.lower() not in ignored] == [
        (k, v) for k, v in get.headers.items() if k.lower() not in ignored
    ]
    if target != "/api/stats":  # that changes from call to call
        assert head.headers["Content-Length"] == str(len(get.body))


@pytest.mark.parametrize("target", ["/api/messages/1/raw", "/api/wait?timeout=0", "/nothing", "/"])
def test_what_follows_the_answer_to_head_is_the_next_answer(mock: Mock, target: str) -> None:
    """On a connection that is kept: a body would be taken for it."""
    mock.deliver("Subject: one\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    where = urlsplit(mock.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, 10)
    for method, path in (("HEAD", target), ("HEAD", target), ("GET", "/healthz")):
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
    assert (response.status, body) == (200, b"ok\n")
    connection.close()


@pytest.mark.parametrize("before", range(4))
def test_what_an_error_quotes_is_cut_and_still_utf_8(mock: Mock, before: int) -> None:
    target = "/api/messages?after=" + "a" * before + "%F0%9F%8E%88" * 60
    assert "🎈🎈" in mock.get(target).expect(400).body.decode("utf-8")


def test_a_method_that_is_wrong_and_an_id_that_is_none(mock: Mock) -> None:
    answer = mock.request("POST", "/api/messages", "x").expect(405)
    assert answer.headers["Allow"] in answer.json["error"]
    for path in ("/api/messages/abc", "/api/messages/-1", "/api/messages/0/raw"):
        assert "id of a message is a number" in mock.get(path).expect(404).json["error"]
    assert "id" not in mock.get("/api/nothing").expect(404).json["error"]


def test_head_of_events_does_not_listen(mock: Mock) -> None:
    answer = mock.request("HEAD", "/api/events").expect(200)
    assert (answer.headers["Content-Type"], answer.body) == ("text/event-stream", b"")


def test_two_calls_over_one_connection(mock: Mock) -> None:
    where = urlsplit(mock.url)
    with socket.create_connection((where.hostname, where.port), 10) as connection:
        for _ in range(2):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            said = b""
            while not said.endswith(b"\r\n\r\nok\n"):
                more = connection.recv(4096)
                assert more
                said += more


# Deleting

def test_delete_one(api: Api) -> None:
    for n in range(3):
        api.mock.deliver(f"Subject: {n}\r\n\r\n")
    assert api.delete("/api/messages/2").json == {"deleted": 1}
    api.delete("/api/messages/2").expect(404)
    for path in ("", "/raw", "/html", "/parts/1"):
        api.get(f"/api/messages/2{path}").expect(404)
    assert [one["id"] for one in api.mock.messages()] == [3, 1]


def test_delete_all(api: Api) -> None:
    for n in range(3):
        api.mock.deliver(f"Subject: {n}\r\n\r\n")
    assert api.delete("/api/messages").json == {"deleted": 3}
    assert api.delete("/api/messages").json == {"deleted": 0}
    assert api.get("/api/messages").json == {"total": 0, "matching": 0, "messages": []}


def test_ids_are_never_used_twice(mock: Mock) -> None:
    for n in (1, 2, 3):
        mock.deliver("Subject: one\r\n\r\n")
        assert [one["id"] for one in mock.messages()] == [n]
        mock.request("DELETE", "/api/messages" if n % 2 else f"/api/messages/{n}").expect(200)


# Figures

def test_stats_at_the_beginning(mock: Mock, mock_binary: Path, tmp_path: Path) -> None:
    stats = mock.stats()
    zero = ("kept", "kept_bytes", "received", "evicted", "deleted")
    assert [stats[name] for name in zero] == [0] * len(zero)
    assert stats["connections"] == {"open": 0, "total": 0}
    assert stats["listening"] == {
        "smtp": f"127.0.0.1:{mock.port}", "smtps": None, "page": mock.url, "ca": str(mock.ca),
    }
    assert stats["limits"] == {
        "messages": 1000, "bytes": 268435456, "message_bytes": 33554432, "recipients": 1000,
        "connections": 1000, "idle_s": 300,
    }
    version = run_mock(mock_binary, tmp_path, "--version").stdout.split()[1]
    assert stats["version"] == version


def test_stats_count(start_mock: StartMock) -> None:
    mock = start_mock("--max-messages", "3", "--smtps", "127.0.0.1:0")
    for n in range(5):
        mock.deliver(f"Subject: {n}\r\n\r\n" + "x" * 1000)
    mock.request("DELETE", "/api/messages/5").expect(200)
    mock.request("DELETE", "/api/messages/5").expect(404)
    with greeted(mock), RawClient(mock) as client:
        assert client.reply().code == 220
        stats = mock.stats()
        assert stats["connections"]["open"] == 2
    counts = [stats[name] for name in ("received", "kept", "evicted", "deleted")]
    assert counts == [5, 2, 2, 1]
    assert 2000 < stats["kept_bytes"] < 20000
    assert stats["connections"]["total"] == 7
    assert stats["listening"]["smtps"] == f"127.0.0.1:{mock.smtps_port}"
    assert stats["limits"]["messages"] == 3
    assert 0 <= stats["uptime_s"] < 60
    mock.request("DELETE", "/api/messages").expect(200)
    stats = mock.stats()
    assert [stats[name] for name in ("kept", "kept_bytes", "deleted")] == [0, 0, 3]


def test_limits_follow_the_options(start_mock: StartMock) -> None:
    limits = start_mock("--max-bytes", "65536", "--max-messages", "7").stats()["limits"]
    assert (limits["messages"], limits["bytes"], limits["message_bytes"]) == (7, 65536, 32768)


def test_healthz(api: Api) -> None:
    answer = api.get("/healthz").expect(200)
    assert (answer.body, answer.headers.get_content_type()) == (b"ok\n", "text/plain")


# Header fields of every answer

COMMON = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("target", [
    "/", "/api/messages", "/api/messages/1", "/api/messages/1/raw", "/api/messages/1/html",
    "/api/messages/1/parts/1", "/api/messages/9", "/api/wait?timeout=0", "/api/wait?timeout=x",
    "/api/faults", "/api/stats", "/healthz", "/nothing",
])
@pytest.mark.parametrize("headers", [{}, FOREIGN], ids=["ours", "foreign"])
def test_every_answer_is_guarded(mock: Mock, target: str, headers: dict[str, str]) -> None:
    mock.deliver(HTML)
    answer = mock.get(target, headers)
    for name, value in COMMON.items():
        assert answer.headers.get_all(name) == [value], name
    policies = answer.headers.get_all("Content-Security-Policy")
    assert policies and len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert answer.headers.get_all("Access-Control-Allow-Origin") is None
    assert len(answer.headers.get_all("Content-Type")) == 1  # type: ignore[arg-type]
