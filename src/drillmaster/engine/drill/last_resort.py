"""What a supervisor does when it cannot settle as it should: the store does not answer, or
somebody else took the run over."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.drill.request import RunOutcome
from drillmaster.engine.failures import log_bug, reason_of
from drillmaster.engine.machine.processes import GRACE, see_dead
from drillmaster.engine.settling.settlement import Settled, Settlement, Why
from drillmaster.engine.settling.taking_back import take_back
from drillmaster.errors import StuckError
from drillmaster.faults.base import Injection
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import Target
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store, StoreError

_log = logging.getLogger(__name__)

_PAUSE = 0.2  # seconds between two tries

_TAKEN = "it did not move for longer than its lease, and another process settled it"


class Insisting:
    """Settles a run also where the store fails for a while, or a bug stands in the way.

    What is in is taken back meanwhile.
    """

    def __init__(
        self,
        settlement: Settlement,
        heartbeat: Heartbeat,
        clock: Clock,
        timing: Timing,
        *,
        run: str,
        target: Target | None,
        faults: Sequence[Injection],
    ) -> None:
        self._settlement = settlement
        self._heartbeat = heartbeat
        self._clock = clock
        self._timing = timing
        self._run = run
        self._target = target
        self._faults = faults

    def settle(
        self,
        why: Why,
        runner: ProcessIdentity | None,
        *,
        finish: Callable[[], None],
        failing: bool,
    ) -> Settled:
        """Settle, and try again for as long as an undo is tried.

        Args:
            why: How the drill ended.
            runner: Whoever was told to inject.
            finish: Writes down the last that was seen, before the undo.
            failing: The store is known to fail, and not waited for.

        Raises:
            LostError: somebody else took the run over meanwhile.
        """
        until = self._clock.monotonic() + self._timing.undo
        if failing:
            self._undo_unrecorded(runner)
        while True:
            try:
                finish()
                return self._settlement.settle(why, runner)
            except LostError:
                raise
            except Exception as error:  # the store, or a bug: neither may keep a fault in
                log_bug(_log, f"the settlement of run {self._run}", error)
                self._undo_unrecorded(runner)
                if self._clock.monotonic() >= until:
                    return Settled([f"the run could not be closed: {reason_of(error)}"])
            self._heartbeat.alive()
            self._clock.wait(threading.Event(), _PAUSE)

    def _undo_unrecorded(self, runner: ProcessIdentity | None) -> None:
        target = self._target
        if runner is None or target is None:
            return  # nobody was told to inject
        with suppress(StuckError):
            see_dead(self._run, runner, grace=GRACE + 0.5, deadline=self._timing.lease)
        take_back(self._faults, target, self._timing, self._heartbeat.alive)


def await_other(store: Store, run: str, clock: Clock, timing: Timing) -> RunOutcome:
    """Wait for whoever took a run over, because we did not move for longer than a lease;
    what comes of it there is what we tell."""
    until = clock.monotonic() + timing.undo + timing.recovery
    while clock.monotonic() < until:
        with suppress(StoreError), store.read() as connection:
            row = ledger.find(connection, run)
            if row is not None and row.state in {"settled", "stuck"}:
                stuck = [f"run {run} is stuck"] if row.state == "stuck" else []
                return RunOutcome(run, row.ended, _TAKEN, stuck)
        clock.wait(threading.Event(), _PAUSE)
    return RunOutcome(run, "aborted", _TAKEN, [f"run {run} is not settled yet"])
