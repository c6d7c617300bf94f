"""The command line: help, and what each mistake is told."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path

import pytest

from mock import clean_environment, run_mock
from programs import FREE

OPTIONS = ["--smtp", "--smtps", "--http", "--tls-dir", "--user", "--password-env", "--faults",
           "--max-messages", "--max-bytes", "--store", "--lenient", "--json", "--quiet",
           "--verbose", "--help", "--version"]
HINT = "prankmock: --help shows all options"


def complaint(binary: Path, folder: Path, *words: str | Path, returncode: int,
              env: dict[str, str] | None = None) -> str:
    """The one line that it says when it refuses to start, without the hint behind it."""
    done = run_mock(binary, folder, *words, env=env)
    assert (done.returncode, done.stdout) == (returncode, ""), done
    lines = done.stderr.splitlines()
    # Only who has misunderstood the options needs to hear of --help.
    if returncode in (64, 78) and lines[-1] == HINT:
        lines.pop()
    assert len(lines) == 1, lines
    return lines[0]


# Help

@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help(mock_binary: Path, tmp_path: Path, word: str) -> None:
    done = run_mock(mock_binary, tmp_path, word)
    assert (done.returncode, done.stderr) == (0, "")
    listed = re.findall(r"^  (?:-\w,|   ) (--[\w-]+)", done.stdout, re.MULTILINE)
    assert listed == OPTIONS
    assert max(map(len, done.stdout.splitlines())) <= 100
    for told in ("127.0.0.1:2525", "127.0.0.1:8282", "1000", "268435456"):
        assert told in done.stdout


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_version(mock_binary: Path, tmp_path: Path, word: str) -> None:
    done = run_mock(mock_binary, tmp_path, word)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(r"prankmock \d+\.\d+\.\d+\n", done.stdout)
    for library in ("libevent", "GMime", "cJSON", "OpenSSL"):
        assert re.search(rf"{library}[ /]\d+\.\d+", done.stdout)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_output_that_cannot_be_written(mock_binary: Path, tmp_path: Path, word: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([mock_binary, word], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=clean_environment(tmp_path))
    assert done.returncode == 74
    assert len(done.stderr.splitlines()) == 1


def test_first_lines_that_cannot_be_written(mock_binary: Path, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([mock_binary, *FREE], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=clean_environment(tmp_path), timeout=20)
    assert done.returncode == 74
    assert "stdout" in done.stderr


# Wrong options

WRONG_ADDRESSES = ["", "2525", ":2525", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                   "127.0.0.1:-1", "127.0.0.1:25 ", "example.test:25", "[::1]", "::1:25", "[::1:25",
                   "[]:25", "[127.0.0.1]:25", "1.2.3:25", "127.0.0.1:99999999999999999999"]


@pytest.mark.parametrize("option", ["--smtp", "--smtps", "--http"])
@pytest.mark.parametrize("value", WRONG_ADDRESSES)
def test_what_is_no_address(mock_binary: Path, tmp_path: Path, option: str, value: str) -> None:
    others = [word for word in FREE if option == "--smtps" or word not in (option,)]
    words = ["--tls-dir", tmp_path / "tls", *(others if option == "--smtps" else []), option, value]
    if option == "--http":
        words += ["--smtp", "127.0.0.1:0"]
    told = complaint(mock_binary, tmp_path, *words, returncode=64)
    assert told.startswith(f'prankmock: {option}: "{value}"')
    assert f"127.0.0.1:{8282 if option == '--http' else 2525}, " in told
    assert told.endswith("a port is 0 to 65535")


@pytest.mark.parametrize("option, values, told", [
    ("--max-messages", ["0", "-1", "x", "", "1.5", "10k"], "needs a whole number, 1 or more"),
    ("--max-messages", ["9999999999999999"], "too large; a number of 15 digits"),
    ("--max-bytes", ["0", "65535", "1M", "-65536", ""],
     "needs a number of bytes, without a unit, 65536 or more"),
    ("--max-bytes", ["99999999999999999"], "too large; a number of 15 digits"),
])
def test_wrong_numbers(
    mock_binary: Path, tmp_path: Path, option: str, values: list[str], told: str
) -> None:
    for value in values:
        line = complaint(mock_binary, tmp_path, option, value, returncode=64)
        assert option in line and told in line and f'"{value}"' in line


@pytest.mark.parametrize("words, told", [
    (["--no-such"], "--no-such"), (["-x"], "-x"), (["--lenient=1"], "--lenient"), (["x"], '"x"'),
    (["--", "x"], '"x"'), (["--smtp"], "--smtp"), (["--store"], "--store"), (["-q", "-Z"], "-Z"),
    (["--user", "tom"], "--user and --password-env"),
    (["--password-env", "PW"], "--user and --password-env"),
    (["-q", "-v"], "--quiet and --verbose"), (["--quie"], 'no option of prankmock: "--quie"'),
])
def test_wrong_command_line(
    mock_binary: Path, tmp_path: Path, words: list[str], told: str
) -> None:
    done = run_mock(mock_binary, tmp_path, *words)
    assert (done.returncode, done.stdout) == (64, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 2 and lines[1] == HINT
    assert lines[0].startswith("prankmock: ") and told in lines[0]


@pytest.mark.parametrize("words", [["--password", "secret"], ["--password=secret"],
                                   ["--pass", "secret"], ["--lenient=secret"]])
def test_what_may_be_a_password_is_not_shown(
    mock_binary: Path, tmp_path: Path, words: list[str]
) -> None:
    told = complaint(mock_binary, tmp_path, "--user", "x", *words, returncode=64)
    assert told.endswith(f'"{words[0].split("=")[0]}"') and "secret" not in told


@pytest.mark.parametrize("env", [{}, {"PW": ""}])
def test_a_password_that_is_not_there(
    mock_binary: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    told = complaint(mock_binary, tmp_path, "--user", "tom", "--password-env", "PW", env=env,
                     returncode=78)
    assert "PW" in told


def test_a_user_without_a_name(mock_binary: Path, tmp_path: Path) -> None:
    complaint(mock_binary, tmp_path, "--user", "", "--password-env", "PW", env={"PW": "x"},
              returncode=64)


@pytest.mark.parametrize("option", ["--smtp", "--smtps", "--http"])
def test_a_port_in_use(mock_binary: Path, tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        words = dict(zip(FREE[::2], FREE[1::2], strict=True)) | {option: address}
        flat = [word for pair in words.items() for word in pair]
        told = complaint(mock_binary, tmp_path, *flat, returncode=69)
    assert address in told and "in use" in told and option in told


def test_an_address_that_is_not_ours(mock_binary: Path, tmp_path: Path) -> None:
    told = complaint(mock_binary, tmp_path, "--smtp", "192.0.2.1:0", returncode=69)
    assert "192.0.2.1:0" in told


@pytest.mark.parametrize("name", ["gone.json", ".", ""])
def test_a_faults_file_that_cannot_be_read(mock_binary: Path, tmp_path: Path, name: str) -> None:
    path = f"{tmp_path}/{name}" if name else ""
    told = complaint(mock_binary, tmp_path, *FREE, "--faults", path, returncode=66)
    assert f'"{path}"' in told


@pytest.mark.parametrize("words", [("--tls-dir", "{}/file/below"), ("--tls-dir", "{}/file"),
                                   ("--tls-dir", "/proc/nothing"), ("--tls-dir", "{}/" + "x" * 300),
                                   ("--tls-dir", "/" + "x" * 5000), ("--tls-dir", "")])
def test_a_tls_dir_that_cannot_be_made(
    mock_binary: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    (tmp_path / "file").write_text("")
    told = complaint(mock_binary, tmp_path, *FREE, words[0], words[1].format(tmp_path),
                     returncode=73)
    assert words[1].format(tmp_path)[:100] in told


def test_a_store_that_cannot_be_made(mock_binary: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file/below"):
        told = complaint(mock_binary, tmp_path, *FREE, "--store", path, returncode=73)
        assert str(path) in told
