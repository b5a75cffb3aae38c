"""An intake that runs, with a drill and its incident."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from drillmaster.clock import SteadyClock
from drillmaster.intake import server
from drillmaster.intake.server import Intake
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import AnyEvent, event_adapter
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import inbox, runs
from tests.support.handbook import runbook
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import drill, log_of, team

BRIDGE = "https://meet.example.org/checkout"


class Desk:
    """A team with an open incident, its links, and what came of them."""

    def __init__(self, store: Store, clock: HandClock, **changes: Any) -> None:
        self.store = store
        self.clock = clock
        self.run = changes.pop("run", "run-1")
        settings: dict[str, Any] = {"runbook": runbook(), "bridge": BRIDGE} | changes
        self.intake: Intake = server.start(store, clock, self.run, **settings)
        self.provider = EmbeddedProvider.for_environment(
            team(), store, clock, links=self.intake.links
        )
        self.browser = httpx.Client(trust_env=False)

    def link(self, person: str, incident: str = "inc-1") -> str:
        return self.intake.links(incident, person)["page"]

    def get(self, person: str = "ben") -> httpx.Response:
        return self.browser.get(self.link(person))

    def post(self, act: str, person: str = "ben", **settings: Any) -> httpx.Response:
        return self.browser.post(f"{self.link(person)}/{act}", **settings)

    def log(self, incident: str = "inc-1") -> list[AnyEvent]:
        return log_of(self.provider, incident)

    def said(self) -> list[AnyEvent]:
        """What lies in the run's inbox."""
        with self.store.read() as connection:
            found = connection.scalars(select(inbox.c.event).where(inbox.c.run == self.run))
            return [event_adapter.validate_python(event) for event in found]

    def set_run(self, state: str) -> None:
        with self.store.write() as connection:
            connection.execute(update(runs).values(state=state))

    def close(self) -> None:
        self.browser.close()
        self.intake.close()


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes desks with settings of their own; all are closed at the end."""
    store, clock = fresh_store(tmp_path), HandClock()
    _add_run(store, clock)
    made: list[Desk] = []

    def make(**settings: Any) -> Desk:
        made.append(Desk(store, clock, **settings))
        return made[-1]

    yield make
    for desk in made:
        desk.close()
    store.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A desk with the drill's incident open."""
    desk = make_desk()
    desk.provider.open(drill())
    return desk


def _add_run(store: Store, clock: HandClock) -> None:
    with store.write() as connection:
        connection.execute(
            insert(runs).values(
                run="run-1",
                drill="checkout-degraded",
                environment="staging",
                state="open",
                fence=1,
                owner={},
                lease_until=0.0,
                anchor=SteadyClock().anchor.model_dump(mode="json"),
                settlement={},
                simulated=False,
                started_at=clock.now().timestamp(),
            )
        )
