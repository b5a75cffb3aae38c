"""Windows of the week as spans of real time, whatever the clocks on the walls do.

A moment is inside when the clock on the wall shows a time that is. So when clocks go
forward a window is shorter than it looks, and when they go back longer, or two spans.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from drillmaster.definitions.units import format_duration
from drillmaster.definitions.windows import Window

AHEAD = timedelta(days=15)
"""How far ahead windows are looked for. Two weeks: a change of clocks may make one too short."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until before another, both in UTC."""

    start: datetime
    end: datetime


class Hours:
    """Windows as one person reads them."""

    def __init__(self, windows: Iterable[Window], zone: str | None) -> None:
        """`zone` is where the person lives; without a person, windows that have no time zone
        of their own are nobody's, and restrict nothing."""
        read = [(window, window.time_zone or zone) for window in windows]
        self._windows = [(window, ZoneInfo(name)) for window, name in read if name]
        self._shown = ZoneInfo(zone) if zone else self._windows[0][1] if self._windows else None

    def allow(self, now: datetime, lasts: float) -> bool:
        """Whether all of so many seconds from now is inside."""
        until = now + long(lasts)
        inside = (span.start <= now and until <= span.end for span in self.spans(now, until))
        return not self._windows or any(inside)

    def closes(self, now: datetime) -> datetime | None:
        """When the windows that are open now close; None where none is."""
        spans = self.spans(now, now + AHEAD)
        return next((span.end for span in spans if span.start <= now < span.end), None)

    def spans(self, since: datetime, until: datetime) -> list[Span]:
        """When they are open around these moments, oldest first; no two touch."""
        found: list[Span] = []
        every = [span for window, zone in self._windows for span in _of(window, zone, since, until)]
        for span in sorted(every, key=lambda one: one.start):
            if found and span.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
            else:
                found.append(span)
        return found

    def shown(self, at: datetime, since: datetime | None = None) -> str:
        """A moment by the clock of whoever reads them, and where that clock hangs. In a night
        in which clocks are changed it also says which of two equal times it is, and that they
        were changed since another moment."""
        assert self._shown is not None
        wall = at.astimezone(self._shown)
        told = f"{wall:%a %d %b at %H:%M} in {self._shown.key}"
        if wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset():
            told += f" (the {('first', 'second')[wall.fold]} {wall:%H:%M} of that day)"
        if since is None or abs(at - since) > _DAY:
            return told
        moved = _offset(self._shown, at) - _offset(self._shown, since)
        if not moved:
            return told
        how = "forward" if moved > timedelta(0) else "back"
        by = format_duration(abs(moved).total_seconds())
        return f"{told} (by then the clocks there have gone {how} by {by})"


def long(lasts: float) -> timedelta:
    """The seconds that a drill may last. What is open for two weeks is always open."""
    return min(timedelta(seconds=lasts), AHEAD)


@dataclass(frozen=True, slots=True)
class _Steady:
    """A time in which no clock of a zone is changed."""

    span: Span
    offset: timedelta
    """What the clock on the wall is ahead of UTC."""


def _of(window: Window, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Span]:
    begin, end = since.astimezone(UTC) - 2 * _DAY, until.astimezone(UTC) + 2 * _DAY
    steady = list(_steady(zone, begin, end))
    day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= end:
        if day.weekday() in window.days:
            wall = day + timedelta(minutes=window.from_)
            yield from _real(wall, wall + timedelta(minutes=window.minutes), steady)
        day += _DAY


def _real(start: datetime, end: datetime, steady: Sequence[_Steady]) -> Iterator[Span]:
    """When the clock on the wall shows a time from start until before end; both are written
    as if the wall were in UTC."""
    for one in steady:
        span = Span(max(start - one.offset, one.span.start), min(end - one.offset, one.span.end))
        if span.start < span.end:
            yield span


def _steady(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[_Steady]:
    changes = [begin]
    moment = begin
    while moment < end:
        if _offset(zone, moment) != _offset(zone, moment + _HOUR):
            changes.append(_change(zone, moment, moment + _HOUR))
        moment += _HOUR
    for start, stop in pairwise([*changes, moment]):
        yield _Steady(Span(start, stop), _offset(zone, start))


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which clocks are changed between two moments."""
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    old = _offset(zone, before)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (middle, high) if _offset(zone, middle) == old else (low, middle)
    return high


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
