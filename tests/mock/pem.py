"""Certificates: made by openssl, and seen by a client that checks them."""

from __future__ import annotations

import ssl
import stat
import subprocess
from pathlib import Path

from mock import TIMEOUT_S, Mock
from raw_client import RawClient

def openssl(*words: str | Path, text: str = "") -> str:
    done = subprocess.run(["openssl", *map(str, words)], input=text, capture_output=True, text=True,
                          timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def make_pair(folder: Path, maker: str, days: int) -> None:
    """ca.pem and server.pem as prankmock makes them, but by openssl, and for so many days."""
    folder.mkdir(exist_ok=True)
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *new_key, "-subj", f"/O={maker}/CN=test CA", "-days", "30",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    openssl("req", *new_key, "-subj", f"/O={maker}/CN=localhost", "-keyout", folder / "server.key",
            "-out", folder / "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem",
            "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", str(days),
            "-extfile", folder / "names", "-out", folder / "server.crt")
    pem = (folder / "server.key").read_text() + (folder / "server.crt").read_text()
    (folder / "server.pem").write_text(pem)
    for name in ("ca.key", "ca.srl", "server.key", "server.csr", "server.crt", "names"):
        (folder / name).unlink(missing_ok=True)


def verify(mock: Mock, host: str = "127.0.0.1") -> ssl.SSLSocket:
    """A connection whose certificate was checked, after STARTTLS."""
    client = RawClient(mock)
    client.reply()
    client.say("EHLO client.example")
    assert client.say("STARTTLS").code == 220
    context = ssl.create_default_context(cafile=str(mock.ca))
    return context.wrap_socket(client.socket, server_hostname=host)
