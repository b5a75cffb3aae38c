"""Synthetic timelines: what a run would leave behind, without running it.

Times are seconds since the run began. Every event is precise to 10 ms unless it says
otherwise.

    Story().escalated(4).acknowledged(6).step(7, "look").completed(10).records()
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from drillmaster.timeline.chain import Recorded, link
from drillmaster.timeline.events import (
    AccessChecked,
    Acknowledged,
    AcknowledgementWithdrawn,
    ActionSeen,
    AnyEvent,
    Escalated,
    Event,
    FaultEffective,
    FaultInjected,
    FaultIntended,
    FaultUndone,
    HandedOver,
    IncidentOpened,
    IncidentResolved,
    PageDelivered,
    PageSent,
    PageSuppressed,
    RunSealed,
    RunStarted,
    SettlementStarted,
    SteadyStateReturned,
    StepEvidenced,
    UndoOrdered,
    event_adapter,
)

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

INCIDENT = "incident-1"

PRIMARY, SECONDARY, BYSTANDER = "responder-1", "responder-2", "responder-3"

ROLES = {PRIMARY: "primary", SECONDARY: "secondary"}

DRILL: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "drill",
    "name": "checkout-degraded",
    "title": "Checkout turns customers away while the primary is silent",
    "environment": "sandbox",
    "service": "checkout",
    "steady_state": [{"name": "checkout answers", "http": {"url": "http://127.0.0.1/"}}],
    "faults": [
        {"throttle": {"namespace": "shop", "selector": "app=checkout", "share": "60%"}},
        {"unreachable-primary": {"by": "drill-policy"}},
    ],
    "escalation": {"severity": "critical", "summary": "checkout fails", "engage": "timeout"},
    "access": "checkout-secondary",
    "runbook": "checkout",
    "targets": {
        "escalation_latency": "10s",
        "secondary_response": "10s",
        "first_mitigation": "30s",
        "runbook_adherence": "100%",
        "access_failures": 0,
    },
}

ENVIRONMENT: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "environment",
    "name": "sandbox",
    "target": {"kind": "sandbox"},
    "oncall": {
        "provider": "embedded",
        "policy": [
            {"page": "primary", "timeout": "3s"},
            {"page": "secondary", "timeout": "20s"},
        ],
    },
    "people": {
        PRIMARY: {"roles": ["primary"]},
        SECONDARY: {"roles": ["secondary"]},
        BYSTANDER: {},
    },
}

ACCESS: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "access",
    "name": "checkout-secondary",
    "checks": [
        {
            "name": f"may {can}",
            "permission": {"namespace": "shop", "workload": "checkout", "can": can},
        }
        for can in ("scale", "lift-throttle")
    ],
}


def _audited(action: str, **parameters: Any) -> dict[str, Any]:
    return {
        "audit": {
            "namespace": "shop",
            "workload": "checkout",
            "action": action,
            "parameters": parameters,
        }
    }


RUNBOOK: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "runbook",
    "name": "checkout",
    "title": "Checkout is degraded",
    "owner": "team-checkout",
    "reviewed": "2026-11-24",
    "service": "checkout",
    "revision": "sha256:" + "0" * 64,
    "steps": [
        {"id": "look", "title": "Look", "line": 1, "within": "15s", "evidence": _audited("view")},
        {
            "id": "lift",
            "title": "Lift the throttle",
            "line": 2,
            "within": "20s",
            "evidence": _audited("lift-throttle"),
            "mitigates": True,
        },
        {
            "id": "scale",
            "title": "Scale out",
            "line": 3,
            "within": "30s",
            "evidence": _audited("scale", replicas=6),
            "mitigates": True,
        },
        {
            "id": "tell",
            "title": "Tell the team",
            "line": 4,
            "evidence": {"self-report": {}},
            "optional": True,
        },
    ],
}

ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "look": ("view", {}),
    "lift": ("lift-throttle", {}),
    "scale": ("scale", {"replicas": 6}),
}
"""What is done at the target for each step."""


def changed(definition: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A definition with other values; `a__b` is the key `b` under `a`. None removes a key."""
    new = deepcopy(dict(definition))
    for path, value in changes.items():
        *parents, key = path.split("__")
        place = new
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is None:
            place.pop(key, None)
        else:
            place[key] = value
    return new


class Story:
    """A timeline under construction."""

    def __init__(
        self,
        drill: Mapping[str, Any] = DRILL,
        environment: Mapping[str, Any] = ENVIRONMENT,
        access: Mapping[str, Any] | None = ACCESS,
        runbook: Mapping[str, Any] | None = RUNBOOK,
        *,
        simulated: bool = True,
    ) -> None:
        self.events: list[AnyEvent] = []
        self._count = 0
        definitions = {
            "drill": drill,
            "environment": environment,
            "access": access,
            "runbook": runbook,
        }
        self.add(
            0,
            RunStarted,
            run="run-1",
            drill=drill["name"],
            environment=environment["name"],
            service=drill["service"],
            target="sandbox",
            simulated=simulated,
            operator="somebody",
            version="0.1.0",
            definitions={
                name: deepcopy(dict(part)) for name, part in definitions.items() if part is not None
            },
        )

    def add(
        self, at: float, kind: type[Event], /, *, precision: float = 0.01, **fields: Any
    ) -> Self:
        """Any event."""
        moment = START + timedelta(seconds=at)
        event = kind(
            occurred_at=moment, observed_at=moment, source="test", precision=precision, **fields
        )
        self.events.append(event_adapter.validate_python(event))
        return self

    def records(self) -> list[Recorded]:
        """The timeline, bound to a chain; events stand in the order in which they were added."""
        chain: list[Recorded] = []
        for event in self.events:
            chain.append(link("run-1", chain[-1] if chain else None, event))
        return chain

    # The machine side

    def fault(self, at: float, fault: str = "throttle") -> Self:
        """A fault goes in, and has an effect half a second later."""
        self.add(at, FaultIntended, fault=fault, kind=fault)
        self.add(at + 0.1, FaultInjected, fault=fault, round=1, touched=["checkout"])
        return self.add(at + 0.5, FaultEffective, fault=fault, seen="requests are refused")

    def completed(self, at: float, **how: Any) -> Self:
        """The drill is over; everything is undone and steady."""
        return self.ended(at, "completed", **how)

    def ended(
        self, at: float, ended: str, *, settled: bool = True, faults: Sequence[str] = ("throttle",)
    ) -> Self:
        """The end of the run, in whatever way."""
        self.add(at, UndoOrdered, ended=ended, why="for the test")
        self.add(at, SettlementStarted, by="supervisor", fence=1)
        for fault in faults:
            self.add(at + 0.2, FaultUndone, fault=fault, by="supervisor")
        self.add(at + 0.3, IncidentResolved, incident=INCIDENT, by="drillmaster")
        self.add(at + 0.8, SteadyStateReturned)
        return self.add(at + 0.9, RunSealed, ended=ended, settled=settled)

    # The human side

    def opened(self, at: float) -> Self:
        """The synthetic incident is open."""
        return self.add(
            at,
            IncidentOpened,
            incident=INCIDENT,
            provider="embedded",
            severity="critical",
            summary="[DRILL] checkout fails",
        )

    def escalated(
        self,
        at: float,
        role: str = "secondary",
        people: Sequence[str] = (SECONDARY,),
        why: str = "timeout",
        *,
        precision: float = 0.01,
        paged: bool = True,
    ) -> Self:
        """A level is reached, and its people are paged."""
        level = ["primary", "secondary", "third"].index(role) + 1
        self.add(
            at,
            Escalated,
            precision=precision,
            incident=INCIDENT,
            level=level,
            role=role,
            people=list(people),
            why=why,
        )
        for person in people if paged else ():
            self.paged(at, person, role, level)
        return self

    def paged(self, at: float, person: str, role: str, level: int) -> Self:
        """A page is fired, and a channel takes it."""
        self._count += 1
        page = f"page-{self._count}"
        self.add(at, PageSent, page=page, incident=INCIDENT, person=person, role=role, level=level)
        return self.add(at + 0.1, PageDelivered, page=page, channel="terminal")

    def suppressed(self, at: float) -> Self:
        """The primary's level rings nobody."""
        self.escalated(at, "primary", [PRIMARY], "opened", paged=False)
        return self.add(
            at,
            PageSuppressed,
            incident=INCIDENT,
            person=PRIMARY,
            role="primary",
            level=1,
            by="drill-policy",
        )

    def acknowledged(
        self, at: float, person: str | None = SECONDARY, *, precision: float = 0.01
    ) -> Self:
        """Somebody acknowledges; None: an automation."""
        return self.add(
            at,
            Acknowledged,
            precision=precision,
            incident=INCIDENT,
            person=person,
            role=ROLES.get(person or ""),
            agent="automation" if person is None else "person",
            via="link",
        )

    def withdrawn(self, at: float, person: str = SECONDARY) -> Self:
        """Somebody takes their ACK back."""
        return self.add(at, AcknowledgementWithdrawn, incident=INCIDENT, person=person)

    def handed_over(self, at: float) -> Self:
        """The primary hands over to the secondary."""
        self.add(at, HandedOver, incident=INCIDENT, person=PRIMARY)
        return self.escalated(at, why="hand-over")

    def checked(
        self, at: float, answers: Mapping[str, str] | None = None, person: str = SECONDARY
    ) -> Self:
        """Access checks are asked, with their controls; allowed unless `answers` says so."""
        for number, check in enumerate(ACCESS["checks"]):
            name = check["name"]
            for subject, answer in (
                ("positive-control", "allowed"),
                ("negative-control", "denied"),
                ("person", (answers or {}).get(name, "allowed")),
            ):
                self.add(
                    at + number / 10,
                    AccessChecked,
                    check=name,
                    person=person,
                    subject=subject,
                    answer=answer,
                    grade="authorised" if answer in {"allowed", "denied"} else None,
                    detail="",
                )
        return self

    def action(
        self,
        at: float,
        action: str,
        person: str = SECONDARY,
        *,
        allowed: bool = True,
        precision: float = 0.01,
        **parameters: Any,
    ) -> Self:
        """Somebody does something at the target; its record is `record-N`, counted from 1."""
        self._count += 1
        return self.add(
            at,
            ActionSeen,
            precision=precision,
            record=f"record-{self._count}",
            person=person,
            action=action,
            object="shop/checkout",
            parameters=parameters,
            allowed=allowed,
        )

    def step(
        self,
        at: float,
        step: str,
        person: str | None = SECONDARY,
        *,
        precision: float = 0.01,
        grade: str = "proved",
    ) -> Self:
        """A step is done: with an action in the target's record, where it has one."""
        record = None
        if step in ACTIONS and person is not None and grade == "proved":
            action, parameters = ACTIONS[step]
            self.action(at, action, person, precision=precision, **parameters)
            record = f"record-{self._count}"
        how = "state" if person is None else "audit" if record else "self-report"
        return self.add(
            at,
            StepEvidenced,
            precision=precision,
            step=step,
            person=person,
            grade=grade,
            how=how,
            record=record,
        )
