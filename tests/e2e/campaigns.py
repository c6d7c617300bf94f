"""Campaign files for the tests, and what the program must make of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from runner import PASSWORD_VARIABLE

Campaign = dict[str, Any]

ONCE = {"attempts": 1}  # what is deferred is not tried again in the same run
ALONE = {"connections": 1}  # so that order and connections are known

ORGANISER = {"name": "Nadia Rossi", "address": "nadia@example.test"}
MESSAGE = {
    "name": "coffee",
    "subject": "{{author.name}} broke the coffee machine",
    "text": "Dear all,\n\nit was me.\n.\n..and it was the last one.\n\n{{author.name}}\n",
}


class CampaignFolder:
    """A folder that campaigns are written to, together with the CA file that they name.

    By the contract a campaign's paths stay below its own folder, so the CA is copied there.
    """

    def __init__(self, folder: Path, ca_file: Path) -> None:
        self.folder = folder
        shutil.copy(ca_file, folder / "ca.pem")

    def __call__(
        self, url: str, members: list[str] | None = None, *, server: Campaign | None = None,
        delivery: Campaign | None = None, **changes: Any,
    ) -> Path:
        """Write a campaign whose members are mail addresses, and return its path.

        They form one group, whose author is the first of them, so it is known who receives what.
        `server` and `delivery` add to those objects; `changes` replace parts of the campaign.
        """
        addresses = members or ["adam@example.test", "bela@example.test", "cleo@example.test"]
        campaign = {
            "campaign": "e2e",
            "seed": 20270401,
            "organiser": ORGANISER,
            "server": login(url) | (server or {}),
            "consent": {"domains": ["example.test"]},
            "victims": [victim(address) for address in addresses],
            "groups": [group("one", addresses)],
            "messages": [MESSAGE],
        }
        if delivery is not None:
            campaign["delivery"] = delivery
        return self.write(campaign | changes)

    def write(self, campaign: Campaign, name: str = "e2e.json") -> Path:
        path = self.folder / name
        path.write_text(json.dumps(without_none(campaign), ensure_ascii=False, indent=2))
        return path


def login(url: str) -> Campaign:
    """A server that wants nadia's password, and shows a certificate of the tests' CA."""
    return {"url": url, "username": ORGANISER["address"], "ca_file": "ca.pem",
            "password": {"env": PASSWORD_VARIABLE}}


def scripted(url: str) -> Campaign:
    """A plaintext server on loopback that wants no login, as the scripted one is by default."""
    return {"url": url, "starttls": "never", "username": None, "password": None, "ca_file": None}


def victim(address: str, **more: Any) -> Campaign:
    return {"name": address.partition("@")[0].capitalize(), "address": address} | more


def group(name: str, members: list[str]) -> Campaign:
    return {"name": name, "members": members, "author": members[0]}


def two_groups() -> Campaign:
    """Six people in two groups, for what happens between two messages: as `**changes`."""
    first, second = ([f"{name}{n}@example.test" for name in ("ada", "ben", "cai")] for n in (1, 2))
    return {
        "victims": [victim(address) for address in first + second],
        "groups": [group("one", first), group("two", second)],
    }


def many_groups(count: int, **more: Any) -> Campaign:
    """Three people each, g1 to gN, as `**changes`; `more` is added to each group."""
    teams = [[f"{name}{n}@example.test" for name in ("ada", "ben", "cai")]
             for n in range(1, count + 1)]
    return {
        "victims": [victim(address) for team in teams for address in team],
        "groups": [group(f"g{n}", team) | more for n, team in enumerate(teams, start=1)],
    }


def without_none(campaign: Campaign) -> Campaign:
    """Leave out what is None, so that a change can also take a member away."""
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in campaign.items()
        if value is not None
    }
