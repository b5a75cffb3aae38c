"""Actions: faults, and the end of them.

Without a drill around it nothing watches over an experiment: give every fault its
`undo_fault` as a rollback, and run with `--rollback-strategy always`.
"""

import time
from typing import Any

from drillmaster.chaos.target import connected, injection_of
from drillmaster.definitions.units import parse_duration
from drillmaster.faults.registry import kind_of

__all__ = ["inject_fault", "repeat_fault", "undo_fault", "wait"]


def inject_fault(
    kind: str, arguments: dict[str, Any], target: dict[str, Any], name: str = ""
) -> list[str]:
    """Inject a fault, one round.

    Args:
        kind: The fault, such as `throttle`.
        arguments: As in a drill, such as `{namespace: shop, selector: app=checkout, share: 60%}`.
        target: The target: its `kind` and what else it needs.
        name: Tells two faults of one kind apart.

    Returns:
        What was touched.
    """
    there = connected(target)
    return kind_of(kind, there.kind).inject(injection_of(kind, arguments, name), there, 1).touched


def repeat_fault(
    kind: str,
    arguments: dict[str, Any],
    target: dict[str, Any],
    seconds: str | float,
    name: str = "",
) -> int:
    """Inject a fault round by round, in the rhythm of its `every`, for so many seconds.

    Returns:
        How many rounds were played.
    """
    there, injection = connected(target), injection_of(kind, arguments, name)
    every, end = parse_duration(arguments.get("every", "20s")), time.monotonic() + float(seconds)
    round_ = 0
    while True:
        round_ += 1
        kind_of(kind, there.kind).inject(injection, there, round_)
        if time.monotonic() + every >= end:
            return round_
        time.sleep(every)


def undo_fault(
    kind: str, arguments: dict[str, Any], target: dict[str, Any], name: str = ""
) -> bool:
    """Take a fault back; whether it was there.

    Args:
        kind: As it was injected.
        arguments: As it was injected.
        target: As it was injected.
        name: As it was injected.
    """
    there = connected(target)
    injection = injection_of(kind, arguments, name)
    return kind_of(kind, there.kind).undo(injection, there, "injected").was_present


def wait(seconds: str | float) -> float:
    """Leave things as they are for so many seconds."""
    time.sleep(float(seconds))
    return float(seconds)
