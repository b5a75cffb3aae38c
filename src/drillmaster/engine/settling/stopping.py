"""Stopping drills: nothing new begins, and what runs is undone while somebody waits for it.

The stop alone ends every running drill, whose own supervisor sees it and settles. Whoever
stops only waits, and settles what has no living owner.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select

from drillmaster.clock import Clock
from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.kinds import ENVIRONMENT
from drillmaster.definitions.project import Project, find_root
from drillmaster.engine.books import ledger, stops
from drillmaster.engine.books.rows import UnreadableError, is_dead
from drillmaster.engine.books.stops import EVERYWHERE, Stop
from drillmaster.engine.settling.reaper import reap
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.errors import InvalidError
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import runs

_LOOK = 0.2  # seconds between two looks at the runs
_MARGIN = 15.0  # seconds beyond what a settlement may take

_WORDS = {
    "open": "is told to end",
    "settling": "is being undone",
    "stuck": "is stuck",
    "settled": "is settled, and everything of it is undone",
}

Tell = Callable[[str], object]


def named(store: Store, environment: str) -> str:
    """The name of an environment, which must be known from a run, a file, or a stop whose
    file is gone: a stop with a slip in its name would stop nothing, and lift none.

    Raises:
        InvalidError: nobody knows it.
    """
    with store.read() as connection:
        known = set(connection.scalars(select(runs.c.environment).distinct()))
        known |= {stop.environment for stop in stops.in_force(connection)} - {EVERYWHERE}
    with suppress(InvalidError):
        known |= set(Project.load(find_root()).names(ENVIRONMENT))
    if environment not in known:
        there = f"there is {listed(sorted(known))}" if known else "none is known here"
        hint = did_you_mean(environment, known) or there
        raise InvalidError(
            f"no environment is called {environment!r}; {hint} "
            "(without --environment, all are meant)"
        )
    return environment


def begin(store: Store, environment: str, why: str, by: str, clock: Clock) -> Stop:
    """Put a stop in force: from now on nothing is injected there, and no incident of a drill
    opened. The stop that is in force already stays, and is returned."""
    with store.write() as connection:
        return stops.begin(connection, environment, " ".join(why.split()), by, clock.now())


def see_settled(store: Store, environment: str, clock: Clock, tell: Tell) -> list[str]:
    """Wait until every run that a stop ends is settled, and settle those that nobody lives
    for; what is not settled in the time that a settlement may take, in words."""
    where = None if environment == EVERYWHERE else environment
    with store.read() as connection:
        rows = ledger.unsettled(connection, where)
    return _Waiting(store, where, clock, tell, rows).wait()


@dataclass(slots=True)
class _Waiting:
    store: Store
    environment: str | None
    clock: Clock
    tell: Tell
    rows: Sequence[Row[Any]]
    """The runs that are waited for, as they were seen last."""
    _told: dict[str, str] = field(default_factory=dict)
    _reaped: dict[str, list[str]] = field(default_factory=dict)

    def wait(self) -> list[str]:
        until = self.clock.monotonic() + max(map(_patience, self.rows), default=0.0)
        while True:
            self._say()
            left = [row for row in self.rows if row.state != "settled"]
            waited_for = [row for row in left if row.run not in self._reaped]
            if not waited_for or self.clock.monotonic() >= until:
                return [self._problem(row) for row in left]
            if any(map(_dead, waited_for)):
                reaped = reap(self.store, self.environment)
                self._reaped |= {run: settled.stuck for run, settled in reaped}
            self.clock.wait(threading.Event(), _LOOK)
            self._look()

    def _look(self) -> None:
        with self.store.read() as connection:
            again = (ledger.find(connection, row.run) for row in self.rows)
            self.rows = [row for row in again if row is not None]

    def _say(self) -> None:
        for row in self.rows:
            if self._told.get(row.run) != row.state:
                self._told[row.run] = row.state
                word = _WORDS.get(row.state, "cannot be read")
                self.tell(f"Run {row.run} on {row.environment} {word}.")

    def _problem(self, row: Row[Any]) -> str:
        why = "; ".join(self._reaped.get(row.run, [])) or "it is not settled in time"
        return f"run {row.run} on {row.environment}: {why}"


def _dead(row: Row[Any]) -> bool:
    """Whether the run's owner is gone, or gave up; the reaper tells of one that is not to be
    read."""
    try:
        return is_dead(row)
    except UnreadableError:
        return True


def _patience(row: Row[Any]) -> float:
    """Seconds that the settlement of a run may take: its processes die, its faults are
    undone, its incidents resolved, and its steady state returns."""
    try:
        timing = SettlementPlan.model_validate(row.settlement).timing
    except ValidationError:
        return _MARGIN
    return 2 * timing.lease + 2 * timing.undo + timing.recovery + _MARGIN
