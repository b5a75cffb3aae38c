"""What pydantic found wrong with a value, in the words of the person who wrote it.

No message repeats a value that could be a secret pasted into the wrong place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from drillmaster.definitions.base import NAME_PATTERN, REFERENCE_PATTERN, SELECTOR_PATTERN
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.probes import ACTION_PATTERN
from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.definitions.units import shown


@dataclass(frozen=True, slots=True)
class Words:
    """A message and how to mend it."""

    message: str
    hint: str | None = None


_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}

_PATTERNS = {
    NAME_PATTERN: ("name", "a name has lower-case letters, digits and dashes, at most 63"),
    SELECTOR_PATTERN: ("selector", "a selector is written as app=checkout,tier=web"),
    ACTION_PATTERN: ("action", "an action is written as scale or lift-throttle"),
}

_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than": ("must be more than {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
    "string_too_short": ("needs {} characters or more", "min_length"),
    "string_too_long": ("may have {} characters at most", "max_length"),
    "too_short": ("needs {} entries or more", "min_length"),
    "too_long": ("may have {} entries at most", "max_length"),
}


def words_for(error: ErrorDetails) -> Words:
    """The message for one error of pydantic."""
    kind = error["type"]
    if kind in _KINDS:
        return _wrong_kind(error)
    if kind in _BOUNDS:
        return _out_of_bounds(error)
    return _OTHERS.get(kind, _as_told)(error)


def _wrong_kind(error: ErrorDetails) -> Words:
    expected, got = _KINDS[error["type"]], error["input"]
    hint = "put it in quotes" if expected == "a text" and isinstance(got, int | float) else None
    return Words(f"must be {expected}, not {_kind_of(got)}", hint)


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return names.get(type(value), "empty")


def _out_of_bounds(error: ErrorDetails) -> Words:
    text, bound = _BOUNDS[error["type"]]
    limit = error["ctx"][bound]
    if limit == 1 and bound == "min_length":
        return Words("must not be empty")
    return Words(text.format(limit))


def _none_of(error: ErrorDetails) -> Words:
    options = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    if not options:
        return Words(f"must be {error['ctx']['expected'].lower()}")
    return _choice(error["input"], options)


def _choice(value: Any, options: list[str]) -> Words:
    near = did_you_mean(value, options) if isinstance(value, str) else None
    return Words(f"{shown(value)} is not {listed(options)}", near)


def _pattern(error: ErrorDetails) -> Words:
    pattern, value = error["ctx"]["pattern"], shown(error["input"])
    if pattern == REFERENCE_PATTERN:
        return Words("must say where the secret lies, as env:NAME or file:PATH, not the secret")
    if pattern in _PATTERNS:
        what, hint = _PATTERNS[pattern]
        return Words(f"{value} is no {what}", hint)
    return Words(f"{value} does not match {pattern}")


def _as_told(error: ErrorDetails) -> Words:
    message, _, hint = error["msg"].removeprefix("Value error, ").partition("; ")
    return Words(message, hint or None)


def merged(words: list[Words], value: Any) -> Words:
    """One message for a value that is none of several kinds."""
    beginning = f"{shown(value)} is "
    rests = [word.message.removeprefix(beginning) for word in words]
    if any(rest == word.message for rest, word in zip(rests, words, strict=True)):
        message = ", and ".join(dict.fromkeys(word.message for word in words))
    else:
        message = beginning + " and ".join(dict.fromkeys(rests))
    hints = list(dict.fromkeys(word.hint for word in words if word.hint))
    near = [hint for hint in hints if hint.startswith("did you mean")]
    return Words(message, "; or ".join(near or hints) or None)


_OTHERS: dict[str, Callable[[ErrorDetails], Words]] = {
    "literal_error": _none_of,
    "string_pattern_mismatch": _pattern,
    "behaviour": lambda error: _choice(error["input"], list(BEHAVIOURS)),
}
