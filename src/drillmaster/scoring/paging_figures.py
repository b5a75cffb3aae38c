"""Figures of the paging: alerts, the escalation, the pages, and detection."""

from dataclasses import replace

from drillmaster.definitions.units import count
from drillmaster.scoring import pages
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.reading import (
    Reading,
    apart,
    between,
    does_not_apply,
    first_of,
    judge,
    nothing_yet,
    timed,
)
from drillmaster.scoring.wording import allowed, measured, was
from drillmaster.timeline.events import Acknowledged, AlertRaised, FaultEffective, IncidentOpened

_NO_INCIDENT = "no incident was opened"


def alert_noise(findings: Findings, target: float | None) -> Reading:
    """M8: alerts ÷ incidents; the alert that opens an incident is one of them."""
    case = findings.case
    opened, others = case.of(IncidentOpened), case.of(AlertRaised)
    if not opened:
        return nothing_yet(case, _NO_INCIDENT)
    alerts = len(opened) + len(others)
    value = alerts / len(opened)
    incidents = "the incident" if len(opened) == 1 else count(len(opened), "incident")
    return Reading(
        value=round(value, 6),
        bound=0.0,
        verdict=judge(value, value, target),
        seen=f"{count(alerts, 'alert')} told of {incidents}",
        situation="noise",
        events=tuple(sorted(fact.seq for fact in [*opened, *others])),
    )


def escalation_latency(findings: Findings, target: float | None) -> Reading:
    """M10: from the alert to the escalation to the secondary."""
    case, escalation = findings.case, findings.response.escalation
    alert = _alert(case)
    if alert is None:
        return nothing_yet(case, _NO_INCIDENT)
    if escalation is None:
        return _no_escalation(case, alert, target)
    span = between(alert, escalation)
    if span is None:
        return does_not_apply("the escalation came before the alert")
    return timed(
        alert,
        escalation,
        span,
        target,
        seen=f"the secondary was paged {measured(span.value, span.bound)} after the alert",
        slow="slow-escalation",
    )


def _no_escalation(case: Case, alert: Fact[IncidentOpened], target: float | None) -> Reading:
    lapsed = case.lapsed(alert, target) and not _prevented(case)
    within = f" within {allowed(target)}" if lapsed and target else ""
    return Reading(
        verdict="missed" if lapsed else "unverified",
        seen=f"the incident was not escalated to the secondary{within}",
        situation="ended-early" if case.early and not lapsed else "not-escalated",
        events=(alert.seq,),
    )


def _prevented(case: Case) -> bool:
    """Whether somebody took the incident, so that the policy had nothing to escalate. Where
    the primary is to hand over, their ACK is no reason not to."""
    taken = any(ack.event.agent == "person" for ack in case.human(Acknowledged))
    return taken and case.drill.escalation.engage != "hand-over"


def _alert(case: Case) -> Fact[IncidentOpened] | None:
    """The alert: of the incident that was escalated, where one was."""
    escalation = case.escalation
    if escalation is None:
        return case.first(IncidentOpened)
    same = (f for f in case.of(IncidentOpened) if f.event.incident == escalation.event.incident)
    return next(same, None)


def delivery(findings: Findings, target: float | None) -> Reading:
    """Pages that a channel took ÷ pages fired."""
    case = findings.case
    fired = pages.sent(case)
    if not fired:
        return nothing_yet(case, "no page was fired")
    delivered, failed = pages.delivered(case), pages.failed(case)
    taken = sum(fact.event.page in delivered for fact in fired)
    silent = sum(fact.event.page not in delivered | failed for fact in fired)
    verdict = judge(taken / len(fired), (taken + silent) / len(fired), target, floor=True)
    seen = f"{taken} of {count(len(fired), 'page')} {was(taken)} delivered"
    return Reading(
        value=round(taken / len(fired), 6),
        bound=None if silent else 0.0,
        verdict=verdict,
        seen=seen + (f"; {silent} got no answer from any channel" if silent else ""),
        situation="channel-failed" if verdict == "missed" else "delivery-unclear",
        events=pages.events(case, fired),
    )


def detection_time(findings: Findings, target: float | None) -> Reading:
    """From the first effect of a fault to the alert. An alert that the drill raises by itself
    says nothing of anybody's monitoring: such a time can be no gate."""
    case = findings.case
    effects, alert = case.of(FaultEffective), case.first(IncidentOpened)
    if not effects or alert is None:
        return nothing_yet(case, "no fault had an effect, or no alert was raised")
    effect = effects[0]
    span = apart(first_of(effects), alert)
    if span is None:
        return does_not_apply("the alert came before any fault had an effect")
    time = measured(span.value, span.bound)
    reading = timed(
        effect,
        alert,
        span,
        target,
        seen=f"the alert came {time} after a fault's first effect",
        slow="slow-detection",
    )
    if case.drill.escalation.page == "by-alert":
        return reading
    return replace(
        reading,
        verdict="met" if target is None else "unverified",
        seen=f"Drillmaster itself raised the alert {time} after a fault's first effect; "
        "this is no time of your monitoring",
        situation="own-alert",
    )
