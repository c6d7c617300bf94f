"""A real Postfix and Dovecot in a folder of their own, on loopback only.

Nothing of the machine's own mail setup is used or touched: what is started here has its own
configuration, queue, log and process ids, and is stopped by them.
"""

from __future__ import annotations

import base64
import imaplib
import os
import random
import re
import secrets
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mailserver_config as config
from bearer_tokens import LIFETIME_S, make_token
from certificates import Certificates

POLL_S = 0.01
_QUEUES = ("maildrop", "incoming", "active", "deferred")


def free_ports(count: int) -> list[int]:
    """Free ports outside the range the kernel gives to clients, lest one is taken meanwhile."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 2_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"no {count} free ports")


def wait_until(reached: Callable[[], bool], what: str, timeout_s: float = 20) -> None:
    """Poll until `reached()` holds, or fail and say what never came."""
    deadline = time.monotonic() + timeout_s
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s in vain for {what}")
        time.sleep(POLL_S)


class MailServer:
    """The running servers: where they listen, who may log in, what they received and logged."""

    user = config.USER

    def __init__(self, certs: Certificates) -> None:
        if os.geteuid() != 0:
            raise RuntimeError("Postfix and Dovecot of the tests' own need root to start")
        self.certs = certs
        # Characters that a URL, a template or a base64 alphabet might trip over.
        self.password = f"{secrets.token_urlsafe(12)} %41/+&@\"\\"
        self.token_key = secrets.token_bytes(32)
        self.root = Path(tempfile.mkdtemp(prefix="pk"))
        self._master_password = secrets.token_urlsafe(12)
        *listener_ports, self._imaps_port = free_ports(len(config.LISTENERS) + 1)
        self.ports = dict(zip(config.LISTENERS, listener_ports))
        self._dovecot: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    # ---- life ----

    def start(self) -> None:
        self._write_configuration()
        self._postfix("start")
        self._dovecot = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.root / "dovecot/dovecot.conf")],
            stdin=subprocess.DEVNULL,
        )
        for name, port in self.ports.items():
            wait_until(lambda: self._answers(port, name == "smtps"), f"the {name} listener")
        wait_until(lambda: self._answers(self._imaps_port, True), "the imaps listener")

    def stop(self) -> None:
        """Stop what was started here, and nothing else; then forget the folder."""
        if (self.root / "postfix/spool/pid/master.pid").exists():
            self._postfix("stop")
        if self._dovecot:
            self._dovecot.terminate()
            self._dovecot.wait(timeout=20)
        shutil.rmtree(self.root)

    def _postfix(self, verb: str) -> None:
        done = subprocess.run(["postfix", "-c", str(self.root / "postfix/etc"), verb],
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"postfix {verb}: {done.stderr}{self._read_log()}")

    def _answers(self, port: int, tls: bool) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
                if not tls:
                    return plain.recv(4) == b"220 "
                with self._tls_context().wrap_socket(plain, server_hostname="localhost") as secure:
                    return len(secure.recv(4)) > 0
        except OSError:
            return False

    def _write_configuration(self) -> None:
        root, certs = self.root, self.certs
        root.chmod(0o755)  # the servers' own users have to get to their sockets
        for folder in ("postfix/etc", "postfix/spool", "dovecot/keys/default/HS256"):
            (root / folder).mkdir(parents=True)
        for folder, owner in (("postfix/data", "postfix"), ("postfix/log", "postfix"),
                              ("mail", config.MAIL_UID), ("greylist", "nobody")):
            (root / folder).mkdir()
            shutil.chown(root / folder, owner)
        for path, text in {
            "postfix/etc/main.cf": config.main_cf(root, certs),
            "postfix/etc/master.cf": config.master_cf(root, self.ports, certs),
            "postfix/etc/recipients": config.RECIPIENTS,
            "postfix/etc/mailboxes": config.MAILBOXES,
            "postfix/etc/maildirs": config.MAILDIRS,
            "postfix/etc/sender_logins": config.SENDER_LOGINS.format(user=self.user),
            "greylist.py": config.GREYLIST_PY,
            "dovecot/dovecot.conf": config.dovecot_conf(root, self._imaps_port, certs),
            "dovecot/oauth2.conf": config.OAUTH2_CONF.format(root=root),
            "dovecot/users": f"{self.user}:{self.password}\n",
            "dovecot/masters": f"{config.MASTER_USER}:{self._master_password}\n",
            "dovecot/keys/default/HS256/default": base64.b64encode(self.token_key).decode("ascii"),
        }.items():
            (root / path).write_text(text)

    # ---- credentials ----

    def token(self, lifetime_s: int = LIFETIME_S) -> str:
        """A bearer token for `user` that the server takes; a negative lifetime: that it refuses."""
        return make_token(self.token_key, self.user, lifetime_s)

    def url(self, listener: str = "submission", host: str = "127.0.0.1") -> str:
        scheme = "smtps" if listener == "smtps" else "smtp"
        return f"{scheme}://{host}:{self.ports[listener]}"

    # ---- mail ----

    def mailbox(self, address: str) -> list[bytes]:
        """The messages in an address's mailbox, as they lie in its Maildir, oldest first."""
        local_part, _, domain = address.rpartition("@")
        maildir = self.root / "mail" / domain.lower() / local_part.lower() / "Maildir"
        files = [*maildir.glob("new/*"), *maildir.glob("cur/*")]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    def imap_fetch(self, address: str) -> list[bytes]:
        """The same messages as a mail reader gets them, over IMAPS."""
        imap = imaplib.IMAP4_SSL("localhost", self._imaps_port, ssl_context=self._tls_context())
        with imap:
            imap.login(f"{address}*{config.MASTER_USER}", self._master_password)
            imap.select("INBOX", readonly=True)
            numbers = imap.search(None, "ALL")[1][0].split()
            return [imap.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def count_mail(self) -> int:
        """Messages in all mailboxes together; a message to three people counts three times."""
        return sum(1 for box in ("new", "cur") for _ in self.root.glob(f"mail/*/*/Maildir/{box}/*"))

    def wait_for_mail(self, count: int, timeout_s: float = 20) -> None:
        """Wait for everything that was accepted to be delivered; then exactly `count` lie there.

        A message is in the queue before its client gets the final 250, and leaves it when it is
        delivered. So an empty queue means that nothing else will come, and zero can be shown too.
        """
        wait_until(self._queue_is_empty, "the queue to empty", timeout_s)
        assert self.count_mail() == count, f"{self.count_mail()} delivered, not {count}"

    def clear_mail(self) -> None:
        """Empty mailboxes, nobody on the greylist, and a log that begins now."""
        wait_until(self._queue_is_empty, "the queue to empty")
        for domain in (self.root / "mail").iterdir():
            shutil.rmtree(domain)
        for mark in (self.root / "greylist").iterdir():
            mark.unlink()
        self._log_start = len(self._read_log_to_the_end())

    def _queue_is_empty(self) -> bool:
        # In the order in which a message goes through them, or one could be missed between two.
        spool = self.root / "postfix/spool"
        return not any(
            path.is_file() for queue in _QUEUES for path in (spool / queue).rglob("*")
        )

    # ---- log ----

    def log(self) -> str:
        """What Postfix logged since the last clear_mail(), to this very moment."""
        return self._read_log_to_the_end()[self._log_start:]

    def connections(self, listener: str, log: str | None = None) -> int:
        """How many connections a listener had, since clear_mail() or in the given log."""
        text = self.log() if log is None else log
        return len(re.findall(rf"postfix/{listener}/smtpd\[\d+\]: connect from", text))

    def _read_log(self) -> str:
        path = self.root / "postfix/log/mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _read_log_to_the_end(self) -> str:
        """The log is written by a process of its own, in order: wait for a line of ours in it."""
        mark = f"mark-{secrets.token_hex(8)}"
        with smtplib.SMTP("127.0.0.1", self.ports["probe"], local_hostname=mark) as probe:
            probe.ehlo()
            probe.mail("probe@example.test")
            probe.rcpt("nobody@example.test")  # a refusal is logged with the name we gave
        wait_until(lambda: f"helo=<{mark}>" in self._read_log(), "our mark in the log")
        return self._read_log()

    def _tls_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certs.ca.cert))
