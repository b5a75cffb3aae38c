"""What every on-call provider can do. It speaks in the timeline's events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from drillmaster.definitions.environment import Role
from drillmaster.timeline.events import AnyEvent

DRILL_MARK = "[DRILL]"
"""How every page of a drill begins."""

Links = Callable[[str, str], Mapping[str, str]]
"""The links of an incident for one person: `page`, and `automation` where there is one."""


@dataclass(frozen=True, slots=True)
class NewIncident:
    """A synthetic incident that a drill opens."""

    id: str
    """Unique, made by Drillmaster, so that opening can be repeated."""
    run: str
    service: str
    severity: str
    summary: str
    """Already marked as a drill."""
    engage: Literal["timeout", "hand-over", "at-once"]
    unreachable_primary: Literal["drill-policy", "briefed"] | None


@dataclass(frozen=True, slots=True)
class RealIncident:
    """An incident that no drill opened."""

    id: str
    service: str
    summary: str


class Provider(Protocol):
    """An on-call system."""

    def roster(self) -> dict[Role, list[str]]:
        """Who is on call now, by role."""

    def open(self, incident: NewIncident) -> None:
        """Open an incident and page the first level; a second call for one id does nothing."""

    def advance(self) -> None:
        """Let the provider's own clock work: time-outs, escalations, deliveries. Blocks for
        as long as a delivery may take. A hosted system does this by itself."""

    def read(self, incident: str, after: int) -> tuple[list[AnyEvent], int]:
        """What happened to an incident since a cursor (0: from the start), oldest first, and
        the new cursor. The events are as the provider's own record has them."""

    def resolve(self, incident: str, by: str) -> None:
        """Close the incident; a second call does nothing."""

    def real_incidents(self, service: str, people: Iterable[str]) -> list[RealIncident]:
        """Open incidents, not of a drill, for the service or for any of the people."""

    def as_data(self) -> dict[str, object]:
        """What it takes to make this provider again from the store alone."""
