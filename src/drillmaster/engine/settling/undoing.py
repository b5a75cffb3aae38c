"""Undoing every fault of a run, as seen at the target."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from drillmaster.definitions.environment import Timing
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.settling.beside import Beside
from drillmaster.engine.settling.lost import find_lost
from drillmaster.engine.settling.once import injection_of, look, takes_long, undo_once
from drillmaster.engine.settling.undone import UndoBook
from drillmaster.errors import DrillmasterError
from drillmaster.faults.base import Injection, Known, PlayError, Undone
from drillmaster.faults.registry import kind_of
from drillmaster.targets.base import GoneError, Target, UnreachableError
from drillmaster.timeline.events.machine import GONE
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
        self._clock = recorder.clock
        self._book = UndoBook(recorder)
        self._target = target
        self._timing = timing
        self._heartbeat = heartbeat
        self._beside = Beside(recorder.clock, timing.lease)
        self._unanswered: set[str] = set()
        """Faults an undo of which has no answer: it may have worked."""

    def run(self) -> list[str]:
        """Undo all faults; what is stuck, in words."""
        clock = self._clock
        lost = find_lost(
            self._recorder, self._target, self._timing.lease, tick=self._heartbeat.alive
        )
        pending = sorted(self._book.owed(), key=self._is_slow)
        began = clock.monotonic()
        door = began + self._timing.request
        until = max(began + self._timing.undo, door)
        problems: dict[str, str] = {}
        while pending and (clock.monotonic() < until or self._beside):
            for row in list(pending):
                self._heartbeat.alive()
                begun_and_undo = self._next(row, may_begin=clock.monotonic() < until)
                if begun_and_undo is None:
                    continue
                problem = self._attempt(row, *begun_and_undo)
                if problem is not None:
                    problems[row.obligation] = problem
                    continue
                problems.pop(row.obligation, None)
                if self._door_is_closed(row) or clock.monotonic() >= door:
                    pending.remove(row)
            if pending:
                clock.wait(threading.Event(), _PAUSE)
        stuck = (row for row in pending if row.obligation in problems)
        return [*lost, *(self._book.stuck(row, problems[row.obligation]) for row in stuck)]

    def _is_slow(self, row: Row[Any]) -> bool:
        """Whether its undo may take long: it must not keep the others in."""
        try:
            injection = Injection.model_validate(row.undo)
        except ValidationError:
            return True
        return self._target is None or takes_long(injection, self._target)

    def _next(
        self, row: Row[Any], *, may_begin: bool
    ) -> tuple[datetime, Callable[[], Undone]] | None:
        """When the next undo began, and how to have its result; None while a slow one goes on."""
        if not self._is_slow(row):
            return self._clock.now(), partial(self._undo, row, self._heartbeat.alive)
        attempt = self._beside.ended(
            row.obligation, partial(self._undo, row, lambda: None), may_begin=may_begin
        )
        return None if attempt is None else (attempt.begun, attempt.future.result)

    def _attempt(self, row: Row[Any], begun: datetime, undo: Callable[[], Undone]) -> str | None:
        """One look and one undo; the problem in words where it did not work."""
        problem = self._try(row, begun, undo)
        self._heartbeat.alive()
        if problem is not None:
            self._book.lost(row, begun)
        return problem

    def _try(self, row: Row[Any], begun: datetime, undo: Callable[[], Undone]) -> str | None:
        try:
            injection = Injection.model_validate(row.undo)
        except ValidationError as error:  # a newer version wrote it
            return f"its undo failed: {type(error).__name__}"
        try:
            self._book.worked(row, injection, undo(), begun)
        except LostError:
            raise
        except PlayError as error:
            self._book.failed(injection, str(error), error.activities)
            return None if self._went_all_the_same(row, injection, begun) else str(error)
        except UnreachableError as error:
            self._unanswered.add(row.obligation)
            return str(error)
        except DrillmasterError as error:
            return str(error)
        except Exception as error:  # a fault's own bug must not keep the others in
            problem = f"its undo failed: {type(error).__name__}"
            self._book.failed(injection, problem)
            return problem
        return None

    def _went_all_the_same(self, row: Row[Any], injection: Injection, begun: datetime) -> bool:
        """A fault that was stuck may have been taken back by hand meanwhile, and then need not
        be undone as it was meant to be."""
        if row.state != "stuck" or self._target is None:
            return False
        try:
            if look(injection, self._target, self._timing.lease, self._heartbeat.alive):
                return False
        except DrillmasterError:
            return False
        done = Undone(was_present=False, residue="its undo failed; it was gone all the same")
        self._book.worked(row, injection, done, begun)
        return True

    def _undo(self, row: Row[Any], tick: Callable[[], None]) -> Undone:
        target = self._target
        if target is None:  # there never was one
            return Undone(was_present=False, residue=GONE)
        try:
            known = self._known(row)
            return undo_once(injection_of(row), target, known, self._timing.lease, tick)
        except GoneError:
            return Undone(was_present=False, residue=GONE)

    def _known(self, row: Row[Any]) -> Known:
        """What is known of a fault. One that is gone after an undo of ours without an answer was
        not taken away by somebody else; one that is played is played by what is known of it."""
        if row.obligation in self._unanswered and not self._is_slow(row):
            return "intent"
        return self._book.known(row)

    def _door_is_closed(self, row: Row[Any]) -> bool:
        """Whether no request can come late. That the first call returned says nothing of the
        later rounds of a fault that is repeated."""
        if self._target is None:
            return True
        kind = kind_of(row.undo["kind"], self._target.kind)
        repeats = kind.reenters() and row.undo["arguments"].get("every") is not None
        return kind.closes_door() or (row.injected_at is not None and not repeats)
