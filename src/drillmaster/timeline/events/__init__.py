"""The closed union of events: all that a run leaves behind.

Scoring reads nothing else, so what it needs from elsewhere (definitions, the run
before this one) stands here as events too. A new event is a class in the file of its
side and a member of `AnyEvent`; an unknown type does not load.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from drillmaster.timeline.events.base import Event
from drillmaster.timeline.events.machine import (
    ActivitiesPlayed,
    FaultEffective,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    FaultStuck,
    FaultUndone,
    PlayedActivity,
    PodsChanged,
    UndoFailed,
)
from drillmaster.timeline.events.oncall import (
    Acknowledged,
    AcknowledgementWithdrawn,
    AlertRaised,
    Escalated,
    HandedOver,
    IncidentOpened,
    IncidentResolved,
    PageDelivered,
    PageFailed,
    PageSent,
    PageSuppressed,
    PolicyExhausted,
    RealIncidentSeen,
)
from drillmaster.timeline.events.people import (
    AccessChecked,
    ActionSeen,
    Answer,
    BridgeOpened,
    DecisionAnswered,
    Grade,
    NoteAdded,
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
)
from drillmaster.timeline.events.run import (
    Ended,
    GuardChecked,
    HistoryRecorded,
    RunnerEnded,
    RunSealed,
    RunStarted,
    SettlementStarted,
    SteadyStateChecked,
    SteadyStateLost,
    SteadyStateReturned,
    StuckAccepted,
    UndoOrdered,
)

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
    | PodsChanged
    | FaultUndone
    | ActivitiesPlayed
    | UndoFailed
    | FaultStuck
    | UndoOrdered
    | RunnerEnded
    | SettlementStarted
    | StuckAccepted
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
    | StepUnseen
    | StepAlreadyMet
    | DecisionAnswered,
    Field(discriminator="type"),
]
"""Any event of a timeline."""

event_adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
"""Loads an event from its fields; an unknown type or field is an error."""

__all__ = [
    "AccessChecked",
    "Acknowledged",
    "AcknowledgementWithdrawn",
    "ActionSeen",
    "ActivitiesPlayed",
    "AlertRaised",
    "Answer",
    "AnyEvent",
    "BridgeOpened",
    "DecisionAnswered",
    "Ended",
    "Escalated",
    "Event",
    "FaultEffective",
    "FaultFailed",
    "FaultInjected",
    "FaultIntended",
    "FaultStuck",
    "FaultUndone",
    "Grade",
    "GuardChecked",
    "HandedOver",
    "HistoryRecorded",
    "IncidentOpened",
    "IncidentResolved",
    "NoteAdded",
    "PageDelivered",
    "PageFailed",
    "PageSent",
    "PageSuppressed",
    "PlayedActivity",
    "PodsChanged",
    "PolicyExhausted",
    "RealIncidentSeen",
    "RunSealed",
    "RunStarted",
    "RunnerEnded",
    "SettlementStarted",
    "SteadyStateChecked",
    "SteadyStateLost",
    "SteadyStateReturned",
    "StepAlreadyMet",
    "StepEvidenced",
    "StepUnseen",
    "StuckAccepted",
    "UndoFailed",
    "UndoOrdered",
    "event_adapter",
]
