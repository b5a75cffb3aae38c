"""Plain YAML scalars as the core schema of YAML 1.2 reads them.

`no` is a text and `0o17` an octal number. Dates stay texts: whoever wants a date says so.
Numbers that JSON or a database could not carry are refused.
"""

import math
import re

_WORDS = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DIGITS = 30
_LARGEST = 2**63


def plain_value(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar.

    Raises:
        ValueError: a number that is too large, or is none.
    """
    if text in _WORDS:
        return _WORDS[text]
    for pattern, base in ((_WHOLE, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return _bounded(text, base)
    if _SPECIAL.fullmatch(text):
        raise ValueError("must be a finite number")
    return _decimal(text) if _DECIMAL.fullmatch(text) else text


def _bounded(text: str, base: int) -> int:
    if len(text) > _DIGITS:
        raise ValueError("is too large a number")
    value = int(text if base == 10 else text[2:], base)
    if abs(value) >= _LARGEST:
        raise ValueError("is too large a number")
    return value


def _decimal(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("is too large a number")
    return value
