"""What every fault can do, on its kind of target.

A fault is handed around as data (`Injection`), because whoever undoes it may never
have seen the drill. A kind of fault is a stateless object of a few methods; the engine
owns rhythm, ledger, fence and blast-radius limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from drillmaster.targets.base import RUN, DeclinedError, Mark, Target
from drillmaster.timeline.events.machine import GONE


class Injection(BaseModel):
    """A fault as data: what was, or will be, injected, and all that its undo needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Unique: the run's id, a dash and the fault's name in the drill."""
    run: str
    name: str
    """The fault's name in the drill."""
    kind: str
    arguments: dict[str, Any]
    """The fault's definition, as its model writes it."""
    expires: float
    """Seconds since the epoch after which the mark at the target is surely stale."""

    @classmethod
    def of_mark(cls, mark: Mark) -> "Injection":
        """The fault that a mark at the target stands for: enough to undo it, by somebody who
        has neither the drill nor the ledger. Whether the mark may be obeyed, `injection_of` of
        the registry says."""
        return cls(
            id=mark.fault,
            run=mark.run,
            name=mark.fault.removeprefix(f"{mark.run}-"),
            kind=mark.kind,
            arguments=mark.arguments,
            expires=mark.expires.timestamp(),
        )


@dataclass(frozen=True, slots=True)
class Radius:
    """What a fault touches, counted live."""

    selected: int
    """Pods that the selector matches now."""
    ready: int
    """Of those, ready now."""
    takes_down: int
    """Pods that the next round makes unavailable; 0 for a fault that kills none."""
    elsewhere: bool = False
    """It touches no pods, but something else."""
    parts: Mapping[str, "Radius"] = field(default_factory=dict)
    """The same for each workload, where the limit holds for each of them apart."""
    grows_to: int = 0
    """The replicas that a workload gets, where that is more than it has."""
    rivals: Sequence[str] = ()
    """What may take the fault back by itself, in words."""


Known = Literal["intent", "injected", "undone", "stuck"]
"""What the ledger knows of a fault: its call never returned, it returned, an undo was seen
to work, or none did."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of Chaos Toolkit that was played."""

    name: str
    status: str
    """`succeeded`, or what else Chaos Toolkit says."""
    took: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A round was done."""

    touched: list[str]
    """What it touched, by the target's own names."""
    activities: Sequence[Activity] = ()
    """What Chaos Toolkit played for it."""


@dataclass(frozen=True, slots=True)
class Undone:
    """The fault is gone."""

    was_present: bool
    """It was still there when the undo looked."""
    residue: str | None = None
    """What somebody else changed meanwhile, and was left as it is."""
    by_itself: bool = False
    """A controller of the target had ended it before, and no person."""
    ended_at: datetime | None = None
    """Where it was gone before, and the target knows when; to the millisecond."""
    ended_by: str | None = None
    """Who had undone it then, as the target knows: `run` for the run itself."""
    activities: Sequence[Activity] = ()
    """What Chaos Toolkit played for it."""

    @property
    def by_others(self) -> bool:
        """Whether the target says that somebody had ended the fault before."""
        ended = not self.was_present and self.residue not in (None, GONE)
        return ended and not self.by_itself and self.ended_by != RUN


class PlayError(DeclinedError):
    """Chaos Toolkit did not play a fault, or its undo, as it should."""

    def __init__(self, problem: str, activities: Sequence[Activity] = ()) -> None:
        super().__init__(problem)
        self.activities = activities
        """What was played of it."""


class FaultKind(Protocol):
    """One fault on one kind of target."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch. Raises UnreachableError."""

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """Why the fault may not be injected: it could not be undone by the identity in use or
        with what is installed here, or would be none; None where it may. Asked before
        anything is injected, and changes nothing. Raises UnreachableError.
        """

    def doubt(self, mark: Mark) -> str | None:
        """Why a mark at the target cannot be one of this fault's, in words; None where it can.
        Anybody who may write at the target may have written it.
        """

    def exclusive(self, fault: Injection, target: Target) -> Mapping[str, str]:
        """The places at the target, in words, that the fault shares with no fault that makes
        something else of them; with what it makes of each. Where it alone can give a place back,
        that is its own id. Raises UnreachableError; DeclinedError where there is nothing that it
        could change.
        """

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        """Do one round.

        Raises:
            ClosedError: the target remembers that the fault is undone.
            UnreachableError: it is unknown whether the request arrived.
            DeclinedError: the target refused, or the selector matches no pod.
        """

    def present(self, fault: Injection, target: Target) -> bool:
        """Whether the fault is at the target now. Raises UnreachableError, GoneError."""

    def effect(self, fault: Injection, target: Target) -> str | None:
        """The effect that can be seen now, in words; None where there is none yet."""

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Take the fault back, if and as far as it is still ours, and close the door to a
        late request. May be called again, and without an inject before it.

        Args:
            fault: The fault.
            target: Where it is.
            known: What the ledger knows of it. A fault whose call never returned may be in
                by half, and be so in a way that `present` does not see.

        Raises:
            UnreachableError: the target does not answer.
            GoneError: the target is gone, and the fault with it.
        """

    def closes_door(self) -> bool:
        """Whether the target refuses a late inject of a fault that was undone. Where it
        cannot, the settlement looks again for as long as a request may take."""

    def reenters(self) -> bool:
        """Whether a later round of a fault that repeats brings the fault in by itself, or only
        does more of what the first has begun."""

    def patience(self, fault: Injection) -> float | None:
        """Seconds that one call of this fault may take; None where that is no more than a
        request to the target takes."""
