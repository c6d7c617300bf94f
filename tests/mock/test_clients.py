"""swaks, msmtp and curl: none complains, and every byte is right at the other end."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from clients import PASSWORD, RAW, SENDER, TEXT, TO, USER, expect_success, run, the_message
from mock import Mock

# swaks

def swaks(mock: Mock, home: Path, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    (home / "message").write_text(TEXT.removesuffix("\n"))  # swaks ends the last line itself
    return run(home, "swaks", "--server", "127.0.0.1", "--from", SENDER, "--to", ",".join(TO),
               "--helo", "client.example", "--data", f"@{home}/message", *words)


@pytest.mark.parametrize("words", [[], ["--pipeline"]])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_swaks(guarded: Mock, tmp_path: Path, mechanism: str, words: list[str]) -> None:
    printed = expect_success(swaks(
        guarded, tmp_path, "--port", str(guarded.port), "--tls", "--tls-verify", "--tls-ca-path",
        guarded.ca, "--auth", mechanism, "--auth-user", USER, "--auth-password", PASSWORD, *words))
    assert b"\n<~* " not in printed and b"\n***" not in printed
    assert the_message(guarded)["client"]["mechanism"] == mechanism


def test_swaks_with_tls_from_the_start(guarded: Mock, tmp_path: Path) -> None:
    expect_success(swaks(
        guarded, tmp_path, "--port", str(guarded.smtps_port), "--tls-on-connect", "--tls-verify",
        "--tls-ca-path", guarded.ca, "--auth-user", USER, "--auth-password", PASSWORD))
    assert the_message(guarded)["client"]["protocol"] == "ESMTPSA"


def test_swaks_in_the_clear(mock: Mock, tmp_path: Path) -> None:
    expect_success(swaks(mock, tmp_path, "--port", str(mock.port)))
    the_message(mock, user=None, tls=False)


@pytest.mark.parametrize("words, returncode", [
    (["--tls-ca-path", "{other}"], 29), (["--auth-password", "wrong"], 28),
])
def test_swaks_that_must_fail(
    guarded: Mock, tmp_path: Path, other_ca: Path, words: list[str], returncode: int
) -> None:
    done = swaks(guarded, tmp_path, "--port", str(guarded.port), "--tls", "--tls-verify",
                 "--tls-ca-path", guarded.ca, "--auth-user", USER, "--auth-password", PASSWORD,
                 *(word.format(other=other_ca) for word in words))
    assert done.returncode == returncode
    assert guarded.stats()["received"] == 0


# msmtp

def msmtp(
    mock: Mock, home: Path, auth: str, *words: str, smtps: bool = False, password: str = PASSWORD,
    ca: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    (home / "rc").write_text("\n".join([
        "account default", "host 127.0.0.1", f"port {mock.smtps_port if smtps else mock.port}",
        f"from {SENDER}", "domain client.example", "tls on",
        f"tls_starttls {'off' if smtps else 'on'}", f"tls_trust_file {ca or mock.ca}",
        f"auth {auth}", f"user {USER}", f"password {password}", "logfile", "",
    ]))
    (home / "rc").chmod(0o600)
    return run(home, "msmtp", "-C", home / "rc", *words, "--", *TO, text=TEXT)


@pytest.mark.parametrize("smtps", [False, True])
@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5", "xoauth2", "oauthbearer"])
def test_msmtp(guarded: Mock, tmp_path: Path, auth: str, smtps: bool) -> None:
    assert expect_success(msmtp(guarded, tmp_path, auth, smtps=smtps)) == b""
    assert the_message(guarded)["client"]["mechanism"] == auth.upper()


def test_msmtp_chooses_by_itself_and_asks_for_reports(guarded: Mock, tmp_path: Path) -> None:
    words = ("--dsn-notify=failure,delay", "--dsn-return=headers")
    expect_success(msmtp(guarded, tmp_path, "on", *words))
    envelope = the_message(guarded)["envelope"]
    assert envelope["from"]["parameters"] == ["RET=HDRS"]
    assert [one["parameters"] for one in envelope["to"]] == [["NOTIFY=FAILURE,DELAY"]] * 2


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5", "xoauth2", "oauthbearer"])
def test_msmtp_with_a_wrong_password(guarded: Mock, tmp_path: Path, auth: str) -> None:
    done = msmtp(guarded, tmp_path, auth, password="wrong")
    assert done.returncode == 77 and b"authentication failed" in done.stderr
    assert guarded.stats()["received"] == 0


def test_msmtp_with_another_ca(guarded: Mock, tmp_path: Path, other_ca: Path) -> None:
    assert b"TLS" in msmtp(guarded, tmp_path, "plain", ca=other_ca).stderr
    assert guarded.stats()["received"] == 0


# curl

def curl(
    mock: Mock, home: Path, *words: str | Path, smtps: bool = False, text: bytes = RAW
) -> subprocess.CompletedProcess[bytes]:
    (home / "message").write_bytes(text)
    url = f"smtps://127.0.0.1:{mock.smtps_port}" if smtps else f"smtp://127.0.0.1:{mock.port}"
    to = [word for address in TO for word in ("--mail-rcpt", address)]
    return run(home, "curl", "-sS", f"{url}/client.example", "--ssl-reqd", "--cacert", mock.ca,
               "--mail-from", SENDER, *to, "--upload-file", home / "message", *words)


@pytest.mark.parametrize("smtps", [False, True])
@pytest.mark.parametrize("sasl_ir", [[], ["--sasl-ir"]])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "OAUTHBEARER"])
def test_curl(
    guarded: Mock, tmp_path: Path, mechanism: str, sasl_ir: list[str], smtps: bool
) -> None:
    """With a token it prefers OAUTHBEARER, whatever one says; XOAUTH2 is prankcurl's to show."""
    is_token = mechanism == "OAUTHBEARER"
    login = ["--user", USER, "--oauth2-bearer", PASSWORD] if is_token else [
        "--user", f"{USER}:{PASSWORD}"]
    expect_success(curl(guarded, tmp_path, *login, "--login-options", f"AUTH={mechanism}", *sasl_ir,
                        smtps=smtps))
    assert the_message(guarded)["client"]["mechanism"] == mechanism


@pytest.mark.parametrize("text", [b"", b".\r\n", b"\r\n.\r\n", b"x" * 1_000_000 + b"\r\n",
                                  b".\r\n" * 10_000, bytes(range(0x0e, 0x100)) * 2000 + b"\r\n"])
def test_curl_with_odd_messages(mock: Mock, tmp_path: Path, text: bytes) -> None:
    expect_success(curl(mock, tmp_path, text=text))
    the_message(mock, raw=text, user=None)


@pytest.mark.parametrize("words, returncode", [
    (["--user", f"{USER}:wrong"], 67), (["--cacert", "{other}"], 60), (["--mail-from", "a b"], 55),
])
def test_curl_that_must_fail(
    guarded: Mock, tmp_path: Path, other_ca: Path, words: list[str], returncode: int
) -> None:
    done = curl(guarded, tmp_path, "--user", f"{USER}:{PASSWORD}",
                *(word.format(other=other_ca) for word in words))
    assert done.returncode == returncode, done.stderr
    assert guarded.stats()["received"] == 0
