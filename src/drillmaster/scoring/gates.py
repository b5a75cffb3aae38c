"""Readiness: every required target is a gate, and none is averaged away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drillmaster.scoring.aftermath import settled, steady_state
from drillmaster.scoring.case import Case
from drillmaster.scoring.scorecard import Metric, Readiness
from drillmaster.timeline.events import FaultEffective, UndoFailed


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run is not ready."""

    readiness: Readiness
    """What it leads to: `not ready`, or `unverified`."""
    seen: str
    """What was seen, in one line."""


def readiness(case: Case, metrics: Sequence[Metric]) -> tuple[Readiness, list[Reason]]:
    """The readiness of the run, and the reasons for it; none for `ready`."""
    if case.ended == "refused":
        return "unverified", [Reason("unverified", "the guard refused the drill")]
    reasons = [*_against(case, metrics), *_unproved(case, metrics)]
    if not reasons:
        return "ready", []
    verdict = reasons[0].readiness
    return verdict, [reason for reason in reasons if reason.readiness == verdict]


def without_effect(case: Case) -> list[str]:
    """Planned faults whose effect was never seen. Nobody being reachable has none to see."""
    effective = {fact.event.fault for fact in case.of(FaultEffective)}
    planned = [fault for fault in case.drill.faults if fault.kind != "unreachable-primary"]
    return [fault.id for fault in planned if fault.id not in effective]


def _against(case: Case, metrics: Sequence[Metric]) -> Iterator[Reason]:
    if not settled(case):
        yield Reason("not ready", "not everything was undone")
    # What was denied comes first: it may explain the others.
    for metric in sorted(metrics, key=lambda metric: metric.id != "M7"):
        if metric.required and metric.verdict == "missed":
            yield Reason("not ready", metric.seen)


def _unproved(case: Case, metrics: Sequence[Metric]) -> Iterator[Reason]:
    if case.ended != "completed":
        how = "interrupted" if case.ended == "interrupted" else "ended early"
        yield Reason("unverified", f"the drill was {how}")
    for fault in without_effect(case):
        yield Reason("unverified", f"no effect of the fault {fault} was seen")
    for fact in case.of(UndoFailed):
        yield Reason("unverified", f"an undo of the fault {fact.event.fault} failed")
    if steady_state(case) != "returned":
        yield Reason("unverified", "steady state was not seen to return")
    for metric in metrics:
        if metric.required and metric.verdict == "unverified":
            yield Reason("unverified", metric.seen)
    if not any(metric.required for metric in metrics):
        yield Reason("unverified", "the drill lists no target, so nothing was proved")
