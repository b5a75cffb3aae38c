"""`drillmaster incident`: real incidents, in the embedded on-call system."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from drillmaster.clock import Clock, SteadyClock
from drillmaster.definitions.environment import Environment, PageLinks
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.kinds import ENVIRONMENT
from drillmaster.definitions.load import lookable
from drillmaster.definitions.lookup import resolve as look_up
from drillmaster.definitions.project import Project, find_root
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.intake.server import place_of, start
from drillmaster.oncall import doors
from drillmaster.oncall.base import Links
from drillmaster.oncall.channels.base import Page
from drillmaster.oncall.choose import choose
from drillmaster.oncall.describe import describe
from drillmaster.oncall.embedded import EmbeddedProvider, no_links
from drillmaster.oncall.follow import Ending, Following
from drillmaster.oncall.record import Incident, unresolved
from drillmaster.timeline.events import AnyEvent
from drillmaster.timeline.store import Store

_CODES: dict[Ending, ExitCode] = {
    "acknowledged": ExitCode.READY,
    "resolved": ExitCode.READY,
    "exhausted": ExitCode.NOT_READY,
}

_NEXT: dict[Ending, str] = {
    "acknowledged": "`drillmaster incident resolve {}` closes it when it is over.",
    "exhausted": "It stays open: `drillmaster incident follow --stay {}` waits for an answer.",
}


@dataclass(frozen=True, slots=True)
class Serving:
    """How an incident is followed."""

    listen: str | None = None
    """Where the pages' links lead, as `HOST:PORT`; None: as the environment says."""
    url: str | None = None
    """How people reach that; None: as the environment says."""
    stay: bool = False
    """Go on until the incident is resolved, beyond the ACK and the last level."""

    def over(self, links: PageLinks) -> PageLinks:
        """Where links lead: as is said here, and else as there."""
        said = {"listen": self.listen, "url": self.url}
        return links.model_copy(update={name: given for name, given in said.items() if given})


def open_incident(
    environment: str, summary: str, severity: str, service: str | None, serving: Serving | None
) -> int:
    """Open a real incident and page its first level; follow it unless `serving` is None."""
    where, of = _where(environment, service)
    name = f"inc-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    clock = SteadyClock()
    lead = None if serving is None else serving.over(where.links)
    with closing(Store.open()) as store, _intake(store, clock, where.bridge, lead) as links:
        provider = EmbeddedProvider.for_environment(where, store, clock, links=links, show=_show)
        provider.open_real(name, of, severity, summary)
        if serving is not None:
            return _work(Following(store, clock, provider, name), name, stay=serving.stay)
        provider.advance()
        for event in provider.read(name, 0)[0]:
            _tell(event)
    _say(f"{name} is open. `drillmaster incident follow {name}` pages the next levels.")
    return ExitCode.READY


def follow_incident(incident: str | None, serving: Serving) -> int:
    """Go on with a real incident that another process opened."""
    clock = SteadyClock()
    with closing(Store.open()) as store:
        found = _real(store, incident)
        with _intake(store, clock, found.policy.bridge, serving.over(PageLinks())) as links:
            provider = EmbeddedProvider(store, clock, found.environment, links=links, show=_show)
            provider.follow(found.id)
            following = Following(store, clock, provider, found.id)
            return _work(following, found.id, stay=serving.stay)


def list_incidents() -> int:
    """One line for each open incident, drills among them."""
    with closing(Store.open()) as store, store.read() as connection:
        found = unresolved(connection)
    for incident in found:
        role = incident.policy.levels[incident.level - 1].role
        _say(
            f"{incident.id}  {incident.state}  {role}  {incident.environment}/{incident.service}"
            f"  {incident.severity}  {incident.summary}"
        )
    if not found:
        _say("no incident is open")
    return ExitCode.READY


def resolve_incident(incident: str, person: str | None) -> int:
    """Close a real incident."""
    with closing(Store.open()) as store:
        found = _real(store, incident)
        if person is not None:
            found.policy.check_person(person)
        doors.resolve(store, SteadyClock(), found.id, person or "the command line")
    _say(f"{found.id} is resolved")
    return ExitCode.READY


def _real(store: Store, incident: str | None) -> Incident:
    found = choose(store, incident)
    if found.run is not None:
        raise InvalidError(f"{found.id} belongs to the drill {found.run}, which settles it itself")
    return found


def _where(name: str, service: str | None) -> tuple[Environment, str]:
    """The environment with its look-ups done, and the service that is meant."""
    found = Project.load(find_root()).get(ENVIRONMENT, name).model
    known = found.services
    if service is None and len(known) > 1:
        raise InvalidError(f"say which service: {listed(known)}")
    of = service or (known[0] if known else found.name)
    if known and of not in known:
        hint = did_you_mean(of, known) or f"it lists {listed(known)}"
        raise InvalidError(f"{name} does not list the service {of!r}; {hint}")
    return look_up(found, lookable(found, of)), of


@contextmanager
def _intake(
    store: Store, clock: Clock, bridge: str | None, links: PageLinks | None
) -> Iterator[Links]:
    """The links of an intake that runs meanwhile; none where nobody follows the incident."""
    if links is None:
        yield no_links
        return
    host, port = place_of(links.listen)
    intake = start(store, clock, None, bridge=bridge, host=host, port=port, public_url=links.url)
    with closing(intake):
        yield intake.links


def _work(following: Following, incident: str, *, stay: bool) -> int:
    try:
        ending = following.until_somebody_has_it(_tell, stay=stay)
    except KeyboardInterrupt:
        _say(
            f"{incident} stays open, and its next level is not paged any more. "
            f"`drillmaster incident follow {incident}` goes on with it."
        )
        return ExitCode.INTERRUPTED
    if ending in _NEXT:
        _say(_NEXT[ending].format(incident))
    return _CODES[ending]


def _show(page: Page) -> None:
    _say(f"\n{page.text}\n")


def _tell(event: AnyEvent) -> None:
    _say(f"{event.occurred_at:%H:%M:%S} UTC  {describe(event)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
