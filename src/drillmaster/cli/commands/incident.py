"""`drillmaster incident`: real incidents, in the embedded on-call system."""

import getpass
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from drillmaster.clock import SteadyClock
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.kinds import ENVIRONMENT
from drillmaster.definitions.load import lookable
from drillmaster.definitions.lookup import resolve as look_up
from drillmaster.definitions.project import Project, find_root
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.intake.server import start
from drillmaster.oncall import doors
from drillmaster.oncall.channels.base import Page
from drillmaster.oncall.choose import choose, clock_of
from drillmaster.oncall.describe import describe
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.oncall.follow import Ending, Following
from drillmaster.oncall.record import Incident, unresolved
from drillmaster.timeline.events import AnyEvent
from drillmaster.timeline.store import Store

_CODES: dict[Ending, ExitCode] = {
    "acknowledged": ExitCode.READY,
    "resolved": ExitCode.READY,
    "exhausted": ExitCode.NOT_READY,
}


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the links of pages lead while an incident is followed."""

    host: str = "127.0.0.1"
    port: int = 0
    url: str | None = None
    """How people reach it, where that is not `http://host:port`."""
    stay: bool = False
    """Go on after the ACK, until the incident is resolved."""


def open_incident(
    environment: str,
    summary: str,
    *,
    severity: str,
    service: str | None,
    serving: Serving | None,
) -> int:
    """Open a real incident and page; follow it unless `serving` is None."""
    where = _environment(environment, service)
    of = _service(where, service)
    store, clock = Store.open(), SteadyClock()
    incident = f"inc-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    if serving is not None:
        return _follow(store, clock, where, incident, serving, opening=(of, severity, summary))
    provider = EmbeddedProvider.for_environment(where, store, clock, show=_show)
    provider.open_real(incident, of, severity, summary)
    provider.advance()
    for event in provider.read(incident, 0)[0]:
        _tell(event)
    _say(f"{incident} is open; `drillmaster incident follow {incident}` escalates it further")
    return ExitCode.READY
