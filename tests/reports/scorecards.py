"""Scorecards made by hand for the sample run."""

from typing import Any

from drillmaster.scoring.scorecard import (
    AccessRow,
    Acknowledgement,
    Changes,
    Cost,
    Metric,
    RunbookResult,
    Scorecard,
    StepRow,
)
from drillmaster.timeline.chain import Recorded
from tests.reports.sample import RUN, START


def metric(id_: str = "M1", /, **changed: Any) -> Metric:
    """A metric that is met, unless changed."""
    fields: dict[str, Any] = {
        "id": id_,
        "name": "secondary response",
        "value": 2.04,
        "unit": "s",
        "bound": 0.02,
        "target": 10.0,
        "required": True,
        "verdict": "met",
        "evidence": "proved",
        "events": [1],
        "seen": "acknowledged 2.04 s after the escalation",
        "cause": None,
        "next_step": None,
    }
    return Metric.model_validate(fields | changed)


def scorecard(**changed: Any) -> Scorecard:
    """A small scorecard that is ready, unless changed."""
    none = {"outcome": "expected", "role": "secondary", "after": 2.04, "bound": 0.02, "events": [1]}
    fields: dict[str, Any] = {
        "run": RUN,
        "drill": "checkout-degraded",
        "title": "Checkout pods keep dying and most requests are refused",
        "environment": "sandbox",
        "readiness": "ready",
        "simulated": False,
        "played": [],
        "sentence": "READY: every required target was met; everything was undone.",
        "started_at": START,
        "ended": "completed",
        "trend": 100,
        "costs": [],
        "metrics": [metric()],
        "access": [],
        "runbook": None,
        "acknowledgement": none,
        "failure_modes": [],
        "changes": None,
        "settled": True,
        "chain": "sha256:" + "0" * 64,
    }
    return Scorecard.model_validate(fields | changed)


def not_ready(records: list[Recorded]) -> Scorecard:
    """The scorecard of the sample run: met, missed and unverified rows."""
    return scorecard(
        title="Checkout pods keep dying and most requests are refused while the primary is silent",
        readiness="not ready",
        simulated=True,
        played=["secondary"],
        sentence=(
            "NOT READY: 1 of 3 access checks was denied (may scale checkout); 2 of 3 steps were "
            "followed; everything was undone (simulated)."
        ),
        trend=71,
        costs=[
            Cost(what="access failures: missed", points=15),
            Cost(what="runbook adherence: missed", points=10),
            Cost(what="recovery time: unverified", points=4),
        ],
        metrics=_metrics(records),
        access=[
            _access(records, "the dashboard opens", "allowed"),
            _access(records, "may scale checkout", "denied"),
            _access(records, "may lift a throttle", "allowed"),
        ],
        runbook=_runbook(records),
        acknowledgement=Acknowledgement(
            outcome="expected",
            role="secondary",
            after=2.04,
            bound=0.02,
            events=[*_seqs(records, "acknowledged"), *_seqs(records, "bridge-opened")],
        ),
        failure_modes=["F3", "F6"],
        changes=Changes(
            since="checkout-degraded-20261117-101500-11c2",
            fixed=["M10"],
            regressed=["M7", "runbook_adherence"],
            new=["recovery_time"],
        ),
        chain=records[-1].digest,
    )


def _metrics(records: list[Recorded]) -> list[Metric]:
    escalated = _seqs(records, "escalated")
    steps = _seqs(records, "step-evidenced")
    return [
        metric(events=[escalated[1], *_seqs(records, "acknowledged")]),
        metric(
            "M3", name="first mitigation", value=5.48, bound=0.06, target=30.0,
            events=[escalated[1], steps[1]], seen="the throttle was lifted 5.48 s after",
        ),
        metric(
            "M7", name="access failures", value=1.0, unit="count", bound=0.0, target=0.0,
            verdict="missed", evidence="authorised", events=_checks(records),
            seen="1 of 3 checks was denied: may scale checkout",
            cause="the secondary's role was never granted what the runbook needs",
            next_step="grant responder-2 `scale` on shop/checkout, then `drillmaster verify`",
        ),
        metric(
            "M8", name="alert noise", value=1.0, unit="count", bound=0.0, target=5.0,
            required=False, events=_seqs(records, "alert-raised"), seen="1 alert",
        ),
        metric(
            "M10", name="escalation latency", value=3.02, bound=0.01,
            events=[*_seqs(records, "incident-opened"), escalated[1]],
            seen="escalated 3.02 s after the alert",
        ),
        metric(
            "delivery", name="pages delivered", value=1.0, unit="ratio", bound=0.0, target=0.98,
            required=False,
            events=[*_seqs(records, "page-sent"), *_seqs(records, "page-delivered")],
            seen="1 of 1 page was delivered, by its second channel",
        ),
        metric(
            "runbook_adherence", name="runbook adherence", value=2 / 3, unit="ratio", bound=0.0,
            target=1.0, verdict="missed", evidence="proved", events=steps,
            seen="2 of 3 required steps were followed; scale-out was skipped",
            cause="the step needs an action that is denied",
            next_step="mend the access, then repeat the drill",
        ),
        metric(
            "recovery_time", name="recovery time", value=1.79, bound=0.25, target=2.0,
            required=False, verdict="unverified", evidence=None,
            events=_seqs(records, "steady-state-returned"),
            seen="between 1.54 s and 2.04 s; the target lies within",
            cause="steady state is asked too seldom to tell",
            next_step="ask more often, or allow more than 2 s",
        ),
        metric(
            "undo_time", name="undo time", value=0.15, bound=0.05, target=None, required=False,
            events=_seqs(records, "fault-undone"), seen="both faults gone 0.15 s after the order",
        ),
    ]  # fmt: skip


def _runbook(records: list[Recorded]) -> RunbookResult:
    done = dict(zip(["look", "lift", "tell"], _seqs(records, "step-evidenced"), strict=True))
    rows: list[tuple[str, str, float | None, str | None, list[int]]] = [
        ("look-at-the-dashboard", "followed", 1.61, "proved", [done["look"]]),
        ("lift-the-throttle", "followed", 3.44, "proved", [done["lift"]]),
        ("scale-out", "skipped", None, None, []),
        ("tell-the-team", "followed", 7.2, "self-reported", [done["tell"]]),
    ]
    steps = [
        StepRow.model_validate(
            {"step": step, "outcome": outcome, "after": after, "grade": grade, "events": events,
             "by": ["responder-2"] if events else [], "required": step != "tell-the-team"}
        )
        for step, outcome, after, grade, events in rows
    ]  # fmt: skip
    return RunbookResult(name="checkout-degraded", revision="sha256:" + "4e" * 32, steps=steps)


def _access(records: list[Recorded], check: str, answer: str) -> AccessRow:
    events = [r.seq for r in records if getattr(r.event, "check", None) == check]
    fields = {"check": check, "person": "responder-2", "answer": answer, "grade": "authorised"}
    return AccessRow.model_validate(fields | {"events": events})


def _seqs(records: list[Recorded], kind: str) -> list[int]:
    return [record.seq for record in records if record.event.type == kind]


def _checks(records: list[Recorded]) -> list[int]:
    return [r.seq for r in records if getattr(r.event, "subject", None) == "person"]
