"""The machine side: each fault, from its intent to its undo."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from drillmaster.timeline.events.base import Event

GONE = "the target is gone"
"""The residue of a fault that ended with its target."""


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
    """A call that injects a fault, or ends it in time, failed. Where the answer got lost, it may
    have worked all the same."""

    type: Literal["fault-failed"] = "fault-failed"
    fault: str
    reason: str


class FaultEffective(Event):
    """A fault's effect was seen at the target."""

    type: Literal["fault-effective"] = "fault-effective"
    fault: str
    seen: str
    """What was seen."""


class PodsChanged(Event):
    """Pods that a fault selects came, went, restarted, or changed their readiness."""

    type: Literal["pods-changed"] = "pods-changed"
    namespace: str
    selector: str
    present: int
    """Pods that are to stay."""
    ready: int
    restarts: int
    """Of their containers, since the drill began to watch; 0 where a target does not tell."""
    change: str
    """What changed, in words."""


class FaultUndone(Event):
    """A fault is gone, as seen at the target."""

    type: Literal["fault-undone"] = "fault-undone"
    fault: str
    by: str
    """Who undid it: `runner`, `supervisor`, `watchdog`, `reaper`, or `expiry` (its own
    time was over). Where it was gone already: `responder` (the target says that somebody ended
    it), who undid it in words, as far as the target knows, or else `unknown`."""
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
