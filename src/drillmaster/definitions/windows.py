"""When drills may happen: days and times of the week, in somebody's time zone."""

import re
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from drillmaster.definitions.base import Model, located
from drillmaster.definitions.units import shown

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MIDNIGHT = 24 * 60
"""Minutes; the end of a day."""

_TIME = re.compile(r"(\d{2}):(\d{2})", re.ASCII)


def parse_days(value: object) -> tuple[int, ...]:
    """Days of the week, from 0 for Monday, of a text such as `mon-thu` or `mon,wed,fri`. A
    range may go over the week's end, as `fri-mon`.

    Raises:
        ValueError: the text is none.
    """
    try:
        parts = value.split(",") if isinstance(value, str) else [""]
        return tuple(sorted({day for part in parts for day in _range(part.strip())}))
    except ValueError:
        told = f"{shown(value)} is no days of the week; write them as mon-thu or mon,wed,fri"
        raise ValueError(told) from None


def format_days(days: tuple[int, ...]) -> str:
    """A text that `parse_days` reads back."""
    return ",".join(DAYS[day] for day in days)


def parse_time(value: object) -> int:
    """Minutes since midnight of a text such as `10:00`; `24:00` is the end of the day.

    Raises:
        ValueError: the text is no time.
    """
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minutes <= MIDNIGHT:
        raise ValueError(f"{shown(value)} is no time of the day; write it as 10:00")
    return minutes


def format_time(minutes: int) -> str:
    """The text that `parse_time` reads back."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def known_zone(zone: str) -> str:
    """The name of a time zone, as it is.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{shown(zone)} is no time zone; write it as Europe/Lisbon") from None
    return zone


def _range(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last if dash else first)
    return [(begin + day) % 7 for day in range((end - begin) % 7 + 1)]


TimeZone = Annotated[str, AfterValidator(known_zone)]
"""A name of the time zone database, as `Europe/Lisbon`."""

Days = Annotated[
    tuple[int, ...],
    BeforeValidator(parse_days),
    PlainSerializer(format_days, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["mon-thu", "mon,wed,fri"]}),
]
"""Days of the week."""

Time = Annotated[
    int,
    BeforeValidator(parse_time),
    PlainSerializer(format_time, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}$", "examples": ["10:00"]}),
]
"""Minutes since midnight, written as `10:00`."""


class Window(Model):
    """A time of the week in which drills may happen. The whole drill must lie inside."""

    days: Days
    """The days on which it begins: `mon-thu`, or `"mon,wed,fri"`."""
    from_: Time = Field(alias="from")
    """When it begins, by the clock on the wall."""
    to: Time
    """When it ends. Before `from`, it is a time of the next day; `"24:00"` is midnight."""
    time_zone: TimeZone | None = None
    """Whose clock. Without it, that of each person who may be paged."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.from_ % MIDNIGHT == self.to:
            why = 'is when it begins; a whole day is written from: "00:00", to: "24:00"'
            raise located(why, "to")
        return self

    @property
    def minutes(self) -> int:
        """How long it lasts by the clock on the wall."""
        return (self.to - self.from_) % MIDNIGHT or MIDNIGHT
