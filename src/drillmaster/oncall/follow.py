"""Working on an incident in the foreground until somebody has it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal

from drillmaster.clock import Clock
from drillmaster.oncall import background
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.oncall.record import find
from drillmaster.timeline.events import AnyEvent
from drillmaster.timeline.store import Store

Ending = Literal["acknowledged", "resolved", "exhausted"]
"""Somebody has it, it is over, or every level was paged in vain."""

LOOK = 0.1
"""Seconds between two looks."""

LINGER = 5.0
"""Seconds for which an ACK must stand: its page loads again, and a slip is taken back."""


class Following:
    """One incident that this process works on."""

    def __init__(
        self, store: Store, clock: Clock, provider: EmbeddedProvider, incident: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._provider = provider
        self._incident = incident
        self._cursor = 0
        self._working: Future[None] | None = None

    def until_somebody_has_it(
        self, tell: Callable[[AnyEvent], None], *, stay: bool = False
    ) -> Ending:
        """Page level after level, and tell what happens, until it ends.

        With `stay` nothing is an end but that the incident is resolved: the page's links go
        on working, and a hand-over pages the next level.
        """
        stop = threading.Event()
        since: float | None = None
        while True:
            self._work()
            self._tell(tell)
            ending = self._ending(stay=stay)
            since = (since or self._clock.monotonic()) if ending == "acknowledged" else None
            lingering = since is not None and self._clock.monotonic() - since < LINGER
            if ending is not None and not lingering:
                self._finish()
                self._tell(tell)
                return ending
            self._clock.wait(stop, LOOK)

    def _tell(self, tell: Callable[[AnyEvent], None]) -> None:
        events, self._cursor = self._provider.read(self._incident, self._cursor)
        for event in events:
            tell(event)

    def _work(self) -> None:
        """Keep the provider going, without waiting for deliveries."""
        if self._working is None or self._working.done():
            self._finish()
            self._working = background.start(self._provider.advance)

    def _finish(self) -> None:
        """Wait for the pages that are on their way: they end with this process."""
        if self._working is not None:
            self._working.result()

    def _ending(self, *, stay: bool) -> Ending | None:
        with self._store.read() as connection:
            found = find(connection, self._incident)
        if found.state == "resolved":
            return "resolved"
        if stay:
            return None
        if found.state == "acknowledged":
            return "acknowledged"
        return "exhausted" if found.level_until is None else None
