"""What all faults together make unavailable is within the limit, counted live."""

from drillmaster.definitions.units import count
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused
from drillmaster.engine.planning.limits import pods_limit
from drillmaster.faults import shares
from drillmaster.faults.base import Radius
from drillmaster.faults.registry import kind_of


def blast_radius(live: Live) -> Verdict:
    """The faults select something, and leave enough pods standing."""
    down = 0
    for planned in live.faults:
        fault = planned.injection
        radius = kind_of(fault.kind, live.target.kind).radius(fault, live.target)
        down += radius.takes_down + (radius.selected - radius.ready)
        allowed = shares.of(pods_limit(live.drill, live.environment), radius.selected)
        problem = _problem(planned, radius, down, allowed)
        if problem is not None:
            return refused(f"{fault.name} {problem}")
    return holds(f"at most {count(down, 'pod')} unavailable at the same time")


def _problem(planned: PlannedFault, radius: Radius, down: int, allowed: int) -> str | None:
    if radius.selected == 0 and not radius.elsewhere:
        return f"selects no pod with {planned.injection.arguments.get('selector')!r}"
    if radius.takes_down and down > allowed:
        pods = count(radius.selected, "pod")
        return f"would leave {down} of {pods} unavailable; the limit is {allowed}"
    if planned.every is not None and radius.takes_down == 0:
        return f"would kill no pod: its share of {radius.selected}, rounded down, is 0"
    return None
