"""What the end-to-end tests share: certificates, a real mail server, the program, campaigns."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns import CampaignFolder
from certificates import Certificates, make_certificates
from mailserver import MailServer
from mock import Mock
from runner import REPOSITORY, Prankcurl


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def running_mailserver(certs: Certificates) -> Iterator[MailServer]:
    """Postfix and Dovecot, started once; stopped also when the tests are told to end early."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = MailServer(certs)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        signal.signal(signal.SIGTERM, before)


@pytest.fixture
def mailserver(running_mailserver: MailServer) -> MailServer:
    """The real server, with empty mailboxes and an empty log."""
    running_mailserver.clear_mail()
    return running_mailserver


@pytest.fixture
def prankcurl(tmp_path: Path) -> Prankcurl:
    """The program under test: $PRANKCURL_BINARY, or what the preset `dev` builds."""
    named = os.environ.get("PRANKCURL_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankcurl"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKCURL_BINARY"
    return Prankcurl(binary, tmp_path)


@pytest.fixture(scope="session")
def mock_tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate authority for all of prankmock's servers, so that they start quickly."""
    return tmp_path_factory.mktemp("mock-tls")


@pytest.fixture
def mock(tmp_path: Path, mock_tls_dir: Path) -> Iterator[Mock]:
    """A fresh prankmock ($PRANKMOCK_BINARY), which offers STARTTLS and takes any password."""
    named = os.environ.get("PRANKMOCK_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankmock"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKMOCK_BINARY"
    with Mock(binary, tmp_path, "-q", tls_dir=mock_tls_dir) as server:
        yield server


@pytest.fixture
def campaign(tmp_path: Path, certs: Certificates) -> CampaignFolder:
    """Writes campaigns into the test's own folder."""
    return CampaignFolder(tmp_path, certs.ca.cert)
