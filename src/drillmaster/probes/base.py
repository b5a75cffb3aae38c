"""What an answer is, and what it takes to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from drillmaster.clock import Clock
from drillmaster.targets.base import Identity, Target

Outcome = Literal["yes", "no", "denied", "unreachable", "unclear"]
"""The expectation holds; it does not; the world says 'you may not'; nothing answers; or
what answers cannot be judged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the world said, and when."""

    outcome: Outcome
    value: Any
    """What was seen: a status code, an exit code, a number, …"""
    at: datetime
    """The middle of the asking."""
    precision: float
    """Seconds; half of the time that the asking took."""
    detail: str
    """One line for people, without any secret."""
    mend: str | None = None
    """What to paste so that what was denied is allowed, where the world says so."""

    @property
    def met(self) -> bool:
        """Whether the expectation holds."""
        return self.outcome == "yes"


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask, as whom, and by which clock."""

    clock: Clock
    target: Target | None = None
    identity: Identity | None = None
    """As whom; None: as Drillmaster, or as the probe itself says."""


Ask = Callable[[Any, Asking], Answer]
"""A kind of probe: asks one question. It never raises for what the world does; a world
that cannot be asked is an answer too."""
