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
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
    UndoOrdered,
    event_adapter,
)
from tests.support.timeline_definitions import (
    ACCESS,
    ACTIONS,
    DRILL,
    ENVIRONMENT,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
)

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

INCIDENT = "incident-1"

ROLES = {PRIMARY: "primary", SECONDARY: "secondary"}


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

    def unseen(self, step: str, why: str, at: float = 4.0) -> Self:
        """The record that is to show who did a step cannot show it."""
        return self.add(at, StepUnseen, step=step, how="audit", detail=why)

    def already(self, step: str, at: float = 4.0) -> Self:
        """What a step leaves behind was there before anybody did it."""
        return self.add(at, StepAlreadyMet, step=step, how="state", detail="throttled-share is 0")
