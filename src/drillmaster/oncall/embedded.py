"""The on-call system that comes with Drillmaster. Its state is in the store, so that any
process can go on with an escalation, and several can work on it at once."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import get_args

from sqlalchemy import insert, select

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Channel, Environment, Role
from drillmaster.errors import InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.base import DRILL_MARK, Links, NewIncident, RealIncident
from drillmaster.oncall.channels.base import Show
from drillmaster.oncall.courier import Courier
from drillmaster.oncall.escalation import begin, time_out
from drillmaster.oncall.policy import Policy, policy_of
from drillmaster.oncall.record import entries, find, lock, unresolved
from drillmaster.timeline.events import AnyEvent
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import incidents

LOOK = 0.05
"""Seconds between looks at the levels' time-outs while pages are being delivered."""


def no_links(incident: str, person: str) -> Mapping[str, str]:  # noqa: ARG001 (the shape of Links)
    """The links where no intake is up: none."""
    return {}


class EmbeddedProvider:
    """The embedded on-call system, for one environment.

    It works on the incidents that it opened, or was told to `follow`: the links and the
    terminal of this process are theirs alone.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        environment: str,
        policy: Policy | None = None,
        *,
        links: Links = no_links,
        show: Show | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._environment = environment
        self._policy = policy
        self._courier = Courier(store, clock, links, show)
        self._ours: frozenset[str] = frozenset()

    @classmethod
    def for_environment(
        cls,
        environment: Environment,
        store: Store,
        clock: Clock,
        *,
        links: Links = no_links,
        show: Show | None = None,
        extra_contacts: Mapping[str, Sequence[Channel]] | None = None,
    ) -> "EmbeddedProvider":
        """The provider that an environment describes.

        `extra_contacts` are channels to a person that are tried before the person's own; a
        simulated responder is reached over them alone, so that a simulation rings nobody.
        """
        policy = policy_of(environment, extra_contacts)
        return cls(store, clock, environment.name, policy, links=links, show=show)

    @classmethod
    def from_data(
        cls, data: Mapping[str, object], store: Store, clock: Clock
    ) -> "EmbeddedProvider":
        """The provider again, from the store alone: it reads and resolves, and opens nothing."""
        return cls(store, clock, str(data["environment"]))

    def as_data(self) -> dict[str, object]:
        """What `from_data` needs."""
        return {"provider": "embedded", "environment": self._environment}

    def roster(self) -> dict[Role, list[str]]:
        """Who is on call, by role; a role that nobody has is left out."""
        policy = self._known_policy()
        holders = {role: policy.holders(role) for role in get_args(Role)}
        return {role: people for role, people in holders.items() if people}

    def open(self, incident: NewIncident) -> None:
        """Open an incident: the alert, and the pages of the first level are fired. Returns
        at once; `advance` delivers them. For an id that is open already it does nothing, but
        this process works on it from now on."""
        policy = self._known_policy().model_copy(
            update={"engage": incident.engage, "unreachable_primary": incident.unreachable_primary}
        )
        plain = incident.summary.removeprefix(DRILL_MARK).strip()
        summary = f"{DRILL_MARK} {plain}"
        self._open(
            policy,
            incident=incident.id,
            run=incident.run,
            service=incident.service,
            severity=incident.severity,
            summary=summary,
        )

    def open_real(self, incident: str, service: str, severity: str, summary: str) -> None:
        """Open an incident that is no drill.

        Raises:
            InvalidError: the summary says that it is one.
        """
        if summary.strip().upper().startswith(DRILL_MARK):
            raise InvalidError(f"a real incident must not begin with {DRILL_MARK}")
        policy = self._known_policy()
        self._open(
            policy,
            incident=incident,
            run=None,
            service=service,
            severity=severity,
            summary=summary,
        )

    def follow(self, incident: str) -> None:
        """Work on an incident that another process opened.

        Raises:
            InvalidError: there is none of that id.
        """
        with self._store.read() as connection:
            find(connection, incident)
        self._ours |= {incident}

    def advance(self) -> None:
        """Let levels time out, and deliver what is fired.

        Blocks while pages are being delivered; the levels' time-outs go on meanwhile, so
        that a channel that hangs does not hold up the next level's page.
        """
        under_way: dict[str, Future[None]] = {}
        while True:
            self._time_out()
            for page in self._courier.due(self._ours):
                if page not in under_way:
                    under_way[page] = self._courier.deliver(page)
            done, rest = wait(under_way.values(), timeout=LOOK)
            for future in done:
                future.result()  # a store that cannot be written is the caller's to hear of
            under_way = {page: future for page, future in under_way.items() if future in rest}
            if not under_way:
                return

    def read(self, incident: str, after: int) -> tuple[list[AnyEvent], int]:
        """The incident's log after a cursor, oldest first, and the new cursor."""
        with self._store.read() as connection:
            found = entries(connection, incident, after)
        return [event for _, event in found], found[-1][0] if found else after

    def resolve(self, incident: str, by: str) -> None:
        """Close an incident; for one that was never opened, or is closed, it does nothing."""
        with self._store.read() as connection:
            query = select(incidents.c.incident).where(incidents.c.incident == incident)
            known = connection.scalar(query) is not None
        if known:
            doors.resolve(self._store, self._clock, incident, by)

    def real_incidents(self, service: str, people: Iterable[str]) -> list[RealIncident]:
        """Open incidents, not of a drill, for the service or on whose levels any of the
        people stand; of any environment, because a person has one life."""
        wanted = set(people)
        with self._store.read() as connection:
            found = [incident for incident in unresolved(connection) if incident.run is None]
        return [
            RealIncident(incident.id, incident.service, incident.summary)
            for incident in found
            if incident.service == service or wanted & incident.policy.paged()
        ]

    def _known_policy(self) -> Policy:
        if self._policy is None:
            raise InvalidError("only a provider that knows the environment can open incidents")
        return self._policy

    def _open(self, policy: Policy, **values: str | None) -> None:
        name = str(values["incident"])
        with self._store.write() as connection:
            at = self._clock.now()  # not before: we may have waited for other writers
            query = select(incidents.c.incident).where(incidents.c.incident == name)
            if connection.scalar(query) is None:
                connection.execute(
                    insert(incidents).values(
                        **values,
                        environment=self._environment,
                        state="triggered",
                        policy=policy.model_dump(mode="json"),
                        level=1,
                        opened_at=at.timestamp(),
                    )
                )
                begin(connection, lock(connection, name), at)
        self._ours |= {name}

    def _time_out(self) -> None:
        now = self._clock.now()
        query = select(incidents.c.incident).where(
            incidents.c.incident.in_(self._ours),
            incidents.c.state == "triggered",
            incidents.c.level_until <= now.timestamp(),
        )
        with self._store.read() as connection:
            due = list(connection.scalars(query))
        for incident in due:
            with self._store.write() as connection:
                found = lock(connection, incident)
                time_out(connection, found, self._clock.now())
