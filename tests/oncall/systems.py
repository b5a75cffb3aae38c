"""For the conformance suite: an on-call system of each kind, with somebody on call.

Another provider joins with a class here that implements `System`, and a line in `SYSTEMS`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from drillmaster.oncall import doors, registry
from drillmaster.oncall.base import Provider
from drillmaster.oncall.embedded import EmbeddedProvider
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import team


class System(Protocol):
    """An on-call system in which ana is primary and ben is secondary for checkout."""

    provider: Provider

    def again(self) -> Provider:
        """The provider as a reaper makes it, from its data and the store alone."""

    def time_out(self) -> None:
        """Let the first level's time pass."""

    def acknowledge(self, incident: str, person: str) -> None:
        """Do what a person does who acknowledges."""

    def alert(self) -> str:
        """Open an incident that is no drill's, for checkout; its id."""

    def close(self) -> None:
        """Give everything back."""


class Embedded:
    """The embedded on-call system."""

    def __init__(self, folder: Path) -> None:
        self._store = fresh_store(folder)
        self._clock = HandClock()
        made = registry.provider_for(team(), self._store, self._clock)
        assert isinstance(made, EmbeddedProvider)
        self._embedded = made
        self.provider: Provider = made

    def again(self) -> Provider:
        return registry.from_data(self.provider.as_data(), self._store, self._clock)

    def time_out(self) -> None:
        self._clock.move(60)

    def acknowledge(self, incident: str, person: str) -> None:
        doors.acknowledge(self._store, self._clock, incident, person, via="cli")

    def alert(self) -> str:
        self._embedded.open_real("real-1", "checkout", "critical", "checkout is down")
        return "real-1"

    def close(self) -> None:
        self._store.close()


SYSTEMS: dict[str, Callable[[Path], System]] = {
    "embedded": Embedded,
}
