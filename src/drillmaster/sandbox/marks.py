"""The faults that are in, what they did so far, and which ones were undone.

A fault that was undone is remembered, also when it never was here: a request that
comes late is refused, and the door is closed.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drillmaster.clock import Clock, SteadyClock
from drillmaster.sandbox.relay import PRIMARY, STANDBY

Kind = Literal["pod-churn", "throttle", "latency", "unreachable-dependency"]

_PARTS = 100_000  # a share is written with at most five decimals, so counting parts is exact


class Order(BaseModel):
    """A fault, as it is put."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    kind: Kind
    workload: str
    expires: datetime
    share: float | None = Field(None, ge=0, le=1)
    delay: float | None = Field(None, ge=0)
    """Seconds."""
    dependency: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed: dict[str, tuple[str, ...]] = {
            "throttle": ("share",),
            "latency": ("share", "delay"),
            "unreachable-dependency": ("dependency",),
        }
        for name in needed.get(self.kind, ()):
            if getattr(self, name) is None:
                raise ValueError(f"{self.kind} needs {name}")
        if self.dependency not in {None, PRIMARY, STANDBY}:
            raise ValueError(
                f"{self.dependency!r} is no dependency of the service; "
                f"it has {PRIMARY} and {STANDBY}"
            )
        return self


@dataclass(eq=False)
class Mark:
    """A fault that is in."""

    id: str
    order: Order
    desired: int
    """Replicas that were desired when it came."""
    lifted: str | None = None
    """How somebody lifted it since, in words."""
    limited: int = 0
    delayed: int = 0
    refused: int = 0
    killed: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is lifted or undone: requests that it holds go on."""
    _asked: int = 0

    def hits(self) -> bool:
        """Whether the next request is one of the share.

        Spread evenly rather than drawn: of any n requests in a row, `share * n` are hit,
        give or take one, so that a measurement does not depend on luck.
        """
        parts = round((self.order.share or 0.0) * _PARTS)
        before = self._asked * parts // _PARTS
        self._asked += 1
        return self._asked * parts // _PARTS > before

    def as_data(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "fault": self.id,
            "run": self.order.run,
            "kind": self.order.kind,
            "expires": self.order.expires.isoformat(),
            "lifted": self.lifted,
            "effects": {
                "limited": self.limited,
                "delayed": self.delayed,
                "refused": self.refused,
                "killed": self.killed,
            },
        }


@dataclass(frozen=True, slots=True)
class Went:
    """That a fault is in force no more."""

    at: datetime
    by: str | None
    """Who undid it, by their own word; None where they did not say, or somebody lifted it."""

    def as_data(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"at": self.at.isoformat(), "by": self.by}


class UndoneError(Exception):
    """The fault was undone before; it does not come in again."""


class Marks:
    """All faults of the workload."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SteadyClock()
        self._went: dict[str, Went] = {}
        self._marks: dict[str, Mark] = {}
        self._undone: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[Mark]:
        return iter(self._marks.values())

    def put(self, fault: str, order: Order, desired: int) -> bool:
        """Bring a fault in; False when it is in already. Raises UndoneError."""
        if fault in self._undone:
            raise UndoneError
        if fault in self._marks:
            return False
        self._marks[fault] = Mark(fault, order, desired)
        return True

    def get(self, fault: str) -> Mark | None:
        """The fault, if it is in. Raises UndoneError."""
        if fault in self._undone:
            raise UndoneError
        return self._marks.get(fault)

    def went(self, fault: str) -> Went | None:
        """When a fault went that is in force no more, and by whom; None for one that is in
        force, or never was."""
        return self._went.get(fault)

    def undo(
        self, fault: str, left: Callable[[Mark], str | None], by: str | None = None
    ) -> tuple[bool, str | None]:
        """Take a fault out for good; whether it was in force, and what somebody else
        changed meanwhile, which `left` knows for a fault that was not lifted."""
        mark = self._marks.pop(fault, None)
        if mark is None:
            return False, self._undone.setdefault(fault, None)
        mark.over.set()
        self._went.setdefault(fault, Went(self._clock.now(), by))
        residue = self._undone[fault] = mark.lifted or left(mark)
        return mark.lifted is None, residue

    def in_force(self, kind: Kind) -> list[Mark]:
        """The faults of a kind that were not lifted."""
        return [mark for mark in self if mark.order.kind == kind and mark.lifted is None]

    def lift(self, marks: list[Mark], how: str) -> None:
        """Somebody took these faults away, as an operator would."""
        for mark in marks:
            mark.lifted = how
            self._went[mark.id] = Went(self._clock.now(), None)
            mark.over.set()

    @property
    def throttled_share(self) -> float:
        """The share of requests that are refused by all throttles together."""
        passed = 1.0
        for mark in self.in_force("throttle"):
            passed *= 1 - (mark.order.share or 0.0)
        return round(1 - passed, 6)

    @property
    def added_delay(self) -> float:
        """Seconds that a request is held when every latency hits it."""
        return sum((mark.order.delay or 0.0 for mark in self.in_force("latency")), 0.0)

    @property
    def cut(self) -> frozenset[str]:
        """The dependencies that cannot be reached."""
        return frozenset(
            mark.order.dependency or "" for mark in self.in_force("unreachable-dependency")
        )
