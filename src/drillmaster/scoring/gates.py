"""Readiness: every required target is a gate, and none is averaged away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drillmaster.scoring.aftermath import settled, steady_state
from drillmaster.scoring.case import Case
from drillmaster.scoring.causes import ADVICE
from drillmaster.scoring.ends import cut_short, refusal
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.premises import not_held, shared, ungated
from drillmaster.scoring.scorecard import Metric, Readiness
from drillmaster.timeline.events import UndoFailed


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run is not ready."""

    readiness: Readiness
    """What it leads to: `not ready`, or `unverified`."""
    seen: str
    """What was seen, in one line."""
    unseen: bool = False
    """It could not be seen, because the drill was ended early; that reason tells of it, too."""


_ENDED_EARLY = frozenset({ADVICE["ended-early"].cause, ADVICE["unwatched"].cause})


def readiness(findings: Findings, metrics: Sequence[Metric]) -> tuple[Readiness, list[Reason]]:
    """The readiness of the run, and the reasons for it; none for `ready`."""
    case = findings.case
    if case.ended == "refused":
        return "unverified", [Reason("unverified", refusal(case))]
    reasons = [*_against(findings, metrics), *_unproved(findings, metrics)]
    if not reasons:
        return "ready", []
    verdict = reasons[0].readiness
    return verdict, [reason for reason in reasons if reason.readiness == verdict]


def _against(findings: Findings, metrics: Sequence[Metric]) -> Iterator[Reason]:
    case = findings.case
    if not settled(case):
        yield Reason("not ready", "not everything was undone")
    # What was denied comes first: it may explain the others.
    for metric in sorted(metrics, key=lambda metric: metric.id != "M7"):
        if metric.required and metric.verdict == "missed":
            yield Reason("not ready", metric.seen)
    if shared(case, findings.response):
        yield Reason("not ready", "more than one member of the pool took the incident")
    if ungated(case):
        yield Reason("not ready", "an automation acted before the secondary had approved anything")
    answer = _answer(metrics)
    if answer is not None and not answer.required and _is_missed(case, answer):
        yield Reason("not ready", answer.seen)


def _unproved(findings: Findings, metrics: Sequence[Metric]) -> Iterator[Reason]:
    case, answer = findings.case, _answer(metrics)
    if early := cut_short(case):
        yield Reason("unverified", early)
    for premise in not_held(case):
        yield Reason("unverified", premise)
    for fact in case.of(UndoFailed):
        yield Reason("unverified", f"an undo of the fault {fact.event.fault} failed")
    if steady_state(case) != "returned":
        yield Reason("unverified", "steady state was not seen to return")
    for metric in metrics:
        if metric.required and metric.verdict == "unverified":
            yield Reason("unverified", metric.seen, unseen=metric.cause in _ENDED_EARLY)
    if not any(metric.required for metric in metrics):
        yield Reason("unverified", "the drill lists no target, so nothing was proved")
    if case.escalation is None:
        never = "the incident was never escalated to the secondary"
        yield Reason("unverified", never, unseen=case.early)
    elif answer is not None and not answer.required and answer.verdict != "met":
        yield Reason("unverified", "it was not seen that the secondary answered")


def _answer(metrics: Sequence[Metric]) -> Metric | None:
    """The secondary's own answer: nobody is ready without it, whatever a drill lists."""
    return next((metric for metric in metrics if metric.id == "M1"), None)


def _is_missed(case: Case, answer: Metric) -> bool:
    """Whether the answer came too late, or there was time for one that never came."""
    over = answer.value is not None or case.lapsed(case.escalation, answer.target)
    return answer.verdict == "missed" and over
