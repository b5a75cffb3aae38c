"""How far a drill could go, in one sentence: what is down, until when, and who is paged."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.rung import rings
from drillmaster.definitions.units import count, format_share
from drillmaster.engine.planning.limits import duration_limit, pods_limit
from drillmaster.faults import shares

_TIMES = {1: "once", 2: "twice"}


def worst_case(bundle: Bundle, now: datetime) -> str:
    """`At most 1 of 4 pods down, undone by 14:32 WET, pages responder-2 once.`

    The time is this machine's, and later than any drill that begins now may still have a fault
    in: its longest duration, a lease until somebody notices that it froze, and the time for
    which an undo is tried, to the next full minute.
    """
    reach = " and ".join(_reach(bundle))
    broken = f"At most {reach}, undone by {_until(bundle, now)}" if reach else "Breaks nothing"
    return f"{broken}, {_paged(bundle)}."


def _reach(bundle: Bundle) -> Iterator[str]:
    """What the faults do together; the guard refuses what goes beyond the limit."""
    bodies = [fault.body for fault in bundle.drill.faults]
    spec, limit = bundle.environment.target, pods_limit(bundle.drill, bundle.environment)
    if spec.kind == "sandbox":
        down = sum(shares.of(body.takes_down, spec.replicas) for body in bodies)
        most = min(down, shares.of(limit, spec.replicas))
        if most:
            yield f"{most} of {count(spec.replicas, 'pod')} down"
    elif share := min(sum(body.takes_down for body in bodies), limit):
        yield f"{format_share(share)} of the pods down"  # how many there are, only it knows
    yield from (body.reach for body in bodies if body.reach)


def _until(bundle: Bundle, now: datetime) -> str:
    timing = bundle.environment.timing
    lasts = duration_limit(bundle.drill, bundle.environment) + timing.lease + timing.undo
    lasts += max((getattr(fault.body, "timeout", 0.0) for fault in bundle.drill.faults), default=0)
    until = (now + timedelta(seconds=lasts + 59)).astimezone()
    other_day = until.date() != now.astimezone().date()
    return f"{until:%a %H:%M %Z}" if other_day else f"{until:%H:%M %Z}"


def _paged(bundle: Bundle) -> str:
    times: dict[int, list[str]] = {}
    for who, often in Counter(rings(bundle.drill, bundle.environment)).items():
        times.setdefault(often, []).append(who)
    said = [
        f"{_and(people)} {_TIMES.get(often, f'{often} times')}" for often, people in times.items()
    ]
    return f"pages {_and(said)}" if said else "pages nobody"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
