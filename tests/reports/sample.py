"""A realistic run, made by hand: a secondary who may not scale, and a scorecard for it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from drillmaster.timeline.chain import Recorded, link
from drillmaster.timeline.events import AnyEvent, event_adapter

RUN = "checkout-degraded-20261124-140203-7f3a"
START = datetime(2026, 11, 24, 14, 2, 3, 120000, tzinfo=UTC)

STEPS = [
    ("look-at-the-dashboard", "Look at the dashboard"),
    ("lift-the-throttle", "Lift the throttle"),
    ("scale-out", "Scale out"),
    ("tell-the-team", "Tell the team"),
]
DEFINITIONS = {
    "drill": {"name": "checkout-degraded"},
    "runbook": {
        "name": "checkout-degraded",
        "steps": [{"id": step, "title": title} for step, title in STEPS],
    },
}


def event(
    after: float, type_: str, source: str, precision: float = 0.0, /, **fields: Any
) -> AnyEvent:
    """An event so many seconds after the start."""
    at = START + timedelta(seconds=after)
    common = {"type": type_, "source": source, "precision": precision}
    times = {"occurred_at": at, "observed_at": at + timedelta(seconds=precision)}
    return event_adapter.validate_python(common | times | fields)


def chained(events: Sequence[AnyEvent], run: str = RUN) -> list[Recorded]:
    """The events as a chain."""
    records: list[Recorded] = []
    for one in events:
        records.append(link(run, records[-1] if records else None, one))
    return records


def started(**changed: Any) -> AnyEvent:
    """The start of the run."""
    fields: dict[str, Any] = {
        "run": RUN,
        "drill": "checkout-degraded",
        "environment": "sandbox",
        "service": "checkout",
        "target": "sandbox",
        "simulated": True,
        "operator": "ada",
        "version": "0.1.0",
        "definitions": DEFINITIONS,
    }
    return event(0, "run-started", "supervisor", **fields | changed)


def access(after: float, check: str, answer: str, subject: str = "person") -> AnyEvent:
    """An access check of the secondary."""
    grade = "authorised" if answer in {"allowed", "denied"} else None
    fields = {"check": check, "person": "responder-2", "subject": subject, "answer": answer}
    said = {"allowed": "status 200", "denied": "policy says no"}.get(answer, "no answer in 2 s")
    return event(after, "access-checked", "supervisor", 0.01, **fields, grade=grade, detail=said)


def action(
    after: float, record: str, what: str, allowed: bool = True, **parameters: Any
) -> AnyEvent:
    """An action in the target's audit record."""
    fields = {"record": record, "person": "responder-2", "action": what, "allowed": allowed}
    where = {"object": "shop/checkout", "parameters": parameters}
    return event(after, "action-seen", "target", 0.001, **fields, **where)


def step(after: float, name: str, record: str | None, grade: str = "proved") -> AnyEvent:
    """Evidence for a step."""
    fields = {"step": name, "person": "responder-2", "grade": grade, "record": record}
    how = "audit" if record else "self-report"
    return event(after, "step-evidenced", "supervisor", 0.05, **fields, how=how)


INCIDENT = {"incident": "inc-1"}
CHURN = {"fault": "pod-churn"}
THROTTLE = {"fault": "throttle"}
SECOND = {"person": "responder-2", "role": "secondary"}


def before() -> list[AnyEvent]:
    """Until the first fault."""
    rules = {
        "drillable": "the target says that it is drillable and disposable",
        "blast-radius": "at most 1 of 4 pods down at the same time, 2 allowed",
        "steady-state": "2 of 2 questions met",
        "undo": "every fault has an undo",
    }
    checks = {"checkout answers": "status 200", "every replica is ready": "4 of 4"}
    last = {"run": "checkout-degraded-20261117-101500-11c2", "readiness": "ready"}
    verdicts = {"M1": "met", "M7": "met", "M10": "missed", "runbook_adherence": "met"}
    return [
        started(),
        event(0.01, "history-recorded", "supervisor", **last, verdicts=verdicts),
        *(
            event(0.1 + n / 50, "guard-checked", "supervisor", rule=rule, passed=True, message=why)
            for n, (rule, why) in enumerate(rules.items())
        ),
        *(
            event(0.3 + n / 10, "steady-state-checked", "supervisor", 0.01, phase="before",
                  name=name, met=True, detail=seen)
            for n, (name, seen) in enumerate(checks.items())
        ),
    ]  # fmt: skip


def failing() -> list[AnyEvent]:
    """From the first fault to the escalation to the secondary."""
    held = {"person": "responder-1", "role": "primary", "level": 1, "by": "drill-policy"}
    page = {"page": "page-2"}
    return [
        event(1.20, "fault-intended", "runner", **CHURN, kind="pod-churn"),
        event(1.31, "fault-injected", "runner", **CHURN, round=1, touched=["checkout-1"]),
        event(1.33, "fault-intended", "runner", **THROTTLE, kind="throttle"),
        event(1.38, "fault-injected", "runner", **THROTTLE, round=1, touched=["shop/checkout"]),
        event(1.52, "fault-effective", "target", 0.1, **CHURN, seen="3 of 4 replicas are ready"),
        event(1.71, "fault-effective", "target", 0.1, **THROTTLE, seen="58 % answered with 429"),
        event(1.74, "incident-opened", "oncall", **INCIDENT, provider="embedded",
              severity="critical", summary="[DRILL] checkout refuses most requests"),
        event(1.74, "alert-raised", "oncall", **INCIDENT, name="checkout refuses most requests"),
        event(1.75, "escalated", "oncall", **INCIDENT, level=1, role="primary",
              people=["responder-1"], why="opened"),
        event(1.75, "page-suppressed", "oncall", **INCIDENT, **held),
        event(4.76, "escalated", "oncall", **INCIDENT, level=2, role="secondary",
              people=["responder-2"], why="timeout"),
        event(4.77, "page-sent", "oncall", **page, **INCIDENT, **SECOND, level=2),
        event(4.92, "page-failed", "oncall", **page, channel="webhook",
              reason="the connection was refused"),
        event(4.95, "page-delivered", "oncall", **page, channel="terminal"),
    ]  # fmt: skip


def responding() -> list[AnyEvent]:
    """The secondary at work."""
    profile = ["the dashboard opens", "may scale checkout", "may lift a throttle"]
    answers = ["allowed", "denied", "allowed"]
    checks = [
        check
        for n, (name, answer) in enumerate(zip(profile, answers, strict=True))
        for check in (
            access(7.1 + n / 4, name, "allowed", "positive-control"),
            access(7.15 + n / 4, name, "denied", "negative-control"),
            access(7.2 + n / 4, name, answer),
        )
    ]
    chosen = {"step": "lift-the-throttle", "person": "responder-2", "choice": "lift it"}
    return [
        event(6.33, "fault-injected", "runner", **CHURN, round=2, touched=["checkout-3"]),
        event(6.80, "acknowledged", "oncall", 0.01, **INCIDENT, **SECOND, agent="person",
              via="link"),
        *checks,
        event(8.0, "bridge-opened", "intake", person="responder-2"),
        action(8.41, "a-11", "view"),
        step(8.41, "look-at-the-dashboard", "a-11"),
        event(9.9, "decision-answered", "intake", **chosen),
        action(10.24, "a-12", "lift-throttle"),
        step(10.24, "lift-the-throttle", "a-12"),
        event(10.30, "fault-undone", "target", 0.1, **THROTTLE, by="responder"),
        event(11.35, "fault-injected", "runner", **CHURN, round=3, touched=["checkout-2"]),
        action(12.45, "a-13", "scale", allowed=False, replicas=6),
        event(13.1, "note-added", "intake", person="responder-2",
              text="I may not scale checkout <b>& ask</b> for it | urgent"),
        step(14.0, "tell-the-team", None, "self-reported"),
        event(16.36, "fault-injected", "runner", **CHURN, round=4, touched=["checkout-5"]),
    ]  # fmt: skip


def after() -> list[AnyEvent]:
    """From the order to undo to the seal."""
    checks = {"checkout answers": "status 200", "every replica is ready": "4 of 4"}
    return [
        event(34.77, "undo-ordered", "supervisor", ended="completed",
              why="the last target has lapsed"),
        event(34.92, "fault-undone", "runner", 0.05, **CHURN, by="runner"),
        event(35.2, "runner-ended", "supervisor", how="ended by itself"),
        event(35.2, "settlement-started", "supervisor", by="supervisor", fence=1),
        *(
            event(36.6 + n / 10, "steady-state-checked", "supervisor", 0.01, phase="after",
                  name=name, met=True, detail=seen)
            for n, (name, seen) in enumerate(checks.items())
        ),
        event(36.71, "steady-state-returned", "supervisor", 0.2),
        event(36.8, "incident-resolved", "oncall", **INCIDENT, by="drillmaster"),
        event(37.1, "run-sealed", "supervisor", ended="completed", settled=True),
    ]  # fmt: skip


def records() -> list[Recorded]:
    """The whole run."""
    return chained([*before(), *failing(), *responding(), *after()])
