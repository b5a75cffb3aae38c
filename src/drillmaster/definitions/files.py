"""Reading a definition's file: bounded, UTF-8, and without characters that nobody sees."""

import os
import re
from pathlib import Path

from drillmaster.definitions.errors import DefinitionError, Problem

LIMIT, LINES = 1 << 20, 10_000
"""Bytes and lines that a file may have: half a second of parsing. The largest real
definitions have some tens of thousand bytes."""

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, which steer a terminal
    "\u200b\u202a-\u202e\u2060-\u2069\ufeff"  # what hides or turns round the text beside it
    "\u2028\u2029\ud800-\udfff\ufffe\uffff]"  # breaks that editors do not count; no characters
)
"""What a reader does not see and a definition must not hold."""


def shown_path(path: Path) -> str:
    """A path as messages show it; a name that is no UTF-8 must not break the message."""
    name = os.fsencode(path).decode("utf-8", "replace")
    return INVISIBLE.sub("�", name).replace("\n", "�")


def read_bytes(path: Path) -> bytes:
    """The content of a definition's file.

    Raises:
        DefinitionError: there is no such file, it is no regular file, or it is too large.
    """
    try:
        if not path.is_file():
            why = "is no regular file" if path.exists() else "there is no such file"
            raise _unreadable(path, why)
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise _unreadable(path, f"cannot be read: {reason}") from None
    if len(content) > LIMIT:
        raise _unreadable(path, "is larger than 1 MiB; no definition is")
    return content


def decode(content: bytes, path: Path) -> str:
    """The text of a definition's file, with any byte order mark left out.

    Raises:
        DefinitionError: it is no UTF-8, has characters that nobody sees, or too many lines.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise _unreadable(path, "is no UTF-8 text", before) from None
    if text.count("\n") > LINES:
        raise _unreadable(path, f"has more than {LINES} lines; no definition has")
    found = INVISIBLE.search(text)
    if found:
        why = f"holds the invisible character U+{ord(found[0]):04X}"
        raise _unreadable(path, why, text[: found.start()])
    return text


def _unreadable(path: Path, why: str, before: str = "") -> DefinitionError:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return DefinitionError([Problem(shown_path(path), line, column, "", why, rule="unreadable")])
