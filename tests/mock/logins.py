"""SASL, the client's side: what each mechanism sends, as lines in base64."""

from __future__ import annotations

import base64
import hashlib
import hmac

from raw_client import RawClient, Reply

MECHANISMS = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"]
BEARER = ["XOAUTH2", "OAUTHBEARER"]


def encode(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def answer(mechanism: str, user: str, secret: str, challenge: bytes = b"") -> str:
    """What a client says first; of LOGIN it is the user's name."""
    if mechanism == "PLAIN":
        return encode(f"\0{user}\0{secret}")
    if mechanism == "LOGIN":
        return encode(user)
    if mechanism == "CRAM-MD5":
        digest = hmac.new(secret.encode(), challenge, hashlib.md5).hexdigest()
        return encode(f"{user} {digest}")
    if mechanism == "XOAUTH2":
        return encode(f"user={user}\x01auth=Bearer {secret}\x01\x01")
    return encode(f"n,a={user},\x01host=localhost\x01port=25\x01auth=Bearer {secret}\x01\x01")


def log_in(
    client: RawClient, mechanism: str, user: str, secret: str, initial: bool = False
) -> Reply:
    """The whole exchange, to its last reply."""
    if initial:
        reply = client.say(f"AUTH {mechanism} {answer(mechanism, user, secret)}")
    else:
        reply = client.say(f"AUTH {mechanism}")
        assert reply.code == 334, reply
        challenge = base64.b64decode(reply[4:])
        reply = client.say(answer(mechanism, user, secret, challenge))
    if mechanism == "LOGIN":
        assert reply == b"334 UGFzc3dvcmQ6\r\n"
        reply = client.say(encode(secret))
    return reply
