"""Writing down what came of undoing faults: in the ledger, and in the timeline."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from drillmaster.engine.books import ledger
from drillmaster.engine.books.played import played_activities
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.books.undone import told_of
from drillmaster.engine.settling.lost import not_undone
from drillmaster.faults.base import Activity, Injection, Known, Undone
from drillmaster.timeline.chain import ChainError
from drillmaster.timeline.events import ActivitiesPlayed, FaultStuck, FaultUndone, UndoFailed


class UndoBook:
    """What a settlement knows of each undo of its own, and tells once."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._told: set[str] = set()
        self._failed: set[str] = set()
        self._lost: dict[str, datetime] = {}
        """When a first undo began that failed: it may have worked all the same."""

    def owed(self) -> Sequence[Row[Any]]:
        """Every fault of the run, also those that are called undone, and those that only the
        timeline still calls faults."""
        with self._recorder.store.read() as connection:
            owed = ledger.owed(connection, self._recorder.hold.run)
        try:
            faults = set(not_undone(self._recorder))
        except ChainError:  # that it cannot be read is told by itself
            faults = set()
        return [row for row in owed if row.kind == "fault" or row.obligation in faults]

    def known(self, row: Row[Any]) -> Known:
        """How much of a fault is in. That an undo did not work says nothing of it."""
        if row.obligation in self._told:
            return "undone"
        if row.state == "stuck":
            return "intent" if row.injected_at is None else "injected"
        known: Known = row.state
        return known

    def worked(self, row: Row[Any], injection: Injection, done: Undone, begun: datetime) -> None:
        """An undo that began then found the fault, or did not."""
        if not done.was_present and (row.state == "undone" or row.obligation in self._told):
            return
        since = begun if done.was_present else self._gone_since(row)
        recorder = self._recorder
        now = recorder.clock.now()
        event = recorder.make(
            FaultUndone,
            fault=injection.name,
            **told_of(done, self._in(row), recorder.source, since, now),
        )
        recorder.record(
            *self._played(injection, done.activities),
            event,
            also=lambda connection: ledger.undone(
                connection, recorder.hold, injection.id, recorder.source, now.timestamp()
            ),
        )
        self._told.add(row.obligation)

    def failed(
        self, injection: Injection, problem: str, activities: Sequence[Activity] = ()
    ) -> None:
        """An undo that fails by itself is told once: it is tried again and again."""
        if injection.id in self._failed:
            return
        self._failed.add(injection.id)
        self._recorder.record(
            *self._played(injection, activities),
            self._recorder.make(UndoFailed, fault=injection.name, reason=problem),
        )

    def lost(self, row: Row[Any], begun: datetime) -> None:
        """An undo that began then has no answer."""
        self._lost.setdefault(row.obligation, begun)

    def stuck(self, row: Row[Any], problem: str) -> str:
        """Nothing undoes it; the problem in words."""
        recorder, name = self._recorder, _name(row)
        recorder.record(
            recorder.make(FaultStuck, fault=name, reason=problem),
            also=lambda connection: ledger.stuck(connection, recorder.hold, row.obligation),
        )
        return f"fault {name}: {problem}"

    def _in(self, row: Row[Any]) -> Known:
        """What is known of a fault; one whose undo got lost may have been undone by ourselves."""
        return "intent" if row.obligation in self._lost else self.known(row)

    def _gone_since(self, row: Row[Any]) -> datetime:
        """Since when a fault may be gone that an undo did not find: since an earlier undo whose
        answer got lost, or since any time after it was intended, because a call that takes long
        may itself end what it began."""
        if row.obligation in self._lost:
            return self._lost[row.obligation]
        return datetime.fromtimestamp(row.intent_at, UTC)

    def _played(
        self, injection: Injection, activities: Sequence[Activity]
    ) -> list[ActivitiesPlayed]:
        if not activities:
            return []
        played = played_activities(activities)
        return [
            self._recorder.make(
                ActivitiesPlayed, fault=injection.name, part="rollbacks", activities=played
            )
        ]


def _name(row: Row[Any]) -> str:
    """The fault's name; that of its obligation where its undo is not to be read."""
    name = row.undo.get("name") if isinstance(row.undo, dict) else None
    return name if isinstance(name, str) else str(row.obligation)
