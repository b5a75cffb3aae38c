"""What a drill is run with, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from drillmaster.clock import Clock
from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.books.recorder import Observer
from drillmaster.errors import ExitCode
from drillmaster.targets.base import Address
from drillmaster.timeline.events import Ended
from drillmaster.timeline.store import Store


class Doors(Protocol):
    """The HTTP door of one run, which the command line opens."""

    def links(self, incident: str, person: str) -> dict[str, str]:
        """The links that a person's page carries."""

    def automation(self, incident: str) -> str:
        """The link by which an automation acknowledges."""

    def close(self) -> None:
        """Close the door."""


OpenDoors = Callable[[str, Clock, Bundle], Doors]
"""Opens the door of a run: its id, its clock and its definitions."""


@dataclass(frozen=True, slots=True)
class Previous:
    """What an earlier run came to."""

    run: str
    readiness: str
    verdicts: dict[str, str]
    """Verdict by the metric's id."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A drill that is to be run now."""

    bundle: Bundle
    """The definitions, with simulated responders already put in their places."""
    store: Store
    open_doors: OpenDoors
    observers: Sequence[Observer] = ()
    """See every event. They cannot disturb the run."""
    show: Callable[[Any], None] | None = None
    """Shows a page in the terminal; None where there is none."""
    ready: Callable[[str, Bundle, Address], None] | None = None
    """Told the run's id, its resolved definitions and the target's address, once the
    target is there."""
    previous: Previous | None = None
    """The run of this drill before this one."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of a drill."""

    run: str
    ended: Ended
    reason: str
    stuck: Sequence[str]

    @property
    def exit_code(self) -> ExitCode | None:
        """The exit code that the end alone decides; None where the scorecard does."""
        if self.stuck:
            return ExitCode.STUCK
        codes: dict[Ended, ExitCode] = {
            "refused": ExitCode.REFUSED,
            "aborted": ExitCode.ABORTED,
            "interrupted": ExitCode.INTERRUPTED,
        }
        return codes.get(self.ended)
