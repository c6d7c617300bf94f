"""OAuth 2 bearer tokens (JWT, HS256) that Dovecot can check by itself, and ones it must refuse."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

LIFETIME_S = 3600


def make_token(key: bytes, user: str, lifetime_s: int = LIFETIME_S) -> str:
    """A token that says who `user` is, signed with `key`; a negative lifetime makes a stale one."""
    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": user, "iat": now - 2 * LIFETIME_S, "exp": now + lifetime_s}
    signed_part = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
    signature = hmac.new(key, signed_part.encode("ascii"), hashlib.sha256).digest()
    return f"{signed_part}.{_encode(signature)}"


def _encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
