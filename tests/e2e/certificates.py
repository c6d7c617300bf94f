"""A certificate authority of our own, and certificates that are right or wrong in one way each."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

GOOD_NAMES = "DNS:localhost,IP:127.0.0.1,DNS:mail.example.test"
WRONG_NAMES = "DNS:elsewhere.example.test"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, both PEM files."""

    cert: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    """Everything the servers and the clients of the tests need.

    `ca` signed good, expired and wronghost; `other_ca` signed nothing that any server shows, so a
    client that trusts only it must refuse them all.
    """

    ca: Certificate
    other_ca: Certificate
    good: Certificate
    expired: Certificate
    wronghost: Certificate
    selfsigned: Certificate


def make_certificates(folder: Path) -> Certificates:
    """Make them all in `folder`. P-256 keys: making eleven files takes a fraction of a second."""
    ca = _self_signed(folder, "ca", "prankcurl test CA", extensions=_ca_extensions())
    return Certificates(
        ca=ca,
        other_ca=_self_signed(folder, "other-ca", "some other CA", extensions=_ca_extensions()),
        good=_signed(folder, "good", GOOD_NAMES, ca),
        # Valid until yesterday. Nothing but the date is wrong with it.
        expired=_signed(folder, "expired", GOOD_NAMES, ca, days=-1),
        wronghost=_signed(folder, "wronghost", WRONG_NAMES, ca),
        selfsigned=_self_signed(
            folder, "selfsigned", "localhost", extensions=[f"subjectAltName={GOOD_NAMES}"]
        ),
    )


def _ca_extensions() -> list[str]:
    return ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]


def _self_signed(folder: Path, name: str, common_name: str, extensions: list[str]) -> Certificate:
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    _new_key(made.key)
    added = [word for extension in extensions for word in ("-addext", extension)]
    _openssl("req", "-x509", "-new", "-key", made.key, "-subj", f"/CN={common_name}",
             "-days", "30", *added, "-out", made.cert)
    return made


def _signed(
    folder: Path, name: str, alternative_names: str, ca: Certificate, days: int = 30
) -> Certificate:
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    request = folder / f"{name}.csr"
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={alternative_names}\nbasicConstraints=CA:FALSE\n")
    _new_key(made.key)
    _openssl("req", "-new", "-key", made.key, "-subj", f"/CN={name}", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial",
             "-days", str(days), "-extfile", extensions, "-out", made.cert)
    return made


def _new_key(path: Path) -> None:
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)


def _openssl(*words: str | Path) -> None:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]} failed: {done.stderr}")
