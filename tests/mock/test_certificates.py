"""The certificates that are made, kept, and made anew."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest

from mock import Mock, run_mock
from pem import make_pair, mode, openssl, verify
from programs import FREE, running

NAMES = "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"
DAY_S = 86400


def test_what_is_made(mock_binary: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a/b/tls"
    with Mock(mock_binary, tmp_path, tls_dir=folder) as mock:
        assert mock.ca == folder / "ca.pem"
        with verify(mock, "localhost"), verify(mock, "127.0.0.1"), verify(mock, "::1"):
            pass
    assert sorted(one.name for one in folder.iterdir()) == ["ca.pem", "server.pem"]
    assert (mode(folder), mode(folder / "server.pem"), mode(folder / "ca.pem")) == (
        0o700, 0o600, 0o644)
    text = openssl("x509", "-in", folder / "server.pem", "-noout", "-text")
    for told in (NAMES, "CA:FALSE", "Digital Signature", "TLS Web Server Authentication",
                 f"DNS:{socket.gethostname()}"):
        assert told in text
    openssl("x509", "-in", folder / "server.pem", "-noout", "-checkend", str(800 * DAY_S))
    openssl("verify", "-x509_strict", "-CAfile", folder / "ca.pem", folder / "server.pem")


def test_the_authority_can_sign_nothing_more(mock: Mock) -> None:
    """Its key is nowhere: there is one key, and it is the server's."""
    kept = b"".join(one.read_bytes() for one in mock.tls_dir.rglob("*") if one.is_file())
    assert kept.count(b"PRIVATE KEY-----") == 2  # begin and end
    assert b"PRIVATE KEY" not in mock.ca.read_bytes()
    key = openssl("pkey", "-in", mock.tls_dir / "server.pem", "-pubout")
    assert openssl("x509", "-in", mock.tls_dir / "server.pem", "-noout", "-pubkey") == key
    assert openssl("x509", "-in", mock.ca, "-noout", "-pubkey") != key
    assert "CA:TRUE, pathlen:0" in openssl("x509", "-in", mock.ca, "-noout", "-text")


def test_the_same_ones_the_next_time(mock_binary: Path, tmp_path: Path) -> None:
    before = []
    for _ in range(2):
        with Mock(mock_binary, tmp_path) as mock, verify(mock):
            before.append([(mock.tls_dir / name).read_bytes() for name in ("ca.pem", "server.pem")])
    assert before[0] == before[1]


def test_two_that_start_at_the_same_moment_agree(mock_binary: Path, tmp_path: Path) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
            started = [pool.submit(Mock, mock_binary, tmp_path, "-q", tls_dir=folder)
                       for _ in range(4)]
            wait(started)
            mocks = [stack.enter_context(one.result()) for one in started if not one.exception()]
            assert len(mocks) == 4
            for mock in mocks:
                verify(mock).close()
        assert sorted(one.name for one in folder.iterdir()) == ["ca.pem", "server.pem"]


@pytest.mark.parametrize("days", [-1, 0])
def test_ours_are_made_anew_when_they_have_run_out(
    mock_binary: Path, tmp_path: Path, days: int
) -> None:
    make_pair(tmp_path / "tls", "prankmock", days)
    old = (tmp_path / "tls/ca.pem").read_bytes()
    with Mock(mock_binary, tmp_path) as mock, verify(mock):
        assert mock.ca.read_bytes() != old
        assert mode(mock.tls_dir / "server.pem") == 0o600


@pytest.mark.parametrize("maker, days", [("prankmock", 30), ("somebody else", 30)])
def test_good_ones_stay(mock_binary: Path, tmp_path: Path, maker: str, days: int) -> None:
    make_pair(tmp_path / "tls", maker, days)
    old = (tmp_path / "tls/server.pem").read_bytes()
    with Mock(mock_binary, tmp_path) as mock, verify(mock):
        assert (mock.tls_dir / "server.pem").read_bytes() == old


def test_somebody_elses_stay_though_they_have_run_out(mock_binary: Path, tmp_path: Path) -> None:
    make_pair(tmp_path / "tls", "somebody else", -1)
    old = (tmp_path / "tls/server.pem").read_bytes()
    with Mock(mock_binary, tmp_path) as mock:
        assert (mock.tls_dir / "server.pem").read_bytes() == old
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            verify(mock)


@pytest.mark.parametrize("content", ["", "broken", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_broken_ones_are_told_and_not_overwritten(
    mock_binary: Path, tmp_path: Path, content: str
) -> None:
    make_pair(tmp_path / "tls", "prankmock", 30)
    (tmp_path / "tls/server.pem").write_text(content)
    done = run_mock(mock_binary, tmp_path, *FREE, "--tls-dir", tmp_path / "tls")
    assert (done.returncode, done.stdout) == (73, "")
    assert re.fullmatch(r'prankmock: .*"\S+/tls/server\.pem": .+\n', done.stderr)
    assert (tmp_path / "tls/server.pem").read_text() == content


def test_a_key_of_another_certificate_is_told(mock_binary: Path, tmp_path: Path) -> None:
    make_pair(tmp_path / "tls", "a", 30)
    make_pair(tmp_path / "other", "b", 30)
    key, _, _ = (tmp_path / "other/server.pem").read_text().partition("-----BEGIN CERT")
    _, begin, certificate = (tmp_path / "tls/server.pem").read_text().partition("-----BEGIN CERT")
    (tmp_path / "tls/server.pem").write_text(key + begin + certificate)
    done = run_mock(mock_binary, tmp_path, *FREE, "--tls-dir", tmp_path / "tls")
    assert done.returncode == 73 and "server.pem" in done.stderr


@pytest.mark.parametrize("missing", ["ca.pem", "server.pem"])
def test_one_of_the_two_is_missing(mock_binary: Path, tmp_path: Path, missing: str) -> None:
    """The other one may be of value: nothing is made, nothing lost."""
    make_pair(tmp_path / "tls", "somebody else", 30)
    (tmp_path / "tls" / missing).unlink()
    before = {one: one.read_bytes() for one in (tmp_path / "tls").iterdir()}
    done = run_mock(mock_binary, tmp_path, *FREE, "--tls-dir", tmp_path / "tls")
    assert done.returncode == 73
    assert missing in done.stderr and "No such file" in done.stderr
    assert "remove ca.pem and server.pem from this folder" in done.stderr
    assert {one: one.read_bytes() for one in (tmp_path / "tls").iterdir()} == before


@pytest.mark.parametrize("missing", ["ca.pem", "server.pem"])
def test_one_of_ours_is_missing(mock_binary: Path, tmp_path: Path, missing: str) -> None:
    make_pair(tmp_path / "tls", "prankmock", 30)
    (tmp_path / "tls" / missing).unlink()
    with Mock(mock_binary, tmp_path) as mock, verify(mock):
        assert mode(mock.tls_dir / "server.pem") == 0o600


@pytest.mark.parametrize("name", ["ca.pem", "server.pem"])
def test_a_pipe_in_the_place_of_a_file(mock_binary: Path, tmp_path: Path, name: str) -> None:
    """It must not wait for somebody to write into it."""
    make_pair(tmp_path / "tls", "prankmock", 30)
    (tmp_path / "tls" / name).unlink()
    os.mkfifo(tmp_path / "tls" / name)
    done = run_mock(mock_binary, tmp_path, *FREE, "--tls-dir", tmp_path / "tls")
    assert done.returncode == 73 and f'{name}" is no file' in done.stderr


def test_somebody_keeps_the_folder_locked(mock_binary: Path, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    lock = os.open(tmp_path / "tls", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_mock(mock_binary, tmp_path, *FREE, "--tls-dir", tmp_path / "tls")
    finally:
        os.close(lock)
    assert done.returncode == 73 and "--tls-dir" in done.stderr and "locked" in done.stderr


def own_address() -> str | None:
    """This machine's, on its way to others. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return probe.getsockname()[0]


def test_this_machines_addresses_are_named(mock_binary: Path, tmp_path: Path) -> None:
    """Others in a room know it by its address only."""
    address = own_address()
    if not address or address.startswith(("127.", "169.254.")):
        pytest.skip("this machine has no address but its own")
    with Mock(mock_binary, tmp_path) as mock, verify(mock, address):
        names = openssl("x509", "-in", mock.tls_dir / "server.pem", "-noout", "-ext", "subjectAltName")
        assert f"IP Address:{address}" in names
        assert "FE80" not in names and names.count("127.0.0.1") == 1


@pytest.mark.parametrize("env, below", [
    ({}, ".local/state/prankmock"),
    ({"XDG_STATE_HOME": "{}/state"}, "state/prankmock"),
    ({"XDG_STATE_HOME": "relative"}, ".local/state/prankmock"),
    ({"XDG_STATE_HOME": ""}, ".local/state/prankmock"),
])
def test_where_they_are_kept(
    mock_binary: Path, tmp_path: Path, env: dict[str, str], below: str
) -> None:
    full = {name: value.format(tmp_path) for name, value in env.items()}
    with running([mock_binary, *FREE], tmp_path, full) as program:
        assert program["ca"] == str(tmp_path / below / "ca.pem")
    assert mode(tmp_path / below) == 0o700


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_one_has_to_say_where(
    mock_binary: Path, tmp_path: Path, home: str
) -> None:
    done = run_mock(mock_binary, tmp_path, *FREE, env={"HOME": home})
    assert done.returncode == 78
    assert "--tls-dir" in done.stderr
