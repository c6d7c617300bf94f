"""First lines, what is said while it works, signals, and its process."""

from __future__ import annotations

import json
import re
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import StartMock
from hidden import forms_of
from mock import Mock
from programs import FREE, running
from raw_client import greeted
from waiting import until

LOOPBACK = r"127\.0\.0\.1:\d+"


# First lines

def test_the_first_lines(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> None:
    """They are there before anything else happens, though stdout is a pipe."""
    with running([mock_binary, *FREE, "--tls-dir", tls_dir], tmp_path) as program:
        assert re.fullmatch(f"smtp {LOOPBACK}", program.lines[0])
        assert re.fullmatch(f"page http://{LOOPBACK}/", program.lines[1])
        assert program.lines[2] == f"ca {tls_dir / 'ca.pem'}"
        assert program.greeting().startswith(b"220 ")
        assert program.end() == (0, "", "")


def test_the_first_lines_with_smtps(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> None:
    words = [mock_binary, *FREE, "--smtps", "localhost:0", "--tls-dir", tls_dir]
    with running(words, tmp_path, first_lines=4) as program:
        assert [line.partition(" ")[0] for line in program.lines] == ["smtp", "smtps", "page", "ca"]
        assert re.fullmatch(LOOPBACK, program["smtps"])


def test_the_first_line_with_json(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> None:
    words = [mock_binary, *FREE, "--json", "--tls-dir", tls_dir]
    with running(words, tmp_path, first_lines=1) as program:
        listening = json.loads(program.lines[0])
        assert set(listening) == {"smtp", "smtps", "page", "ca"}
        assert re.fullmatch(LOOPBACK, listening["smtp"]) and listening["smtps"] is None
        assert re.fullmatch(f"http://{LOOPBACK}/", listening["page"])
        assert listening["ca"] == str(tls_dir / "ca.pem")
        assert program.end() == (0, "", "")


def test_the_ca_is_told_as_a_whole_path(mock_binary: Path, tmp_path: Path) -> None:
    words = [f"cd {tmp_path}; exec {mock_binary} {' '.join(FREE)} --tls-dir here"]
    with running(["sh", "-c", *words], tmp_path) as program:
        assert program["ca"] == str(tmp_path.resolve() / "here/ca.pem")


def test_it_listens_on_ipv6(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> None:
    if not has_ipv6():
        pytest.skip("there is no IPv6 here")
    words = [mock_binary, "--smtp", "[::1]:0", "--http", "[::1]:0", "--tls-dir", tls_dir]
    with running(words, tmp_path) as program:
        assert re.fullmatch(r"smtp \[::1\]:\d+", program.lines[0])
        assert re.fullmatch(r"page http://\[::1\]:\d+/", program.lines[1])
        assert program.greeting().startswith(b"220 ")
        assert program.end() == (0, "", "")


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("option", ["--smtp", "--smtps", "--http"])
def test_others_can_reach_it_is_a_warning(
    mock_binary: Path, tmp_path: Path, tls_dir: Path, option: str
) -> None:
    words = dict(zip(FREE[::2], FREE[1::2], strict=True)) | {option: "0.0.0.0:0"}
    flat = [word for pair in words.items() for word in pair]
    args = [mock_binary, *flat, "-q", "--tls-dir", tls_dir]
    with running(args, tmp_path, first_lines=4 if option == "--smtps" else 3) as program:
        bound = [line.split("0.0.0.0:")[1].rstrip("/") for line in program.lines
                 if "0.0.0.0:" in line]
        returncode, _, stderr = program.end()
    assert returncode == 0 and len(bound) == 1 and bound[0] != "0"
    assert re.fullmatch(
        rf"prankmock: warning: {option} 0\.0\.0\.0:{bound[0]} can be reached .*\n", stderr)


# While it works

def test_a_json_line_for_each_message(start_mock: StartMock) -> None:
    mock = start_mock("--json")
    mock.deliver("Subject: one\r\n\r\n", sender="a@b.example", to=["c@d.example", "e@f.example"])
    mock.deliver("Subject: two\r\n\r\n")
    until(lambda: len(mock.lines) == 2)
    for line, id in zip(mock.lines, (1, 2), strict=True):
        told, kept = json.loads(line), mock.message(id)
        names = ("id", "received", "size", "envelope", "client")
        assert told == {name: kept[name] for name in names}
    assert [one["address"] for one in json.loads(mock.lines[0])["envelope"]["to"]] == [
        "c@d.example", "e@f.example"]


def test_a_line_on_stderr_for_each_message(mock: Mock) -> None:
    mock.deliver("Subject: one\r\n\r\n", sender="a@b.example", to=["c@d.example", "e@f.example"])
    mock.deliver("Subject: two\r\n\r\n", sender="", to="c@d.example")
    until(lambda: mock.stderr.count("\n") == 2)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d message 1: from <a@b\.example>, 2 recipients, 16 bytes, ESMTP\n"
        r"\d\d:\d\d:\d\d message 2: from <>, 1 recipient, 16 bytes, ESMTP\n", mock.stderr)
    assert mock.lines == []


def test_quiet_says_nothing(start_mock: StartMock) -> None:
    mock = start_mock("-q")
    mock.deliver("Subject: one\r\n\r\n")
    mock.stop()
    assert (mock.stderr, mock.lines) == ("", [])


def test_verbose_shows_the_dialogue_without_secrets(start_mock: StartMock) -> None:
    mock = start_mock("-v")
    with mock.smtp() as client:
        client.login("nadia", "correct-horse-battery")
        client.sendmail("a@b.example", ["c@d.example"], b"Subject: one\r\n\r\nnot shown\r\n")
    until(lambda: "message of" in mock.stderr)
    for line in ("  C ehlo client.example", "  C AUTH CRAM-MD5", "  C (secret)",
                 "  S 235 2.7.0 welcome, nadia", "  C mail FROM:<a@b.example> size=27",
                 "  C data", "  N a message of 27 bytes"):
        assert f"\n{line}\n" in mock.stderr, line
    for form in forms_of("correct-horse-battery"):
        assert form not in mock.stderr.encode()
    assert "not shown" not in mock.stderr


@pytest.mark.parametrize("words", [["-v"], ["-v", "--lenient"]])
def test_what_clients_say_cannot_harm_the_terminal(
    start_mock: StartMock, words: list[str]
) -> None:
    mock = start_mock(*words)
    with greeted(mock) as client:
        for line in ("EHLO \x1b[2J", "\x1b]0;evil\x07", "MAIL FROM:<a\x9bm@b.example> SMTPUTF8",
                     "NOOP \x08\u2028", "MAIL FROM:<zoé@b.example> SMTPUTF8",
                     "RCPT TO:<a@b.example>", "DATA", "\x1b[31mred\r\n."):
            client.say(line)
    until(lambda: "message of" in mock.stderr)
    assert "<zoé@b.example>" in mock.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", mock.stderr)


# Its end, and its process

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(mock: Mock, number: signal.Signals) -> None:
    """Also while clients are connected, and somebody waits for messages."""
    with greeted(mock) as client:
        client.send(b"MAIL FROM:<a@b.example>\r\n")
        assert client.reply().code == 250
        mock.stop(number=number)
        assert client.rest() == b""


def test_it_leaves_no_core_file_and_has_all_the_files_it_may(mock: Mock) -> None:
    """Passwords and private mail would be in it."""
    limits = Path(f"/proc/{mock.process.pid}/limits").read_text("ascii")
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)
    files = re.search(r"^Max open files +(\d+) +(\d+) ", limits, re.MULTILINE)
    assert files and files[1] == files[2]


def test_with_too_few_files_it_waits_and_goes_on(
    mock_binary: Path, tmp_path: Path, tls_dir: Path
) -> None:
    """It says so now and then, and serves others when some have gone."""
    command = f"ulimit -n 40; exec {mock_binary} {' '.join(FREE)} --tls-dir {tls_dir}"
    with running(["sh", "-c", command], tmp_path) as program:
        with ExitStack() as stack:
            clients = [stack.enter_context(program.connect()) for _ in range(60)]
            assert clients[0].recv(4) == b"220 "
            assert program.process.stderr
            told = [program.process.stderr.readline() for _ in range(2)]
            assert set(told) == {b"prankmock: warning: cannot take a connection: Too many open "
                                 b"files; trying again soon\n"}
        assert program.greeting().startswith(b"220 ")
        returncode, _, stderr = program.end()
    assert returncode == 0 and stderr.count("\n") < 50


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_it_needs_neither_stdin_nor_stderr(
    mock_binary: Path, tmp_path: Path, tls_dir: Path, closed: str
) -> None:
    command = f"exec {mock_binary} {' '.join(FREE)} --tls-dir {tls_dir} {closed}"
    with running(["sh", "-c", command], tmp_path) as program, program.connect() as client:
        client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n.\r\n"
                       b"QUIT\r\n")
        said = b""
        while more := client.recv(10_000):
            said += more
        assert b"\r\n250 2.0.0 Ok: queued as 1\r\n221 " in said
        assert program.end()[0] == 0


def test_a_reader_of_stdout_may_go(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> None:
    """As in `prankmock --json | head -1`: it goes on serving."""
    words = [mock_binary, *FREE, "--json", "-q", "--tls-dir", tls_dir]
    with running(words, tmp_path, first_lines=1) as program:
        assert program.process.stdout
        program.process.stdout.close()
        host, _, port = json.loads(program.lines[0])["smtp"].partition(":")
        for _ in range(2):
            with socket.create_connection((host, int(port)), 20) as client:
                client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\n"
                               b"DATA\r\n.\r\nQUIT\r\n")
                said = b""
                while more := client.recv(10_000):
                    said += more
                assert b"221 " in said
        program.process.terminate()
        assert program.process.wait(20) == 0


def test_it_starts_on_its_port_again_at_once(start_mock: StartMock) -> None:
    """Though connections of the one before have only just ended."""
    first = start_mock()
    first.deliver("Subject: one\r\n\r\n")
    address = f"{first.host}:{first.port}"
    with greeted(first):
        first.stop()
    again = start_mock("--smtp", address)
    assert f"{again.host}:{again.port}" == address
    again.deliver("Subject: two\r\n\r\n")
