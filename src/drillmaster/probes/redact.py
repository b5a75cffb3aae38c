"""What a program says, made fit for a line in a report."""

from collections.abc import Iterable
from urllib.parse import quote

LONGEST = 120
"""Characters of a program's output that are still a message. Longer output may be data."""


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, in plain and in URL-encoded form."""
    forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""))}
    for form in sorted(forms, key=len, reverse=True):  # a secret may begin with another
        text = text.replace(form, "***")
    return text


def message(text: str, secrets: Iterable[str]) -> str:
    """The text as one printable line, where it is short enough for one; else nothing."""
    line = "".join(c if c.isprintable() else " " for c in redact(text, secrets).strip())
    return line if len(line) <= LONGEST else ""
