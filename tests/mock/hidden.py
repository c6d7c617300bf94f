"""Secrets, in every form in which they could be told."""

from __future__ import annotations

import base64
import json
import urllib.parse

from mock import Mock


def forms_of(secret: str) -> set[bytes]:
    """Plain, in a URL, in JSON, in hex, and as it stands within anything written in base64."""
    raw = secret.encode()
    forms = {raw, raw.hex().encode(), urllib.parse.quote(secret).encode(),
             json.dumps(secret)[1:-1].encode()}
    # Base64 of any text that contains the secret contains one of three strings, by where in a
    # group of three bytes the secret begins. Characters that its neighbours change are cut off.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        forms.add(encoded[-(-before * 8 // 6):(before + len(raw)) * 8 // 6])
    return forms


def everything_told(mock: Mock) -> bytes:
    """All that its API, stdout and stderr have said; with --json and -v that is most."""
    parts = [mock.get(path).expect(200).body for path in
             ("/api/messages?limit=1000", "/api/stats", "/api/faults")]
    parts += [mock.get(f"/api/messages/{one['id']}").expect(200).body
              for one in mock.messages(limit=1000)]
    return b"\n".join([*parts, "\n".join(mock.lines).encode(), mock.stderr.encode()])


def assert_not_told(mock: Mock, *secrets: str) -> None:
    told = everything_told(mock)
    for secret in secrets:
        for form in forms_of(secret):
            assert form not in told, f"{secret!r} is told, as {form!r}"
