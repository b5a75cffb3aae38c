"""Figures of how the secondary answered: M1 and the hand-over."""

from dataclasses import replace

from drillmaster.scoring.acknowledgement import Response, took_back, verdict_of
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.causes import Situation
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.pages import undelivered
from drillmaster.scoring.reading import (
    Reading,
    Span,
    between,
    does_not_apply,
    never_came,
    timed,
)
from drillmaster.scoring.scorecard import AckOutcome, Verdict
from drillmaster.scoring.wording import allowed, measured, seconds
from drillmaster.timeline.events import Acknowledged, AcknowledgementWithdrawn

NO_PART = "the advisory pattern asks the secondary to act in critical incidents alone"

_WITHOUT_ACK: dict[AckOutcome, tuple[str, Situation]] = {
    "hollow": ("the secondary acknowledged{after}, and nothing followed", "hollow"),
    "withdrawn": ("the secondary acknowledged{after} and took it back", "withdrawn"),
    "too-early": ("the secondary acknowledged before being paged, and not again", "too-early"),
    "wrong-person": ("somebody other than the secondary acknowledged{after}", "wrong-person"),
    "automation": ("an automation acknowledged{after}, and no person did", "automation"),
    "none": ("the secondary did not acknowledge{within}", "silent"),
}


def not_escalated(case: Case, *events: int) -> Reading:
    """The reading of whatever begins with the escalation to the secondary. Where the drill was
    refused or ended early, that is no fault of the policy's."""
    return Reading(
        verdict="unverified",
        seen="the incident was never escalated to the secondary, so there was nothing to measure",
        situation="ended-early" if case.early else "not-escalated",
        events=events,
    )


def secondary_response(findings: Findings, target: float | None) -> Reading:
    """M1: from the escalation to the secondary to the ACK that counts."""
    case, response = findings.case, findings.response
    if response.escalation is None:
        return not_escalated(case)
    if response.outcome == "expected" and response.span:
        return _acknowledged(case, response, response.span, target)
    if not case.answer_expected:
        return does_not_apply(NO_PART)
    return _not_acknowledged(case, response, target)


def _acknowledged(case: Case, response: Response, span: Span, target: float | None) -> Reading:
    verdict = verdict_of(response, span, target)
    seen = f"the secondary acknowledged in {measured(span.value, span.bound)}"
    situation: Situation = "straddles"
    if verdict == "missed":
        seen += f", where {allowed(target or 0)} were allowed"
        situation = "late"
    elif response.valid:
        seen += " and went to work"
    elif not response.reached:
        seen += "; that their page reached them was not seen"
        situation = "undelivered"
    else:
        seen += "; whether work followed in time could not be seen"
        situation = "ended-early" if case.early else "engagement-unclear"
    return Reading(
        value=span.value,
        bound=span.bound,
        verdict=verdict,
        seen=seen,
        situation=situation,
        events=response.events,
        evidence=response.engagement.grade,
    )


def _not_acknowledged(case: Case, response: Response, target: float | None) -> Reading:
    text, situation = _WITHOUT_ACK[response.outcome]
    verdict: Verdict = never_came(case, response.escalation, target)
    if response.outcome == "hollow":
        verdict = "missed"  # the time to go to work is over: more of it would change nothing
    if response.outcome == "none" and undelivered(case):
        situation = "undelivered"
    if response.afterwards is not None:
        return _too_late(case, response, response.afterwards, verdict, target)
    after = f" after {seconds(response.span.value)}" if response.span else ""
    within = f" within {allowed(target)}" if target and verdict == "missed" else ""
    seen = text.format(after=after, within=within)
    if verdict == "unverified":
        seen, situation = f"{seen}; {_cut_short(case)} before the time was over", "ended-early"
    return Reading(verdict=verdict, seen=seen, situation=situation, events=response.events)


def _cut_short(case: Case) -> str:
    over = "ended" if case.unwatched is None else "not watched any more"
    return f"the drill was {over}"


def _too_late(
    case: Case,
    response: Response,
    ack: Fact[Acknowledged],
    verdict: Verdict,
    target: float | None,
) -> Reading:
    """The reading of an ACK that came when the drill was over."""
    seen = f"the secondary acknowledged only after {_cut_short(case)}"
    situation: Situation = "ended-early"
    if verdict == "missed":
        seen += f", where {allowed(target or 0)} were allowed"
        situation = "late"
    return Reading(
        verdict=verdict, seen=seen, situation=situation, events=(*response.events, ack.seq)
    )


def hand_over_time(findings: Findings, target: float | None) -> Reading:
    """From the primary's ACK to the secondary's ACK that counts."""
    case, response = findings.case, findings.response
    ack = response.ack if response.outcome == "expected" else None
    primary = _primary_ack(case, ack)
    if primary is None:
        return does_not_apply("the primary did not acknowledge, so nothing was handed over")
    if response.escalation is None:
        return not_escalated(case, primary.seq)
    span = between(primary, ack) if ack else None
    if ack is None or span is None:
        verdict = never_came(case, primary, target)
        return Reading(
            verdict=verdict,
            seen="the secondary did not take over from the primary",
            situation="not-engaged" if verdict == "missed" else "ended-early",
            events=(primary.seq,),
        )
    reading = timed(
        primary,
        ack,
        span,
        target,
        seen=f"the secondary took over {measured(span.value, span.bound)} after the primary's ACK",
        slow="slow-hand-over",
        evidence=response.engagement.grade,
    )
    if reading.verdict == "met" and not response.valid:
        situation: Situation = "ended-early" if case.early else "engagement-unclear"
        if not response.reached:
            situation = "undelivered"
        return replace(reading, verdict="unverified", situation=situation)
    return reading


def _primary_ack(case: Case, secondary: Fact[Acknowledged] | None) -> Fact[Acknowledged] | None:
    """The primary's first ACK that stood, and did not come after the secondary's."""
    withdrawals = case.human(AcknowledgementWithdrawn)
    for ack in case.human(Acknowledged):
        person = ack.event.person
        if person is None or person not in case.primaries - case.expected:
            continue
        if any(took_back(ack, withdrawal) for withdrawal in withdrawals):
            continue
        if secondary is None or between(ack, secondary) is not None:
            return ack
    return None
