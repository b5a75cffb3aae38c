"""Undoing every fault of a run, as seen at the target."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
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
from drillmaster.probes.bounded import bounded, started
from drillmaster.targets.base import GoneError, Target
from drillmaster.timeline.events import ActivitiesPlayed, FaultStuck, FaultUndone, UndoFailed
from drillmaster.timeline.log import LostError

_PAUSE = 0.1  # seconds between two looks
_TICK = 0.5  # seconds between two signs of life while an undo is waited for


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An undo that may take long, under way."""

    future: "Future[Undone]"
    begun: datetime
    since: float


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
        self._under_way: dict[str, _Attempt] = {}
        self._told: set[str] = set()
        self._failed: set[str] = set()
        self._lost: dict[str, datetime] = {}
        """When a first undo began that failed: it may have worked all the same."""

    def run(self) -> list[str]:
        """Undo all faults; what is stuck, in words.

        An undo that may take long is waited for beside the others: one that hangs must keep no
        fault in. It has the target to itself for a lease, because one may need another.
        """
        clock = self._recorder.clock
        pending = self._faults()
        began = clock.monotonic()
        door = began + self._timing.request
        until = max(began + self._timing.undo, door)
        problems: dict[str, str] = {}
        while pending and (clock.monotonic() < until or self._under_way):
            for row in list(pending):
                self._heartbeat.alive()
                if self._is_slow(row):
                    attempt = self._slow_attempt(row, more=clock.monotonic() < until)
                    if attempt is None:
                        continue
                    problem = self._attempt(row, attempt.begun, attempt.future.result)
                else:
                    problem = self._attempt(row, clock.now(), partial(self._undo, row, self._alive))
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
        except ValidationError:
            return True
        return self._target is None or _takes_long(injection, self._target)

    def _slow_attempt(self, row: Row[Any], *, more: bool) -> _Attempt | None:
        """An undo that has ended; None while it goes on, or waits for its turn."""
        clock, under_way = self._recorder.clock, self._under_way
        attempt = under_way.get(row.obligation)
        if attempt is None:
            young = (
                clock.monotonic() - one.since < self._timing.lease for one in under_way.values()
            )
            if not more or any(young):
                return None
            future = started(partial(self._undo, row, lambda: None))
            attempt = _Attempt(future, clock.now(), clock.monotonic())
            under_way[row.obligation] = attempt
        if not wait([attempt.future], _PAUSE).done:
            return None
        return under_way.pop(row.obligation)

    def _attempt(self, row: Row[Any], begun: datetime, undo: Callable[[], Undone]) -> str | None:
        """One look and one undo; the problem in words where it did not work."""
        problem = self._try(row, begun, undo)
        self._alive()
        if problem is not None:
            self._lost.setdefault(row.obligation, begun)
        return problem

    def _try(self, row: Row[Any], begun: datetime, undo: Callable[[], Undone]) -> str | None:
        try:
            injection = Injection.model_validate(row.undo)
        except ValidationError as error:  # a newer version wrote it
            return f"its undo failed: {type(error).__name__}"
        try:
            done = undo()
            if done.was_present or not (row.state == "undone" or row.obligation in self._told):
                self._record(injection, done, since=begun if done.was_present else self._gone(row))
                self._told.add(row.obligation)
        except LostError:
            raise
        except PlayError as error:
            self._tell_failure(injection, str(error), error.activities)
            return self._still_stuck(row, injection, str(error))
        except DrillmasterError as error:
            return str(error)
        except Exception as error:  # a fault's own bug must not keep the others in
            problem = f"its undo failed: {type(error).__name__}"
            self._tell_failure(injection, problem, ())
            return problem
        return None

    def _still_stuck(self, row: Row[Any], injection: Injection, problem: str) -> str | None:
        """A fault that was stuck may have been taken back by hand meanwhile, and then need not
        be undone as it was meant to be."""
        if row.state != "stuck" or self._target is None:
            return problem
        try:
            if not look(injection, self._target, self._timing.lease, self._alive):
                done = Undone(
                    was_present=False, residue="its undo failed; it was gone all the same"
                )
                self._record(injection, done, since=self._gone(row))
                self._told.add(row.obligation)
                return None
        except DrillmasterError:
            pass
        return problem

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

    def _alive(self) -> None:
        self._heartbeat.alive()

    def _undo(self, row: Row[Any], tick: Callable[[], None]) -> Undone:
        target = self._target
        if target is None:  # there never was one
            return Undone(was_present=False, residue=GONE)
        try:
            injection = Injection.model_validate(row.undo)
            return undo_once(injection, target, self._known(row), self._timing.lease, tick)
        except GoneError:
            return Undone(was_present=False, residue=GONE)

    def _known(self, row: Row[Any]) -> Known:
        """That an undo did not work says nothing of how much of the fault is in."""
        if row.obligation in self._told:
            return "undone"
        if row.state == "stuck":
            return "intent" if row.injected_at is None else "injected"
        known: Known = row.state
        return known

    def _gone(self, row: Row[Any]) -> datetime:
        """Since when a fault may be gone that an undo did not find: since an earlier undo whose
        answer got lost, or since any time after it was intended, because a call that takes long
        may itself end what it began."""
        if row.obligation in self._lost:
            return self._lost[row.obligation]
        return datetime.fromtimestamp(row.intent_at, UTC)

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
    if look(fault, target, lease, tick):
        raise DrillmasterError("it is still at the target after its undo")
    return done


def look(
    fault: Injection, target: Target, lease: float, tick: Callable[[], None] = lambda: None
) -> bool:
    """Whether a fault is at the target, in no more time than an undo may take."""
    kind = kind_of(fault.kind, target.kind)
    most = max(lease, kind.patience(fault) or 0.0)
    return bounded(lambda: kind.present(fault, target), most, tick=tick)


def take_back(
    faults: Iterable[Injection],
    target: Target,
    timing: Timing,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Take faults back while nothing can be recorded: without the store nobody can settle,
    but what is in need not stay. Whoever settles the run later looks again. One that takes
    long keeps no other in for longer than a lease."""
    going = []
    for fault in sorted(faults, key=lambda one: _takes_long(one, target)):
        going.append(started(partial(_take_back_one, fault, target, timing)))
        _await(going[-1:], timing.lease, tick)
    _await(going, math.inf, tick)


def _take_back_one(fault: Injection, target: Target, timing: Timing) -> None:
    with suppress(Exception):  # the settlement says what could not be undone
        kind = kind_of(fault.kind, target.kind)
        most = max(timing.lease, kind.patience(fault) or 0.0)
        bounded(partial(kind.undo, fault, target, "intent"), most)


def _takes_long(fault: Injection, target: Target) -> bool:
    try:
        return kind_of(fault.kind, target.kind).patience(fault) is not None
    except (ValidationError, InvalidError):
        return True


def _await(going: Sequence["Future[None]"], seconds: float, tick: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    tick()
    while (left := until - time.monotonic()) > 0 and wait(going, min(left, _TICK)).not_done:
        tick()
