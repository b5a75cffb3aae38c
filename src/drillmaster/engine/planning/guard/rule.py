"""What a safety rule is asked about, and what it says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from drillmaster.clock import Clock
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.steady import Asked
from drillmaster.oncall.base import Provider
from drillmaster.targets.base import Target
from drillmaster.timeline.store import Store


@dataclass(frozen=True, slots=True)
class Files:
    """What is there before the target is: the definitions, the store and the time."""

    bundle: Bundle
    store: Store
    clock: Clock

    @property
    def drill(self) -> Drill:
        """The drill."""
        return self.bundle.drill

    @property
    def environment(self) -> Environment:
        """Its environment."""
        return self.bundle.environment


@dataclass(frozen=True, slots=True)
class Live(Files):
    """What is there right before the first fault: also the target, and who is on call."""

    faults: Sequence[PlannedFault]
    target: Target
    provider: Provider
    steady: Sequence[Asked]
    """The questions of steady state, asked a moment ago."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says."""

    passed: bool
    message: str
    warns: bool = False
    """It holds, and somebody should know what it says."""


F = TypeVar("F", bound=Files)

Rule = Callable[[F], Verdict]
"""Its name is that of the function, with dashes."""


def holds(message: str) -> Verdict:
    """The rule holds; what was found."""
    return Verdict(passed=True, message=message)


def warned(message: str) -> Verdict:
    """The rule holds, and what should be known all the same."""
    return Verdict(passed=True, message=message, warns=True)


def refused(message: str) -> Verdict:
    """The rule forbids the drill, and why."""
    return Verdict(passed=False, message=message)


def name_of(rule: Callable[..., Verdict]) -> str:
    """A rule's name, as the timeline and the documents have it."""
    return rule.__name__.replace("_", "-")
