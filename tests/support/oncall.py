"""A team on call, its channels as real servers, and the log in short."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from drillmaster.definitions.environment import Environment
from drillmaster.oncall.base import NewIncident
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import AnyEvent
from tests.support.http import Asked, Reply, serving

POLICY = [
    {"page": "primary", "timeout": "60s"},
    {"page": "secondary", "timeout": "120s"},
    {"page": "third", "timeout": "180s"},
]


def team(
    *,
    channels: dict[str, Any] | None = None,
    contacts: dict[str, list[dict[str, Any]]] | None = None,
    policy: list[dict[str, str]] | None = None,
    simulate: tuple[str, ...] = (),
    **more: Any,
) -> Environment:
    """ana is primary, ben and bea are secondary, cleo is third, dan is not on call."""
    roles = {"ana": ["primary"], "ben": ["secondary"], "bea": ["secondary"], "cleo": ["third"]}
    people: dict[str, Any] = {
        who: {"roles": roles.get(who, []), "contacts": (contacts or {}).get(who, [])}
        for who in ("ana", "ben", "bea", "cleo", "dan")
    }
    for who in simulate:
        people[who]["simulate"] = "prompt"
    return Environment.model_validate(
        {
            "schema": "drillmaster/v1",
            "kind": "environment",
            "name": "staging",
            "target": {"kind": "sandbox"},
            "oncall": {"provider": "embedded", "policy": policy or POLICY},
            "people": people,
            "channels": channels or {},
            **more,
        }
    )


def drill(incident: str = "inc-1", **changes: Any) -> NewIncident:
    """An incident as a drill opens it."""
    fields: dict[str, Any] = {
        "id": incident,
        "run": "run-1",
        "service": "checkout",
        "severity": "critical",
        "summary": "[DRILL] checkout refuses most requests",
        "engage": "timeout",
        "unreachable_primary": None,
    }
    return NewIncident(**(fields | changes))


def log_of(provider: EmbeddedProvider, incident: str = "inc-1") -> list[AnyEvent]:
    """Everything that an incident's log holds."""
    return provider.read(incident, 0)[0]


def short(events: list[AnyEvent]) -> list[str]:
    """The log, one word or two an event."""
    return [_short(event) for event in events]


def _short(event: AnyEvent) -> str:
    shown: dict[str, Callable[[Any], str]] = {
        "escalated": lambda e: f"level {e.level} {e.why}",
        "page-sent": lambda e: f"page {e.person}",
        "page-suppressed": lambda e: f"silent {e.person}",
        "page-delivered": lambda e: f"delivered {e.channel}",
        "page-failed": lambda e: f"failed {e.channel}",
        "acknowledged": lambda e: f"ack {e.person} {e.role} {e.agent}",
        "acknowledgement-withdrawn": lambda e: f"withdrawn {e.person}",
        "handed-over": lambda e: f"hand-over {e.person}",
        "incident-resolved": lambda e: f"resolved {e.by}",
    }
    return shown.get(event.type, lambda e: str(e.type))(event)


@dataclass
class Hook:
    """A webhook receiver that keeps what it got."""

    url: str
    got: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    status: int = 200


@contextmanager
def hooked() -> Iterator[Hook]:
    """A running webhook receiver."""
    hook = Hook("")

    def answer(asked: Asked) -> Reply:
        hook.asked.append(asked)
        hook.got.append(json.loads(asked.body))
        return Reply(hook.status)

    with serving(answer) as url:
        hook.url = f"{url}/pages"
        yield hook
