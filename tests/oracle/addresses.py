"""Addresses as a campaign may give them, each with the form that must go out."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

_ATEXT = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"
_QUOTED_ONLY = ' .,:;<>()[]@"\\'
BASE_DOMAINS = [
    "example.test", "EXAMPLE.Org", "a-b.example.net", "bücher.example", "例え.テスト",
    "пример.испытание", "مثال.إختبار", "faß.example", "δοκιμή.example", "sub.bücher.example.test",
    "日本語日本語日本語.example",
    ".".join(["x" * 63, "y" * 63, "z" * 40, "test"]),
]


@dataclass(frozen=True)
class Address:
    given: str  # as it stands in the campaign
    sent: str  # as it stands on the wire


def a_label_domain(domain: str) -> str:
    """IDNA 2008 for labels that are in NFC: what libidn2 makes of them, by the definition."""
    labels = unicodedata.normalize("NFC", domain).lower().split(".")
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode()
                    for label in labels)


def consent_domains() -> list[str]:
    return BASE_DOMAINS


def _local(random: Random, number: int) -> tuple[str, str]:
    """A local part as given and as sent; the number keeps it apart from all others."""
    kind = random.randrange(9)
    tail = f"{number:x}"
    if kind == 0:
        atom = "".join(random.choice(_ATEXT) for _ in range(random.randint(1, 20)))
        return f"{atom}.{tail}", f"{atom}.{tail}"
    if kind == 1:
        inner = "".join(random.choice("ab" + _QUOTED_ONLY) for _ in range(random.randint(1, 12)))
        return quoted(f"{inner} {tail}"), quoted(f"{inner} {tail}")
    if kind == 2:
        return quoted(f"needless.{tail}"), f"needless.{tail}"
    if kind == 3:
        local = f"{tail}.".ljust(64, "x")
        return local, local
    if kind == 4:
        local = f"=?utf-8?q?x?={tail}"
        return local, local
    return f"user.{tail}", f"user.{tail}"


def quoted(content: str) -> str:
    return '"' + content.replace("\\", "\\\\").replace('"', '\\"') + '"'


def address(random: Random, number: int) -> Address:
    domain = random.choice(BASE_DOMAINS[:1] * 12 + BASE_DOMAINS)
    given, sent = _local(random, number)
    return Address(f"{given}@{domain}", f"{sent}@{a_label_domain(domain)}")


def split(address: str) -> tuple[str, str]:
    """Local part without quotes and domain: what an address means, however it is quoted."""
    local, _, domain = address.rpartition("@")
    if len(local) >= 2 and local.startswith('"') and local.endswith('"'):
        content, escaped = "", False
        for c in local[1:-1]:
            escaped = c == "\\" and not escaped
            content += "" if escaped else c
        local = content
    return local, domain
