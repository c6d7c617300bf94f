"""STARTTLS and TLS from the start, and what somebody slips in before."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from conftest import StartMock
from logins import answer
from mock import TIMEOUT_S, Mock
from pem import verify
from raw_client import greeted
from smtp_cases import RECIPIENT, SENDER
from waiting import until

# Others' clients, and versions

@pytest.mark.parametrize("words", [
    ["-starttls", "smtp"], ["-starttls", "smtp", "-tls1_2"], ["-starttls", "smtp", "-tls1_3"], [],
])
def test_openssl_verifies_it(start_mock: StartMock, words: list[str]) -> None:
    mock = start_mock("--smtps", "127.0.0.1:0")
    port = mock.port if words else mock.smtps_port
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_return_error",
         "-CAfile", mock.ca, "-verify_ip", "127.0.0.1", "-crlf", "-ign_eof", *words],
        input="QUIT\n", capture_output=True, text=True, timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    assert "Verify return code: 0 (ok)" in done.stdout and "221 2.0.0 bye" in done.stdout


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_are_refused(start_mock: StartMock, version: ssl.TLSVersion) -> None:
    mock = start_mock("--smtps", "127.0.0.1:0")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection((mock.host, mock.smtps_port), TIMEOUT_S) as plain:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            context.wrap_socket(plain)
    mock.deliver("Subject: still there\r\n\r\n")


def test_the_message_knows_its_tls(start_mock: StartMock) -> None:
    mock = start_mock("--smtps", "127.0.0.1:0")
    with greeted(mock) as client:
        client.say("STARTTLS")
        client.start_tls(mock.ca)
        assert client.say("EHLO client.example").code == 250
        assert client.transact() == [250, 250, 354, 250]
    who = mock.message(1)["client"]
    assert who["protocol"] == "ESMTPS"
    assert who["tls"]["version"] == "TLSv1.3" and who["tls"]["cipher"].startswith("TLS_")


@pytest.mark.parametrize("rubbish", [
    b"EHLO x\r\n" * 20, b"\x00" * 100, b"\x16\x03\x01\xff\xff" * 5,
])
def test_no_handshake(start_mock: StartMock, rubbish: bytes) -> None:
    mock = start_mock("--smtps", "127.0.0.1:0", "-q")
    with socket.create_connection((mock.host, mock.smtps_port), TIMEOUT_S) as client:
        client.sendall(rubbish)
        assert b"220" not in read_to_the_end(client)
    with greeted(mock) as after:
        assert after.say("STARTTLS").code == 220
        after.send(rubbish)
        assert b"250" not in read_to_the_end(after.socket)
    until(lambda: mock.stats()["connections"]["open"] == 0)


def read_to_the_end(client: socket.socket | ssl.SSLSocket) -> bytes:
    """Says that nothing more comes, and reads until the other side does so, too."""
    said = b""
    try:
        client.shutdown(socket.SHUT_WR)
        while more := client.recv(10_000):
            said += more
    except OSError:
        pass  # reset
    return said


# What somebody slips in before the handshake (RFC 3207 §5, CVE-2011-0411)

EVIL = f"MAIL FROM:<evil@x>\r\n{RECIPIENT}\r\n"
INJECTED = [
    EVIL, f"{EVIL}DATA\r\nevil\r\n.\r\n", "EHLO evil.example\r\n",
    f"EHLO evil.example\r\nAUTH PLAIN {answer('PLAIN', 'evil', 'pw')}\r\n",
    "NOOP\r\n" * 500, "QUIT\r\n", "MAIL FROM:<ev", "\r\n", "\n", "x" * 5000,
]


@pytest.mark.parametrize("injected", INJECTED)
def test_what_came_with_starttls_in_one_packet_has_no_effect(mock: Mock, injected: str) -> None:
    with greeted(mock) as client:
        client.send(b"STARTTLS\r\n" + injected.encode())
        assert client.reply().code == 220
        client.start_tls(mock.ca)
        assert client.say("RCPT TO:<a@b.example>").startswith(b"503 5.5.1 say EHLO")
        assert client.say("EHLO good.example").code == 250
        assert client.say("RCPT TO:<a@b.example>").startswith(b"503 5.5.1 MAIL")
        assert client.transact() == [250, 250, 354, 250]
    assert len(mock.messages()) == 1
    message = mock.message(1)
    assert message["envelope"]["from"]["address"] == "sender@example.test"
    assert (message["client"]["name"], message["client"]["user"]) == ("good.example", None)
    notes = [one["line"] for one in message["dialogue"] if one["who"] == "note"]
    assert "what came behind STARTTLS in the clear is thrown away" in notes


def test_a_transaction_before_starttls_is_forgotten(mock: Mock) -> None:
    """STARTTLS is not in order in a transaction; what EHLO said before it does not count."""
    with greeted(mock) as client:
        client.say(SENDER)
        assert client.say("STARTTLS").code == 503
        client.say("RSET")
        assert client.say("STARTTLS").code == 220
        client.start_tls(mock.ca)
        assert client.say(SENDER).startswith(b"503 5.5.1 say EHLO")
        assert client.say("HELO client.example").code == 250


def test_a_pipeline_under_tls(mock: Mock) -> None:
    with greeted(mock) as client:
        client.say("STARTTLS")
        client.start_tls(mock.ca)
        one = f"{SENDER}\r\n{RECIPIENT}\r\nDATA\r\nSubject: x\r\n.\r\n".encode()
        client.send(b"EHLO client.example\r\n" + one * 100 + b"QUIT\r\n")
        codes = [client.reply().code for _ in range(1 + 400 + 1)]
        assert codes == [250, *[250, 250, 354, 250] * 100, 221]
        assert client.rest() == b""
    assert mock.stats()["received"] == 100


def test_a_large_message_under_tls(mock: Mock) -> None:
    text = bytes(range(32, 127)) * 100_000
    with greeted(mock) as client:
        client.say("STARTTLS")
        client.start_tls(mock.ca)
        for line in ("EHLO client.example", SENDER, RECIPIENT, "DATA"):
            client.say(line)
        client.send(text + b"\r\n.\r\n")
        assert client.reply().code == 250
    assert mock.raw(1) == text + b"\r\n"


def test_tls_needs_no_environment(mock_binary: Path, tmp_path: Path) -> None:
    """An empty configuration of OpenSSL does as well as Debian's."""
    with Mock(mock_binary, tmp_path, env={"OPENSSL_CONF": "/dev/null"}) as mock, verify(mock):
        pass
