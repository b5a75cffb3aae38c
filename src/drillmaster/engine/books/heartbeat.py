"""The sign of life of whoever holds a run."""

import threading
from datetime import datetime, timedelta

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store, StoreError


class Heartbeat:
    """Renews the lease, as long as the work that it speaks for says that it is alive.

    A thread that went on beating while its main loop hangs would keep a fault in for
    ever; so the loop calls `alive`, and once it has, there is no beat without it. Before
    the loop begins nothing is in, and preparing may take longer than a lease.
    """

    def __init__(self, store: Store, hold: Hold, clock: Clock, timing: Timing) -> None:
        self._store = store
        self._hold = hold
        self._clock = clock
        self._timing = timing
        self._alive_at: float | None = None
        self._silent_since: float | None = None
        self._renewed_at = clock.monotonic()
        self._stopped = threading.Event()
        self.lost = threading.Event()
        """Set when the run belongs to somebody else."""
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def alive(self) -> None:
        """The work goes on."""
        self._silent_since = self._fell_silent()
        self._alive_at = self._clock.monotonic()

    def watched_until(self) -> datetime | None:
        """When the work was alive last before it did not move for longer than a lease; None
        where it never stood still for so long. What happened meanwhile was seen by nobody."""
        silent = self._fell_silent()
        if silent is None:
            return None
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - silent)

    def _fell_silent(self) -> float | None:
        if self._silent_since is not None or self._alive_at is None:
            return self._silent_since
        quiet = self._clock.monotonic() - self._alive_at
        return self._alive_at if quiet > self._timing.lease else None

    def lapsed(self) -> bool:
        """Whether the lease has run out because it could not be renewed: others may claim
        the run now, if they can reach the store."""
        return self._clock.monotonic() - self._renewed_at > self._timing.lease

    def stop(self) -> None:
        """No further beat."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._clock.wait(self._stopped, self._timing.heartbeat):
            if self._is_alive():
                self._beat()

    def _is_alive(self) -> bool:
        quiet = 0.0 if self._alive_at is None else self._clock.monotonic() - self._alive_at
        return quiet <= self._timing.lease

    def _beat(self) -> None:
        try:
            with self._store.write() as connection:
                until = self._clock.now().timestamp() + self._timing.lease
                ledger.beat(connection, self._hold, until)
            self._renewed_at = self._clock.monotonic()
        except LostError:
            self.lost.set()
            self._stopped.set()
        except StoreError:
            return  # the next beat may get through; if none does, the lease runs out
