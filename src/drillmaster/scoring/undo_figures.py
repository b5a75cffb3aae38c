"""Figures of the way back: the undo, and the return of steady state."""

from drillmaster.definitions.units import count
from drillmaster.scoring.aftermath import steady_state, still_in
from drillmaster.scoring.case import Case
from drillmaster.scoring.causes import Situation
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.reading import (
    Reading,
    apart,
    does_not_apply,
    last_of,
    nothing_yet,
    timed,
)
from drillmaster.scoring.wording import measured, was
from drillmaster.timeline.events import (
    FaultInjected,
    FaultStuck,
    FaultUndone,
    SteadyStateLost,
    SteadyStateReturned,
    UndoOrdered,
)


def undo_time(findings: Findings, target: float | None) -> Reading:
    """From the order to undo until the last fault was gone."""
    case = findings.case
    order, undone, left = case.first(UndoOrdered), case.of(FaultUndone), still_in(case)
    if order is None or not (undone or left):
        return nothing_yet(case, "there was no fault to undo")
    if left:
        stuck = tuple(fact.seq for fact in case.of(FaultStuck) if fact.event.fault in left)
        return Reading(
            verdict="unverified" if target is None else "missed",
            seen=f"{count(len(left), 'fault')} {was(len(left))} not seen gone",
            situation="not-undone",
            events=(order.seq, *stuck),
        )
    span = apart(order, last_of(undone))
    if span is None:
        return Reading(
            value=0.0,
            bound=0.0,
            verdict="met",
            seen="every fault was gone before the order to undo",
            events=(order.seq, undone[-1].seq),
        )
    return timed(
        order,
        undone[-1],
        span,
        target,
        seen=f"every fault was gone {measured(span.value, span.bound)} after the order to undo",
        slow="slow-undo",
    )


def recovery_time(findings: Findings, target: float | None) -> Reading:
    """From the end of the last fault to steady state. Where every fault was gone before the
    order to undo, or there was none, it is from the order."""
    case = findings.case
    order, undone = case.first(UndoOrdered), case.of(FaultUndone)
    if case.ended == "refused" or order is None or (case.of(FaultInjected) and not undone):
        return nothing_yet(case, "there was nothing to recover from")
    start = undone[-1] if undone and undone[-1].at > order.at else order
    if steady_state(case) != "returned":
        return _not_returned(case, start.seq, target)
    returned = case.of(SteadyStateReturned)[-1]
    span = apart(last_of([order, *undone]), returned)
    if span is None:
        return does_not_apply("steady state was seen before the last fault was gone")
    return timed(
        start,
        returned,
        span,
        target,
        seen=f"steady state was back {measured(span.value, span.bound)} after the undo",
        slow="slow-recovery",
    )


def _not_returned(case: Case, start: int, target: float | None) -> Reading:
    lost = tuple(fact.seq for fact in case.of(SteadyStateLost))
    unseen: Situation = "not-undone" if still_in(case) else "not-measured"
    return Reading(
        verdict="missed" if lost and target is not None else "unverified",
        seen="steady state did not return in time"
        if lost
        else "no return to steady state was seen",
        situation="not-recovered" if lost else unseen,
        events=(start, *lost),
    )
