"""A bit of everything in one run, for memory checkers: run.sh also runs this one under valgrind."""

from __future__ import annotations

import json
import smtplib
import ssl
from pathlib import Path

from conftest import StartMock

MESSAGE = (
    "From: Zo\u00e9 <zoe@example.test>\nTo: tom@example.test\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\n"
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    "--b\nContent-Type: text/html; charset=utf-8\n\n<p>cid:x</p>\n"
    "--b\nContent-Type: image/png\nContent-ID: <x>\nContent-Transfer-Encoding: base64\n\niVBORw0K\n"
    "--b--\n"
)
RULES = [
    {"step": "rcpt", "recipient": "once@*", "attempt": 1, "reply": "451 4.7.1 later"},
    {"step": "mail", "sender": "drop@*", "delay": "1ms", "drip": "1ms", "then": "close"},
]


def _send(client: smtplib.SMTP, sender: str) -> None:
    client.sendmail(sender, ["tom@example.test", "once@example.test"], MESSAGE.replace("\n", "\r\n").encode())


def test_valgrind_and_sanitizers_find_nothing(start_mock: StartMock, tmp_path: Path) -> None:
    mock = start_mock("--store", str(tmp_path / "mail"), "--max-messages", "3")
    mock.set_faults(RULES)
    assert mock.request("PUT", "/api/faults", '[{"step": "no"}, 7]').status == 400
    context = ssl.create_default_context(cafile=str(mock.ca))
    with mock.smtp() as client:
        client.starttls(context=context)
        client.login("zoe", "any")
        for number in range(5):
            _send(client, f"a{number}@example.test")
    try:
        with mock.smtp() as client:
            _send(client, "drop@example.test")
    except smtplib.SMTPServerDisconnected:
        pass
    assert len(mock.wait(count=3, query="grüße")) == 3
    mock.message(5)
    for path in ("raw", "html", "parts/1", "parts/2"):
        mock.get(f"/api/messages/5/{path}").expect(200)
    mock.get("/api/messages/99").expect(404)
    mock.get("/").expect(200)
    mock.request("DELETE", "/api/messages/4").expect(200)
    mock.request("DELETE", "/api/messages").expect(200)
    assert json.loads(mock.get("/api/stats").body)["kept"] == 0
