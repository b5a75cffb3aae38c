"""What was left when the run was closed: faults, and steady state."""

from typing import Literal

from drillmaster.scoring.case import Case
from drillmaster.timeline.events import (
    FaultInjected,
    FaultStuck,
    FaultUndone,
    RunSealed,
    SteadyStateLost,
    SteadyStateReturned,
)


def still_in(case: Case) -> list[str]:
    """Faults that were injected or stuck, and that nobody saw gone after it. A round that was
    surely injected after a fault was seen gone brought it back."""
    gone = {fact.event.fault: fact for fact in case.of(FaultUndone)}
    stuck = {fact.event.fault: fact for fact in case.of(FaultStuck)}
    injected = {fact.event.fault: fact for fact in case.of(FaultInjected)}
    return sorted(
        fault
        for fault in {*injected, *stuck}
        if fault not in gone
        or (fault in stuck and gone[fault].at < stuck[fault].at)
        or (fault in injected and gone[fault].latest < injected[fault].earliest)
    )


def settled(case: Case) -> bool:
    """Whether everything was undone: the seal says so, and no fault contradicts it."""
    sealed = case.of(RunSealed)
    return bool(sealed) and sealed[-1].event.settled and not still_in(case)


def steady_state(case: Case) -> Literal["returned", "lost", "unknown"]:
    """Whether steady state returned; the last that was seen of it counts."""
    returned, lost = case.of(SteadyStateReturned), case.of(SteadyStateLost)
    if lost and not (
        returned and (returned[-1].at, returned[-1].seq) > (lost[-1].at, lost[-1].seq)
    ):
        return "lost"
    return "returned" if returned else "unknown"
