"""A drill before it begins, and what it leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import Ended
from tests.truth.staging import Nature, Staging


@dataclass(frozen=True)
class Do:
    """Something that a person does, so many seconds after the thing before it."""

    after: float
    what: str
    """`ack`, `withdraw`, `hand-over`, `note`, `say` (that a step is done), or `act`."""
    action: str = ""
    """The action, or the step."""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Person:
    """What one person does, and from when."""

    who: str | None
    """None: an automation."""
    does: Sequence[Do]
    begins: str = "page"
    """With a `page`, or with the alert (`alert`), paged or not."""
    page_of: str | None = None
    """Whose page it is; None: their own."""


@dataclass
class Plan:
    """A drill before it begins."""

    drill: dict[str, Any]
    environment: dict[str, Any]
    access: dict[str, Any] | None
    runbook: dict[str, Any] | None
    people: list[Person]
    nature: Nature
    busy: float = 0.0
    """The longest that a writer of the store waits for others."""
    slow_channel: float = 0.0
    """The longest that a page takes."""
    undelivered: frozenset[str] = frozenset()
    """Whom no page reaches."""
    rhythm: float = 1.0
    """How much longer Drillmaster waits between two looks than it does by itself."""
    ended: Ended = "completed"
    """How it ends, once it is over for its people."""


@dataclass
class Told:
    """What a drill left behind, and what really happened. Seconds since the beginning."""

    records: list[Recorded]
    staging: Staging
    ordered: float
    """When the undo was ordered."""
    opened: float
    escalated: float
    """When the secondary's level was reached; infinite where it never was."""
    done: list[tuple[float, str | None, str]]
    """When who came to which door of the on-call system."""
    pages: dict[str, list[str]]
    """`fired` and `taken`: to whom."""
