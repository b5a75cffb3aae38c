"""What a program says, made fit for a line in a report."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote

LONGEST = 120
"""Characters of a program's output that are still a message. Longer output may be data."""


_LOOKS_SECRET = (
    re.compile(r"(://)[^/?#@\s]+(?=@)"),
    re.compile(r"(\b(?:bearer|basic|genie-?key|token token=)\s*)[^\s\"',;]{8,}", re.IGNORECASE),
    re.compile(
        r"(\b[\w-]*(?:token|secret|passw(?:or)?d|pwd|api_?key|signature|credential)[\w-]*[\"']?"
        r"\s*[=:]\s*[\"']?)[^\s&\"',;)]+",
        re.IGNORECASE,
    ),
)
"""What surrounds a secret that nobody named to us, in the messages of other programs."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, in plain, in URL-encoded form and in base64."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):  # a secret may begin with another
        text = text.replace(form, "***")
    return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(secret.encode()).decode().rstrip("=")


def message(text: str, secrets: Iterable[str]) -> str:
    """The text as one printable line, where it is short enough for one; else nothing. What
    looks like a secret is left out, too."""
    line = "".join(c if c.isprintable() else " " for c in redact(text, secrets).strip())
    for looks_like_one in _LOOKS_SECRET:
        line = looks_like_one.sub(r"\1***", line)
    return line if len(line) <= LONGEST else ""
