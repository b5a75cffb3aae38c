"""An incident's log in words, one line an event."""

from collections.abc import Callable
from typing import Any

from drillmaster.timeline.events import AnyEvent

_WHY = {
    "opened": "the incident was opened",
    "timeout": "nobody had acknowledged in time",
    "hand-over": "it was handed over",
    "at-once": "both levels are paged at once",
}

_LINES: dict[str, Callable[[Any], str]] = {
    "incident-opened": lambda e: f"opened: {e.summary}",
    "escalated": lambda e: (
        f"level {e.level}, {e.role} ({', '.join(e.people)}): {_WHY.get(e.why, e.why)}"
    ),
    "page-sent": lambda e: f"paging {e.person}, {e.role}",
    "page-delivered": lambda e: f"{e.channel} took the page",
    "page-failed": lambda e: f"{e.channel} did not take the page: {e.reason}",
    "page-suppressed": lambda e: f"{e.person}, {e.role}, is not rung: unreachable in this drill",
    "acknowledged": lambda e: (
        f"{e.person or 'an automation'} acknowledged"
        + (f" as {e.role}" if e.role else "" if e.person is None else ", who is not on call")
        + f", by {e.via}"
    ),
    "acknowledgement-withdrawn": lambda e: f"{e.person} took the acknowledgement back",
    "handed-over": lambda e: f"{e.person} handed over to the next level",
    "policy-exhausted": lambda _: "every level was paged, and nobody acknowledged",
    "incident-resolved": lambda e: f"resolved by {e.by}",
    "bridge-opened": lambda e: f"{e.person} opened the bridge",
    "note-added": lambda e: f"{e.person}: {e.text}",
}


def describe(event: AnyEvent) -> str:
    """The event in one line; its type where there are no words for it."""
    line = _LINES.get(event.type)
    return line(event) if line else event.type
