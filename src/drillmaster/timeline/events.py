"""The closed union of events: all that a run leaves behind.

Scoring reads nothing else, so what it needs from elsewhere (definitions, the run
before this one) stands here as events too. A new event is a class here and a member
of `AnyEvent`; an unknown type does not load.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Grade = Literal["proved", "authorised", "self-reported"]
"""How strong evidence is: the target's own record shows that this person did it; policy
says that they could; they say so."""

Answer = Literal["allowed", "denied", "unreachable", "unverified"]
"""What an access check says."""

Ended = Literal["completed", "aborted", "interrupted", "refused"]
"""How a run ended."""


class Event(BaseModel):
    """What every event tells."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    occurred_at: datetime
    """When it happened, by the source nearest to the fact; UTC."""
    observed_at: datetime
    """When Drillmaster saw it; UTC."""
    source: str
    """Who says so: `supervisor`, `runner`, `watchdog`, `reaper`, `oncall`, `target`, …"""
    precision: float = Field(ge=0)
    """Half the width, in seconds, of the interval around `occurred_at` in which it happened."""


class RunStarted(Event):
    """A run began."""

    type: Literal["run-started"] = "run-started"
    run: str
    drill: str
    environment: str
    service: str
    target: str
    """The kind of target."""
    simulated: bool
    """A simulated responder takes part."""
    operator: str
    """The system user who started it."""
    version: str
    """Drillmaster's version."""
    definitions: dict[str, Any]
    """The resolved definitions: `drill`, `environment`, and `access` and `runbook` where
    the drill names them. They hold references to secrets, never a secret."""


class HistoryRecorded(Event):
    """The run of this drill before this one, so that a report can say what changed."""

    type: Literal["history-recorded"] = "history-recorded"
    run: str
    readiness: str
    verdicts: dict[str, str]
    """Verdict by the metric's id."""


class GuardChecked(Event):
    """A safety rule was asked."""

    type: Literal["guard-checked"] = "guard-checked"
    rule: str
    """The rule's name: `drillable`, `blast-radius`, `steady-state`, …"""
    passed: bool
    message: str


class SteadyStateChecked(Event):
    """A question of steady state was asked."""

    type: Literal["steady-state-checked"] = "steady-state-checked"
    phase: Literal["before", "after"]
    name: str
    met: bool
    detail: str


class SteadyStateReturned(Event):
    """All questions of steady state were met again after the undo."""

    type: Literal["steady-state-returned"] = "steady-state-returned"


class SteadyStateLost(Event):
    """Steady state did not return in time."""

    type: Literal["steady-state-lost"] = "steady-state-lost"
    names: list[str]
    """The questions that are not met."""


class FaultIntended(Event):
    """A fault is about to be injected; its undo is in the ledger."""

    type: Literal["fault-intended"] = "fault-intended"
    fault: str
    kind: str


class FaultInjected(Event):
    """The call that injects a fault returned. That it has an effect is another event."""

    type: Literal["fault-injected"] = "fault-injected"
    fault: str
    round: int
    """The round of a fault that is repeated; 1 for all others."""
    touched: list[str]
    """What was touched, by the target's own names."""


class FaultFailed(Event):
    """A fault could not be injected."""

    type: Literal["fault-failed"] = "fault-failed"
    fault: str
    reason: str


class FaultEffective(Event):
    """A fault's effect was seen at the target."""

    type: Literal["fault-effective"] = "fault-effective"
    fault: str
    seen: str
    """What was seen."""


class FaultUndone(Event):
    """A fault is gone, as seen at the target."""

    type: Literal["fault-undone"] = "fault-undone"
    fault: str
    by: str
    """Who undid it: `runner`, `supervisor`, `watchdog`, `reaper`, or `expiry` (its own
    time was over), or `responder` (it was gone already)."""
    residue: str | None = None
    """What somebody else had changed meanwhile, and was left as it is."""


class PlayedActivity(BaseModel):
    """An activity of Chaos Toolkit that was played."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    status: str
    """`succeeded`, or what else Chaos Toolkit says."""
    took: float = Field(ge=0, allow_inf_nan=False)
    """Seconds."""


class ActivitiesPlayed(Event):
    """Chaos Toolkit played activities of a fault, or of its undo."""

    type: Literal["activities-played"] = "activities-played"
    fault: str
    part: Literal["method", "rollbacks"]
    activities: list[PlayedActivity]


class UndoFailed(Event):
    """An undo of a fault failed by itself, at a target that answered. It is tried again."""

    type: Literal["undo-failed"] = "undo-failed"
    fault: str
    reason: str


class FaultStuck(Event):
    """A fault could not be undone."""

    type: Literal["fault-stuck"] = "fault-stuck"
    fault: str
    reason: str


class UndoOrdered(Event):
    """The drill is over, or is ended early: everything is to be undone."""

    type: Literal["undo-ordered"] = "undo-ordered"
    ended: Ended
    why: str


class RunnerEnded(Event):
    """The runner's process group is gone."""

    type: Literal["runner-ended"] = "runner-ended"
    how: str


class SettlementStarted(Event):
    """Somebody took it on to undo and close the run."""

    type: Literal["settlement-started"] = "settlement-started"
    by: str
    fence: int


class RunSealed(Event):
    """The last event of a run."""

    type: Literal["run-sealed"] = "run-sealed"
    ended: Ended
    settled: bool
    """Every fault is undone."""


class IncidentOpened(Event):
    """The synthetic incident is open: this is the alert."""

    type: Literal["incident-opened"] = "incident-opened"
    incident: str
    provider: str
    severity: str
    summary: str


class AlertRaised(Event):
    """A further alert of an incident. The first alert is the one that opened it, and is told
    by `IncidentOpened` alone."""

    type: Literal["alert-raised"] = "alert-raised"
    incident: str
    name: str


class Escalated(Event):
    """A level of the escalation policy was reached."""

    type: Literal["escalated"] = "escalated"
    incident: str
    level: int
    """From 1."""
    role: str
    people: list[str]
    why: Literal["opened", "timeout", "hand-over", "at-once"]


class PageSent(Event):
    """A page to one person was fired."""

    type: Literal["page-sent"] = "page-sent"
    page: str
    incident: str
    person: str
    role: str
    level: int


class PageDelivered(Event):
    """A channel took the page."""

    type: Literal["page-delivered"] = "page-delivered"
    page: str
    channel: str


class PageFailed(Event):
    """A channel did not take the page; the next one is tried."""

    type: Literal["page-failed"] = "page-failed"
    page: str
    channel: str
    reason: str


class PageSuppressed(Event):
    """A level rings nobody, because the drill makes it unreachable."""

    type: Literal["page-suppressed"] = "page-suppressed"
    incident: str
    person: str
    role: str
    level: int
    by: Literal["drill-policy", "briefed"]


class Acknowledged(Event):
    """Somebody, or something, acknowledged."""

    type: Literal["acknowledged"] = "acknowledged"
    incident: str
    person: str | None
    """Who; None for an automation."""
    role: str | None
    """The role in which that person is on call; None for none."""
    agent: Literal["person", "automation"]
    via: str
    """Through which door: `cli`, `link`, `api`, …"""


class AcknowledgementWithdrawn(Event):
    """Somebody took their ACK back."""

    type: Literal["acknowledgement-withdrawn"] = "acknowledgement-withdrawn"
    incident: str
    person: str


class HandedOver(Event):
    """Somebody who had acknowledged escalated to the next level."""

    type: Literal["handed-over"] = "handed-over"
    incident: str
    person: str


class PolicyExhausted(Event):
    """The last level's time ran out without an ACK."""

    type: Literal["policy-exhausted"] = "policy-exhausted"
    incident: str


class IncidentResolved(Event):
    """The synthetic incident is closed."""

    type: Literal["incident-resolved"] = "incident-resolved"
    incident: str
    by: str


class RealIncidentSeen(Event):
    """A real incident is open for the service or the people of the drill."""

    type: Literal["real-incident-seen"] = "real-incident-seen"
    incident: str
    summary: str


class BridgeOpened(Event):
    """A person opened the bridge."""

    type: Literal["bridge-opened"] = "bridge-opened"
    person: str


class NoteAdded(Event):
    """A person, or the facilitator, wrote something down."""

    type: Literal["note-added"] = "note-added"
    person: str
    text: str


class AccessChecked(Event):
    """An access check was asked, as a person or as one of its controls."""

    type: Literal["access-checked"] = "access-checked"
    check: str
    person: str
    """For whom the check is, also in the rows of its controls."""
    subject: Literal["person", "positive-control", "negative-control"]
    answer: Answer
    grade: Grade | None
    """None where there is no answer to grade."""
    detail: str


class ActionSeen(Event):
    """The target's own audit record shows what a person did, or tried to do."""

    type: Literal["action-seen"] = "action-seen"
    record: str
    """The record's id at the target."""
    person: str
    action: str
    object: str
    """What it was done to, as `shop/checkout`."""
    parameters: dict[str, Any]
    allowed: bool


class StepEvidenced(Event):
    """There is evidence for a step of the runbook."""

    type: Literal["step-evidenced"] = "step-evidenced"
    step: str
    person: str | None
    """Who did it; None where the evidence shows nobody."""
    grade: Grade
    how: str
    """`audit`, `state`, `http`, `command` or `self-report`."""
    record: str | None = None
    """The audit record that is the evidence."""


class StepAlreadyMet(Event):
    """The evidence of a step was there when it was first looked at, at the sending of the
    page: it can never show that somebody did the step."""

    type: Literal["step-already-met"] = "step-already-met"
    step: str
    how: str
    """`state`, `http` or `command`."""
    detail: str
    """What was seen."""


class DecisionAnswered(Event):
    """A person chose at a decision point."""

    type: Literal["decision-answered"] = "decision-answered"
    step: str
    person: str
    choice: str


AnyEvent = Annotated[
    RunStarted
    | HistoryRecorded
    | GuardChecked
    | SteadyStateChecked
    | SteadyStateReturned
    | SteadyStateLost
    | FaultIntended
    | FaultInjected
    | FaultFailed
    | FaultEffective
    | FaultUndone
    | ActivitiesPlayed
    | UndoFailed
    | FaultStuck
    | UndoOrdered
    | RunnerEnded
    | SettlementStarted
    | RunSealed
    | IncidentOpened
    | AlertRaised
    | Escalated
    | PageSent
    | PageDelivered
    | PageFailed
    | PageSuppressed
    | Acknowledged
    | AcknowledgementWithdrawn
    | HandedOver
    | PolicyExhausted
    | IncidentResolved
    | RealIncidentSeen
    | BridgeOpened
    | NoteAdded
    | AccessChecked
    | ActionSeen
    | StepEvidenced
    | StepAlreadyMet
    | DecisionAnswered,
    Field(discriminator="type"),
]
"""Any event of a timeline."""

event_adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
"""Loads an event from its fields; an unknown type or field is an error."""
