"""Text that is safe to show: one line, and nothing that steers a terminal or a page.

Events carry what people and targets wrote. A control character in it could move a
cursor, break an XML document or turn the reading direction around, so every report for
people starts from text that went through here. `scorecard.json` and `timeline.jsonl`
keep what was recorded.
"""

from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

JOINERS = "\u200c\u200d"
"""Not printable by themselves, and part of words in Persian, Hindi and others."""

_ASCII = str.maketrans({"✓": "+", "✗": "x", "·": "-", "±": "+/-", "≤": "<=", "≥": ">=", "…": "..."})


def one_line(text: str) -> str:
    """The text on one line; what is not printable is shown as `\N{REPLACEMENT CHARACTER}`."""
    line = " ".join(text.split())
    return "".join(
        char if char.isprintable() or char in JOINERS else "\N{REPLACEMENT CHARACTER}"
        for char in line
    )


def ascii_only(text: str) -> str:
    """The text for a console that knows nothing but ASCII."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def tidy(model: M) -> M:
    """A scorecard or an event with every text of it on one safe line."""
    return type(model).model_validate(_tidied(model.model_dump()))


def _tidied(value: Any) -> Any:
    match value:
        case str():
            return one_line(value)
        case list():
            return [_tidied(item) for item in value]
        case dict():
            return {key: _tidied(item) for key, item in value.items()}
        case _:
            return value
