"""Who may ask, and what does not harm: other sites' pages, malformed and outsized requests."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from mock import Mock

RULES = json.dumps([{"step": "mail", "reply": "451 4.3.0 no"}])


def raw_request(mock: Mock, request: bytes, ends: bool = True) -> bytes:
    """All that is answered until the server closes. `ends`: nothing more will be sent."""
    where = urlsplit(mock.url)
    said = b""
    with socket.create_connection((where.hostname, where.port), 10) as connection:
        try:
            connection.sendall(request)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                said += more
        except (ConnectionResetError, BrokenPipeError):
            pass
        return said


def status_of(mock: Mock, *lines: str) -> int:
    """Of a request with exactly these lines."""
    text = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    return int(raw_request(mock, text, ends=False).split(b" ")[1])


# The host

@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.0.0.1:8282", "127.0.0.1:{port}", "localhost", "LOCALHOST:1", "localhost:65535",
    "[::1]", "[::1]:{port}", "192.168.1.20", "10.0.0.1:80", "[fe80::1]:8282", "[2001:db8::1]", "{name}",
    "{name}:{port}", "0.0.0.0",
])
def test_hosts_that_are_ours(shared_mock: Mock, host: str) -> None:
    where = urlsplit(shared_mock.url)
    host = host.format(port=where.port, name=socket.gethostname())
    assert status_of(shared_mock, "GET /healthz HTTP/1.1", f"Host: {host}") == 200


@pytest.mark.parametrize("host", [
    "evil.test", "evil.test:8282", "127.0.0.1.evil.test", "localhost.evil.test", "localhost.", "evil",
    "127.0.0.1.nip.io", "1.2.3", "2130706433", "0x7f.1", "127.1", "127.0.0.1:", "127.0.0.1:x",
    "127.0.0.1:80:80", "[::1", "::1", "[::1]x", "[::1]:", "[evil.test]", "[]", ":80", "", " ",
    "user@127.0.0.1", "127.0.0.1/", "127.0.0.1, evil.test", "evil.test@127.0.0.1", "a" * 300,
])
def test_hosts_that_somebody_elses_dns_points_here(shared_mock: Mock, host: str) -> None:
    for method, path in (("GET", "/"), ("GET", "/api/messages"), ("DELETE", "/api/messages")):
        assert status_of(shared_mock, f"{method} {path} HTTP/1.1", f"Host: {host}") in (400, 403)


def test_a_request_without_a_host(mock: Mock) -> None:
    assert status_of(mock, "GET /healthz HTTP/1.1") == 403
    assert status_of(mock, "GET /healthz HTTP/1.0") == 403


def test_two_hosts(mock: Mock) -> None:
    assert status_of(mock, "GET / HTTP/1.1", "Host: evil.test", "Host: 127.0.0.1") == 403


# Other sites

CHANGES = [
    ("PUT", "/api/faults"), ("DELETE", "/api/faults"), ("DELETE", "/api/messages"),
    ("DELETE", "/api/messages/1"),
]
FOREIGN: list[dict[str, str]] = [
    {"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": "https://{host}"},
    {"Origin": "http://{host}.evil.test"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": "http://localhost"},
    {"Origin": "{host}"}, {"Origin": "http://{host}/"}, {"Origin": ""}, {"Origin": "http://"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://{host}"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.test"},
]
OURS: list[dict[str, str]] = [
    {}, {"Origin": "http://{host}"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://{host}"},
    {"Origin": "http://LOCALHOST:99", "Host": "localhost:99"},
]


def filled(mock: Mock, headers: dict[str, str]) -> dict[str, str]:
    host = urlsplit(mock.url).netloc
    return {name: value.format(host=host) for name, value in headers.items()}


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_sites_page_changes_nothing(mock: Mock, headers: dict[str, str]) -> None:
    mock.deliver("Subject: one\r\n\r\n")
    for method, path in CHANGES:
        mock.request(method, path, RULES, filled(mock, headers)).expect(403)
    assert mock.get("/api/faults").json == {"rules": []}
    assert len(mock.messages()) == 1


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_page_may_change_things(mock: Mock, headers: dict[str, str]) -> None:
    for _ in range(2):
        mock.deliver("Subject: one\r\n\r\n")
    for method, path in reversed(CHANGES):
        mock.request(method, path, RULES, filled(mock, headers)).expect(200)
    assert mock.messages() == []
    assert len(mock.get("/api/faults").json["rules"]) == 1


def test_reading_is_left_to_the_browser(mock: Mock) -> None:
    """Another site's page can ask, but the browser keeps the answer from it."""
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = mock.get("/api/stats", headers).expect(200)
        assert answer.headers["Access-Control-Allow-Origin"] is None
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/api/messages", "/api/wait?timeout=0", "/api/events"])
def test_another_sites_page_keeps_nobody_busy(mock: Mock, path: str) -> None:
    """As with a thousand pictures whose address is a search."""
    mock.get(path, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}).expect(403)


def test_no_preflight_is_answered(mock: Mock) -> None:
    answer = mock.request("OPTIONS", "/api/faults", headers={
        "Origin": "http://evil.test", "Access-Control-Request-Method": "PUT",
    })
    assert answer.status == 405
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


# Size

def test_a_body_of_a_mebibyte_is_read(mock: Mock) -> None:
    body = b"[]".ljust(1 << 20)
    mock.request("PUT", "/api/faults", body).expect(200)
    # However it comes.
    request = (
        b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"[]".ljust(1 << 16) + b"\r\n"
        + (b"1\r\n \r\n" * 1000) + b"0\r\n\r\n"
    )
    assert raw_request(mock, request).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("request_text", [
    b"Content-Length: 1048577\r\n\r\n",
    b"Content-Length: 1048577\r\n\r\n" + b" " * 1048577,
    b"Content-Length: 99999999999999999999999999\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n100001\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n10000\r\n" + b" " * 65536 + b"\r\nfffff\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
], ids=lambda text: text[:40].decode())
def test_a_larger_body_is_not(mock: Mock, request_text: bytes) -> None:
    mock.set_faults([{"step": "mail", "delay": "1ms"}])
    said = raw_request(mock, b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\n" + request_text, ends=False)
    # The connection may break before all was sent; then nothing is said.
    assert said.startswith(b"HTTP/1.1 413 ") or said == b""
    assert len(mock.get("/api/faults").json["rules"]) == 1


@pytest.mark.parametrize("field", [b"X: " + b"a" * 40000, b"X: a\r\n" * 10000, b"X" * 40000 + b": a"],
                         ids=["value", "count", "name"])
def test_endless_header_fields(mock: Mock, field: bytes) -> None:
    said = raw_request(mock, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + field + b"\r\n\r\n", ends=False)
    assert said.split(b" ")[1:2] in ([b"400"], [b"413"], [b"431"], [])
    assert mock.get("/healthz").status == 200


def test_an_endless_request_line(mock: Mock) -> None:
    said = raw_request(mock, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", ends=False)
    assert said.split(b" ")[1:2] in ([b"400"], [b"413"], [b"414"], [])
    assert mock.get("/healthz").status == 200


# Malformed

MALFORMED = [
    b"\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
    b"GET /healthz HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", b"GET /healthz HTTP/x\r\n\r\n",
    b"GET /healthz FTP/1.1\r\n\r\n", b" GET /healthz HTTP/1.1\r\n\r\n", b"get /healthz HTTP/1.1\r\n\r\n",
    b"GET healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET ? HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET /%zz%0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET /a b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET //evil.test/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://evil.test/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
    b"GET / HTTP/1.1\r\n folded\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n", b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n[]",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\n[]",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n[]\r\n",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: nonsense\r\nContent-Length: 2\r\n\r\n[]",
    b"PUT /api/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    b"GET /api/messages?" + b"query=%00%ff&" * 1000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /api/wait?timeout=0&" + b"a" * 9000 + b"=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /api/messages?query=%f0%28%8c%bc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200,
    b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 3,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 512, b"EHLO client.example\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nHost:127.0.0.1\r\nUpgrade: websocket\r\n\r\n",
]


@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: repr(text[:48]))
def test_malformed_requests_harm_nobody(shared_mock: Mock, text: bytes) -> None:
    """Whole, and cut off at any place."""
    shared_mock.deliver("Subject: one\r\n\r\n")
    before = shared_mock.messages()
    raw_request(shared_mock, text)
    for cut in range(1, min(len(text), 120), 7):
        raw_request(shared_mock, text[:cut])
    assert shared_mock.get("/healthz").status == 200
    assert shared_mock.get("/api/faults").json == {"rules": []}
    assert shared_mock.messages() == before


def test_a_request_byte_by_byte(mock: Mock) -> None:
    where = urlsplit(mock.url)
    with socket.create_connection((where.hostname, where.port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"PUT /api/faults HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n[]":
            connection.sendall(bytes([byte]))
        assert connection.recv(12).endswith(b" 200")


def test_unfinished_requests_do_not_hinder_others(mock: Mock) -> None:
    where = urlsplit(mock.url)
    unfinished = []
    for _ in range(300):
        connection = socket.create_connection((where.hostname, where.port), 10)
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        unfinished.append(connection)
    mock.deliver("Subject: one\r\n\r\n")
    assert len(mock.messages()) == 1
    for connection in unfinished:
        connection.close()


# The page

def test_the_page_runs_only_what_comes_from_here(mock: Mock) -> None:
    answer = mock.get("/").expect(200)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.headers.get_content_type() == "text/html"
    for part in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'none'",
                 "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
        assert part in policy.split("; ")
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
