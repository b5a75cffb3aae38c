"""Page links are capabilities: whoever has one is the person that it was made for.

A token is the grant as JSON and its HMAC-SHA256 under the intake's own key, both in
URL-safe base64. The key is random and lives as long as the intake, so a link dies with it.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass


class TokenError(Exception):
    """The link is none of ours, was changed, or is too old; the text says which."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: to act on one incident as one person."""

    incident: str
    person: str | None
    """None: as an automation, which may acknowledge and nothing else."""


class Tokens:
    """Signs grants and reads them back."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, grant: Grant, expires: float) -> str:
        """A token that is good until `expires`, in seconds since the epoch."""
        fields = json.dumps([grant.incident, grant.person, int(expires)], separators=(",", ":"))
        payload = _encode(fields.encode())
        return f"{payload}.{self._mark(payload)}"

    def read(self, token: str, now: float) -> Grant:
        """The grant of a token.

        Raises:
            TokenError: it is not ours, or has expired.
        """
        payload, _, mark = token.partition(".")
        # Compared as text: base64 has several spellings for the same bytes.
        if not token.isascii() or not hmac.compare_digest(self._mark(payload), mark):
            raise TokenError("This link is not valid.")
        incident, person, expires = json.loads(base64.urlsafe_b64decode(payload + "=="))
        if now >= expires:
            raise TokenError("This link has expired.")
        return Grant(incident, person)

    def _mark(self, payload: str) -> str:
        return _encode(hmac.digest(self._key, payload.encode(), hashlib.sha256))


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
