"""What the tests of prankmock share: the program, and a fresh server for every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from clients import PASSWORD, USER
from mock import REPOSITORY, Mock
from pem import make_pair

GUARD = ("--user", USER, "--password-env", "MOCK_PASSWORD")
StartMock = Callable[..., Mock]


@pytest.fixture(scope="session")
def mock_binary() -> Path:
    """The program under test: $PRANKMOCK_BINARY, or what the preset `dev` builds."""
    named = os.environ.get("PRANKMOCK_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankmock"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKMOCK_BINARY"
    return binary


@pytest.fixture(scope="session")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate authority for all servers, so that they start quickly."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def mock(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> Iterator[Mock]:
    """A fresh server; at the end it must go in good order and have complained of nothing."""
    with Mock(mock_binary, tmp_path, tls_dir=tls_dir) as server:
        yield server


@pytest.fixture(scope="module")
def shared_mock(
    mock_binary: Path, tmp_path_factory: pytest.TempPathFactory, tls_dir: Path
) -> Iterator[Mock]:
    """One server for a whole file: for tests that don't mind what others have left behind."""
    with Mock(mock_binary, tmp_path_factory.mktemp("shared"), tls_dir=tls_dir) as server:
        yield server


@pytest.fixture
def start_mock(mock_binary: Path, tmp_path: Path, tls_dir: Path) -> Iterator[StartMock]:
    """Starts servers with more words: start_mock("--lenient", env=…). They end with the test."""
    with ExitStack() as stack:
        def start(*words: str | Path, env: dict[str, str] | None = None) -> Mock:
            server = Mock(mock_binary, tmp_path, *words, env=env, tls_dir=tls_dir)
            return stack.enter_context(server)

        yield start


@pytest.fixture
def guarded(start_mock: StartMock) -> Mock:
    """Only one user may send, so that nothing gets in by accident."""
    return start_mock("--smtps", "127.0.0.1:0", "-q", *GUARD, env={"MOCK_PASSWORD": PASSWORD})


@pytest.fixture(scope="session")
def other_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority that has signed nothing that is used here."""
    folder = tmp_path_factory.mktemp("other") / "tls"
    make_pair(folder, "other", 30)
    return folder / "ca.pem"


@pytest.fixture(scope="session")
def prankcurl_binary() -> Path:
    named = os.environ.get("PRANKCURL_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankcurl"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKCURL_BINARY"
    return binary
