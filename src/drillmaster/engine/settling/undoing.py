"""Undoing every fault of a run, as seen at the target."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.played import played_activities
from drillmaster.engine.books.recorder import Recorder, stretch
from drillmaster.errors import DrillmasterError, InvalidError
from drillmaster.faults.base import GONE, Activity, Injection, Known, PlayError, Undone
from drillmaster.faults.registry import kind_of
from drillmaster.probes.bounded import bounded
from drillmaster.targets.base import GoneError, Target
from drillmaster.timeline.events import ActivitiesPlayed, FaultStuck, FaultUndone, UndoFailed
from drillmaster.timeline.log import LostError

_PAUSE = 0.1  # seconds between two looks


class Undoing:
    """Looks at the target for every fault and takes back what is there.

    A request of the runner may still be on its way. A target that remembers undone
    faults refuses it; with any other, a fault whose call never returned is undone and
    looked at again for as long as a request may take.
    """

    def __init__(
        self, recorder: Recorder, target: Target | None, timing: Timing, heartbeat: Heartbeat
    ) -> None:
        self._recorder = recorder
        self._target = target
        self._timing = timing
        self._heartbeat = heartbeat
        self._told: set[str] = set()
        self._failed: set[str] = set()
        self._lost: dict[str, datetime] = {}
        """When a first undo began that failed: it may have worked all the same."""

    def run(self) -> list[str]:
        """Undo all faults; what is stuck, in words."""
        clock = self._recorder.clock
        pending = self._faults()
        began = clock.monotonic()
        door = began + self._timing.request
        until = max(began + self._timing.undo, door)
        problems: dict[str, str] = {}
        while pending and clock.monotonic() < until:
            for row in list(pending):
                problem = self._attempt(row)
                self._heartbeat.alive()
                if problem is not None:
                    problems[row.obligation] = problem
                    continue
                problems.pop(row.obligation, None)
                if self._door_is_closed(row) or clock.monotonic() >= door:
                    pending.remove(row)
            if pending:
                clock.wait(threading.Event(), _PAUSE)
        return [
            self._give_up(row, problems[row.obligation])
            for row in pending
            if row.obligation in problems
        ]

    def _faults(self) -> list[Row[Any]]:
        with self._recorder.store.read() as connection:
            owed = ledger.owed(connection, self._recorder.hold.run)
        return sorted((row for row in owed if row.kind == "fault"), key=self._is_slow)

    def _is_slow(self, row: Row[Any]) -> bool:
        """Whether its undo may take long: it must not keep the others in."""
        try:
            injection = Injection.model_validate(row.undo)
            target = self._target
            return (
                target is None
                or kind_of(injection.kind, target.kind).patience(injection) is not None
            )
        except (ValidationError, InvalidError):
            return True

    def _attempt(self, row: Row[Any]) -> str | None:
        """One look and one undo; the problem in words where it did not work."""
        begun = self._recorder.clock.now()
        problem = self._try(row, begun)
        if problem is not None:
            self._lost.setdefault(row.obligation, begun)
        return problem

    def _try(self, row: Row[Any], begun: datetime) -> str | None:
        try:
            injection = Injection.model_validate(row.undo)
        except ValidationError as error:  # a newer version wrote it
            return f"its undo failed: {type(error).__name__}"
        try:
            known: Known = "undone" if row.obligation in self._told else row.state
            done = self._undo(injection, known)
            if done.was_present or not (row.state == "undone" or row.obligation in self._told):
                self._record(injection, done, since=begun if done.was_present else self._gone(row))
                self._told.add(row.obligation)
        except LostError:
            raise
        except PlayError as error:
            self._tell_failure(injection, str(error), error.activities)
            return str(error)
        except DrillmasterError as error:
            return str(error)
        except Exception as error:  # a fault's own bug must not keep the others in
            problem = f"its undo failed: {type(error).__name__}"
            self._tell_failure(injection, problem, ())
            return problem
        return None

    def _tell_failure(
        self, injection: Injection, problem: str, activities: Sequence[Activity]
    ) -> None:
        """An undo that fails by itself is told once: it is tried again and again."""
        if injection.id in self._failed:
            return
        self._failed.add(injection.id)
        recorder = self._recorder
        recorder.record(
            *self._played(injection, activities),
            recorder.make(UndoFailed, fault=injection.name, reason=problem),
        )

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

    def _undo(self, injection: Injection, known: Known) -> Undone:
        target = self._target
        if target is None:  # there never was one
            return Undone(was_present=False, residue=GONE)
        try:
            return undo_once(injection, target, known, self._timing.lease, self._heartbeat.alive)
        except GoneError:
            return Undone(was_present=False, residue=GONE)

    def _gone(self, row: Row[Any]) -> datetime:
        """Since when a fault may be gone that an undo did not find: since an earlier undo whose
        answer got lost, or since any time after it was injected."""
        if row.obligation in self._lost:
            return self._lost[row.obligation]
        return datetime.fromtimestamp(row.injected_at or row.intent_at, UTC)

    def _record(self, injection: Injection, done: Undone, since: datetime) -> None:
        recorder = self._recorder
        event = recorder.make(
            FaultUndone,
            fault=injection.name,
            by="responder" if done.by_others else recorder.source,
            residue=done.residue,
            **stretch(since, recorder.clock.now()),
        )
        now = recorder.clock.now().timestamp()
        recorder.record(
            *self._played(injection, done.activities),
            event,
            also=lambda connection: ledger.undone(
                connection, recorder.hold, injection.id, recorder.source, now
            ),
        )

    def _door_is_closed(self, row: Row[Any]) -> bool:
        """Whether no request can come late. That the first call returned says nothing of the
        later rounds of a fault that is repeated."""
        if self._target is None:
            return True
        returned = row.injected_at is not None and row.undo["arguments"].get("every") is None
        return returned or kind_of(row.undo["kind"], self._target.kind).closes_door()

    def _give_up(self, row: Row[Any], problem: str) -> str:
        recorder, name = self._recorder, row.undo.get("name", row.obligation)
        event = recorder.make(FaultStuck, fault=name, reason=problem)
        recorder.record(
            event,
            also=lambda connection: ledger.stuck(connection, recorder.hold, row.obligation),
        )
        return f"fault {name}: {problem}"


def undo_once(
    fault: Injection,
    target: Target,
    known: Known,
    lease: float,
    tick: Callable[[], None] = lambda: None,
) -> Undone:
    """One undo, and a look whether the fault is gone. Each may take as long as a lease, or as
    the fault itself may: one that hangs must neither keep the other faults in nor cost us the
    lease, for which `tick` is called meanwhile.

    Raises:
        GoneError: the target is gone, and the fault with it.
        DrillmasterError: the fault is still there, or the target does not answer.
    """
    kind = kind_of(fault.kind, target.kind)
    most = max(lease, kind.patience(fault) or 0.0)
    done = bounded(lambda: kind.undo(fault, target, known), most, tick=tick)
    if bounded(lambda: kind.present(fault, target), most, tick=tick):
        raise DrillmasterError("it is still at the target after its undo")
    return done


def take_back(
    faults: Iterable[Injection],
    target: Target,
    timing: Timing,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Take faults back while nothing can be recorded: without the store nobody can settle,
    but what is in need not stay. Whoever settles the run later looks again."""
    for fault in faults:
        tick()
        with suppress(Exception):  # the settlement says what could not be undone
            kind = kind_of(fault.kind, target.kind)
            most = max(timing.lease, kind.patience(fault) or 0.0)
            bounded(partial(kind.undo, fault, target, "intent"), most, tick=tick)
