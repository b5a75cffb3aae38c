"""When everyone whom a drill may page may be drilled, and in words why they may not be now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import combinations

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.units import format_duration
from drillmaster.engine.planning.hours import AHEAD, Hours, Span, long
from drillmaster.engine.planning.people import paged_people


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the windows by the same clock; nobody where they are the environment's own."""

    people: Sequence[str]
    hours: Hours


class Openings:
    """The windows of an environment, as everyone reads them whom a drill may page."""

    def __init__(self, drill: Drill, environment: Environment) -> None:
        zones: dict[str, list[str]] = {}
        for who in paged_people(drill, environment):
            zones.setdefault(environment.people[who].time_zone, []).append(who)
        windows = environment.windows
        self._readers = [_Reader(people, Hours(windows, zone)) for zone, people in zones.items()]
        if not self._readers:
            self._readers = [_Reader([], Hours(windows, None))]

    def allow(self, now: datetime, lasts: float) -> bool:
        """Whether all of so many seconds from now is inside the windows of everyone."""
        return not self._shut(now, lasts)

    def explain(self, now: datetime, lasts: float) -> str:
        """Whose windows are not open for so long, and when those of everyone will be."""
        shut = self._shut(now, lasts)
        told = [_seen(shut, now, lasts), self._next(shut, now, lasts)]
        return f"outside {_windows_of(shut)}: {'; '.join(told)}"

    def _shut(self, now: datetime, lasts: float) -> list[_Reader]:
        return [reader for reader in self._readers if not reader.hours.allow(now, lasts)]

    def _next(self, shut: Sequence[_Reader], now: datetime, lasts: float) -> str:
        opens = _opens(self._readers, now, lasts)
        if opens is None:
            return self._never(now, lasts)
        told = shut[0].hours.shown(opens, now)
        if len(self._readers) == 1:
            return f"they open next on {told}"
        return f"{_windows_of(self._readers)} are all open next on {told}"

    def _never(self, now: datetime, lasts: float) -> str:
        """Whose windows are too short by themselves, or the fewest whose never meet."""
        told = f"as long as the drill may last, {format_duration(lasts)}"
        short = [reader for reader in self._readers if _opens([reader], now, lasts) is None]
        if len(short) == len(self._readers):
            return f"none is {told}"
        if short:
            return f"{_windows_of(short)} are never {told}"
        every = (
            some
            for number in range(2, len(self._readers) + 1)
            for some in combinations(self._readers, number)
        )
        apart = next(some for some in every if _opens(some, now, lasts) is None)
        return f"{_windows_of(apart)} are never open together for {told}"


def _opens(readers: Sequence[_Reader], now: datetime, lasts: float) -> datetime | None:
    """When the windows of all of them are open next for so long."""
    each = [reader.hours.spans(now, now + AHEAD) for reader in readers]
    together = [one for one in reduce(_both, each) if one.end - max(one.start, now) >= long(lasts)]
    return max(together[0].start, now) if together else None


def _both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """When both are open, oldest first."""
    pairs = ((max(a.start, b.start), min(a.end, b.end)) for a in some for b in others)
    return sorted((Span(*pair) for pair in pairs if pair[0] < pair[1]), key=lambda one: one.start)


def _seen(readers: Sequence[_Reader], now: datetime, lasts: float) -> str:
    """What the clocks of those show whose windows are shut, and when others close too soon."""
    clocks, closings = [], []
    for hours in (reader.hours for reader in readers):
        closes = hours.closes(now)
        if closes is None:
            clocks.append(hours.shown(now))
        else:
            closings.append(hours.shown(closes, now))
    told = [f"it is {' and '.join(clocks)}"] if clocks else []
    if closings:
        length = format_duration(lasts)
        told.append(f"the drill may last {length}, and they close on {' and '.join(closings)}")
    return "; ".join(told)


def _windows_of(readers: Sequence[_Reader]) -> str:
    people = [who for reader in readers for who in reader.people]
    *first, last = people or ["the environment"]
    return f"the windows of {' and '.join(filter(None, [', '.join(first), last]))}"
