"""Undos that may take long: each is waited for beside the others."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime

from drillmaster.clock import Clock
from drillmaster.faults.base import Undone
from drillmaster.probes.bounded import started

_PAUSE = 0.1  # seconds that one look at an attempt waits for it


@dataclass(frozen=True, slots=True)
class Attempt:
    """An undo that may take long, under way."""

    future: "Future[Undone]"
    begun: datetime
    since: float


class Beside:
    """Undos under way, by the obligation.

    One that hangs must keep no other fault in. Each has the target to itself for a lease,
    because one may need another.
    """

    def __init__(self, clock: Clock, lease: float) -> None:
        self._clock = clock
        self._lease = lease
        self._under_way: dict[str, Attempt] = {}

    def __bool__(self) -> bool:
        return bool(self._under_way)

    def ended(
        self, obligation: str, undo: Callable[[], Undone], *, may_begin: bool
    ) -> Attempt | None:
        """An undo that has ended; None while it goes on, or waits for its turn."""
        attempt = self._under_way.get(obligation)
        if attempt is None:
            if not may_begin or self._one_is_young():
                return None
            attempt = Attempt(started(undo), self._clock.now(), self._clock.monotonic())
            self._under_way[obligation] = attempt
        if not wait([attempt.future], _PAUSE).done:
            return None
        return self._under_way.pop(obligation)

    def _one_is_young(self) -> bool:
        now = self._clock.monotonic()
        return any(now - one.since < self._lease for one in self._under_way.values())
