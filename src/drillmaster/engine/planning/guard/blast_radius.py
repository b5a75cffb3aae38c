"""What all faults together make unavailable is within the limit, counted live."""

from collections.abc import Iterator

from drillmaster.definitions.units import count
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused
from drillmaster.engine.planning.limits import pods_limit, replicas_limit
from drillmaster.faults import shares
from drillmaster.faults.base import Radius
from drillmaster.faults.registry import kind_of
from drillmaster.targets.base import DeclinedError


def blast_radius(live: Live) -> Verdict:
    """The faults select something, leave enough pods standing, and make none without end."""
    down = 0
    for planned in live.faults:
        fault = planned.injection
        try:
            radius = kind_of(fault.kind, live.target.kind).radius(fault, live.target)
        except DeclinedError as error:
            return refused(f"{fault.name}: {error}")
        problem = next(_problems(live, planned, radius, down), None)
        if problem is not None:
            return refused(f"{fault.name} {problem}")
        down += _down(radius)
    return holds(f"at most {count(down, 'pod')} unavailable at the same time")


def _problems(live: Live, planned: PlannedFault, radius: Radius, before: int) -> Iterator[str]:
    if radius.selected == 0 and not radius.elsewhere:
        arguments = planned.injection.arguments
        chosen = arguments.get("selector") or arguments.get("nodes")
        yield f"selects no pod with {chosen!r}" if chosen else "finds no pod there"
    limit = pods_limit(live.drill, live.environment)
    for whose, part in (radius.parts or {"": radius}).items():
        down, allowed = before + _down(part), shares.of(limit, part.selected)
        if part.takes_down and down > allowed:
            pods = f"{count(part.selected, 'pod')}{whose and f' of {whose}'}"
            yield f"would leave {down} of {pods} unavailable; the limit is {allowed}"
    most = replicas_limit(live.drill, live.environment)
    if radius.grows_to > most:
        yield f"would scale to {radius.grows_to} replicas; the limit is {most} (limits.replicas)"
    if planned.every is not None and radius.takes_down == 0:
        sizes = [part.selected for part in (radius.parts or {"": radius}).values()]
        of = " and of ".join(map(str, sizes))
        yield f"would kill no pod: its share of {of}, rounded down, is 0"


def _down(radius: Radius) -> int:
    """What is down once the fault is in."""
    return radius.takes_down + (radius.selected - radius.ready)
