"""Secrets, read from where a reference points at the moment they are needed.

No message of this module holds a secret, and nothing is kept.
"""

import os
import re
from pathlib import Path

from drillmaster.definitions.base import REFERENCE_PATTERN
from drillmaster.errors import InvalidError

_LIMIT = 64 * 1024

_LOGIN = re.compile(r"://[^/?#]*@|[?&;](?:password|passwd|pwd)=", re.IGNORECASE)
"""In an address: before its host, or as databases' drivers take it."""


def without_login(address: str) -> str:
    """The address, as a definition has it: definitions stand in reports.

    Raises:
        ValueError: a login is written into it. The message holds nothing of it.
    """
    if _LOGIN.search(address):
        raise ValueError("an address must not hold a login; a secret is written as a reference")
    return address


def referred(value: str) -> str:
    """A value that may be a reference: what it refers to, or else the value itself.

    Raises:
        InvalidError: as `resolve_secret`.
    """
    return resolve_secret(value) if re.match(REFERENCE_PATTERN, value) else value


def resolve_secret(ref: str) -> str:
    """The secret that `env:NAME` or `file:PATH` refers to.

    One line break at the end of a file is left out, because editors add it.

    Raises:
        InvalidError: there is no such variable or file, it is empty, or the reference is
            none. The message names the reference, never a value.
    """
    kind, _, name = ref.partition(":")
    if kind == "env" and name:
        secret = os.environ.get(name)
        if secret is None:
            raise InvalidError(f"the secret {ref} is not there: the variable {name} is not set")
    elif kind == "file" and name:
        secret = _content(ref, Path(name))
    else:
        # The text may be a secret that was pasted where its reference belongs.
        raise InvalidError("a secret is referred to as env:NAME or file:PATH")
    if not secret:
        raise InvalidError(f"the secret {ref} is empty")
    return secret


def _content(ref: str, path: Path) -> str:
    try:
        if not path.is_file():
            raise InvalidError(f"the secret {ref} is not there: {path} is no file")
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise InvalidError(f"the secret {ref} is larger than 64 KiB")
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidError(f"the secret {ref} is no UTF-8 text") from None
    except OSError as error:
        raise InvalidError(f"the secret {ref} cannot be read: {error.strerror}") from None
    return text.removesuffix("\n").removesuffix("\r")
