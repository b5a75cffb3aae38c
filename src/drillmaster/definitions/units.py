"""Durations, shares and days as people write them: `1h30m`, `800ms`, `30%`, `2026-11-24`;
and numbers with their nouns.

A bare number is refused, because `timeout: 5` says nothing about its unit.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(
    r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?(?:(\d{1,9})ms)?", re.ASCII
)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)%", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def shown(value: object) -> str:
    """A value as an error message shows it: short, and on one line."""
    if value is None or isinstance(value, dict | list | bool):
        words = {dict: "a mapping", list: "a list", bool: str(value).lower()}
        return words.get(type(value), "an empty value")
    text = ascii(value) if not isinstance(value, str) or not value.isprintable() else f"'{value}'"
    return text if len(text) <= 60 else f"{text[:56]}…'"


def parse_duration(value: object) -> float:
    """Seconds of a text such as `20s`, `5m`, `1h30m` or `800ms`.

    Raises:
        ValueError: the text is none, or is not a text.
    """
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError(f"{shown(value)} is no duration; write it as 20s, 5m, 1h30m or 800ms")
    parts = zip(match.groups(), _UNITS.values(), strict=True)
    return sum(int(number) * unit for number, unit in parts if number) / 1000


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads back, to the millisecond."""
    rest = round(seconds * 1000)
    parts = []
    for name, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{name}")
    return "".join(parts) or "0s"


def parse_share(value: object) -> float:
    """The fraction (0 to 1) of a text such as `30%`.

    Raises:
        ValueError: the text is no share between 0% and 100%.
    """
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:
        raise ValueError(f"{shown(value)} is no share; write it as 30%, from 0% to 100%")
    return float(match[1]) / 100


def format_share(fraction: float) -> str:
    """The text that `parse_share` reads back."""
    return f"{round(fraction * 100, 3):g}%"


def parse_day(value: object) -> date:
    """The day of a text such as `2026-11-24`; a date is taken as it is.

    Raises:
        ValueError: it is no day of the calendar.
    """
    if type(value) is date:
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{shown(value)} is no day; write it as 2026-11-24")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 step`, `2 steps`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(?=.)(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$",
            "examples": ["20s", "5m", "1h30m", "800ms"],
        }
    ),
]
"""Seconds, written with a unit."""

Share = Annotated[
    float,
    BeforeValidator(parse_share),
    PlainSerializer(format_share, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,3})?%$", "examples": ["30%"]}),
]
"""A fraction from 0 to 1, written in per cent."""

Day = Annotated[date, BeforeValidator(parse_day)]
"""A day of the calendar."""
