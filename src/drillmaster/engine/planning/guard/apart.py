"""No two faults make something else of the same place at the same time."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from drillmaster.definitions.units import format_duration
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused
from drillmaster.faults.registry import kind_of


def apart(live: Live) -> Verdict:
    """What one fault changes, no other one changes while it is in: it could not be given back, or
    would undo the other."""
    target, pause = live.target, live.environment.timing.undo
    named = {planned.injection.name: planned for planned in live.faults}
    places = {
        name: kind_of(planned.injection.kind, target.kind).exclusive(planned.injection, target)
        for name, planned in named.items()
    }
    for one, other in combinations(named, 2):
        shared = _shared(places[one], places[other])
        if shared and _meet(named, one, other, pause):
            return refused(
                f"{one} and {other} cannot be in at the same time, because both change "
                f"{_listed(shared)}; leave one out, or let one end (`for`) at least "
                f"{format_duration(pause)} (`timing.undo`) before the other begins (`after`)"
            )
    return holds("no two faults change the same")


def _shared(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The places of which the two make something else."""
    return [place for place, what in one.items() if other.get(place, what) != what]


def _meet(named: Mapping[str, PlannedFault], one: str, other: str, pause: float) -> bool:
    """Whether both may be in at the same time."""
    return all(
        _begins(named, later) < _ends(named[earlier]) + pause
        for earlier, later in ((one, other), (other, one))
    )


def _begins(named: Mapping[str, PlannedFault], name: str) -> float:
    """Seconds after the first faults, at the least."""
    after = named[name].after
    return _begins(named, after) if isinstance(after, str) else after or 0.0


def _ends(planned: PlannedFault) -> float:
    """Seconds after the first faults until its undo begins, at the most."""
    if planned.lasts is None or isinstance(planned.after, str):
        return math.inf
    return (planned.after or 0.0) + planned.lasts


def _listed(places: Sequence[str]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more}"
