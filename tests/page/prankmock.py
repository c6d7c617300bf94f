"""Starts prankmock on free ports, and sends mail to it."""

from __future__ import annotations

import os
import smtplib
import subprocess
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ORGANISER = "nadia@example.test"
END_S = 5


def program() -> Path:
    """The program under test: $PRANKMOCK_BINARY, or what the preset `dev` builds."""
    named = os.environ.get("PRANKMOCK_BINARY")
    binary = Path(named).absolute() if named else REPOSITORY / "build/dev/prankmock"
    assert binary.is_file(), f"no program at {binary}: build it, or set PRANKMOCK_BINARY"
    return binary


def make_mail(
    subject: str = "seven layers", text: str | None = "At noon.\n", html: str | None = None,
    author: str = "Zoé Müller <zoe@example.test>", to: Sequence[str] = ("tom@example.test",),
    **fields: str,
) -> EmailMessage:
    """A message; in names of further fields `_` stands for `-`."""
    mail = EmailMessage()
    mail["From"] = author
    mail["To"] = ", ".join(to)
    mail["Subject"] = subject
    mail["Date"] = "Thu, 01 Apr 2027 08:00:00 +0000"
    mail["Message-ID"] = "<1.cake@example.test>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    if text is not None:
        mail.set_content(text)
    if html is not None and text is not None:
        mail.add_alternative(html, subtype="html")
    elif html is not None:
        mail.set_content(html, subtype="html")
    return mail


def make_prank(number: int, readers: int, campaign: str = "april-fools") -> EmailMessage:
    """A prank as prankcurl sends it, with a witness in Cc."""
    to = [formataddr((f"Reader {place}", f"reader{place}@example.test"))
          for place in range(readers)]
    return make_mail(f"prank {number}", author=f"Author {number} <author{number}@example.test>",
                     to=to, Sender=f"Nadia Rossi <{ORGANISER}>",
                     Cc="Witness <witness@example.test>", X_Prank_Campaign=campaign)


class Prankmock:
    """A running prankmock. Addresses of an earlier run can be given, to be its successor."""

    def __init__(
        self, tls_dir: Path, smtp: str = "127.0.0.1:0", http: str = "127.0.0.1:0"
    ) -> None:
        self._process = subprocess.Popen(
            [program(), "--smtp", smtp, "--http", http, "--tls-dir", tls_dir, "--quiet",
             "--max-messages", "5000"],
            stdout=subprocess.PIPE, text=True)
        self.smtp = self._told("smtp")
        self.page = self._told("page")
        self.ca = self._told("ca")

    def _told(self, name: str) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline().rstrip("\n")
        word, _, value = line.partition(" ")
        assert word == name, f"expected the line `{name} …`, prankmock said {line!r}"
        return value

    @property
    def http(self) -> str:
        return self.page.removeprefix("http://").rstrip("/")

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(END_S)
        finally:
            self._process.kill()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()

    def send(
        self, *mails: EmailMessage | bytes, sender: str = ORGANISER,
        to: Sequence[str] | None = None, options: Sequence[str] = (),
    ) -> None:
        """Submits each; `to` are the recipients of the envelope, else those of To and Cc."""
        host, port = self.smtp.rsplit(":", 1)
        with smtplib.SMTP(host, int(port), local_hostname="lab-3.example.test") as session:
            for mail in mails:
                content = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
                session.sendmail(sender, to or named(mail), content, mail_options=options)


def named(mail: EmailMessage | bytes) -> list[str]:
    if isinstance(mail, bytes):
        return ["tom@example.test"]
    fields = [field for name in ("To", "Cc") for field in mail.get_all(name, [])]
    return [address.addr_spec for field in fields for address in field.addresses]
