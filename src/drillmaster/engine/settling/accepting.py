"""A run that nothing can settle, released on the word of a person who looked at the target.

What an obligation needs for its undo may be lost, and then no settlement ever ends. So a person
may say that nothing is left. It never says that all was undone: such a run is never ready.
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy import Row

from drillmaster.clock import Clock, SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import BusyError, Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.books.rows import UnreadableError, clock_of, is_dead
from drillmaster.engine.machine.processes import members
from drillmaster.engine.settling.once import injection_of, look
from drillmaster.engine.settling.reaper import reach, settle_if_dead
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.errors import DrillmasterError, InvalidError, StuckError
from drillmaster.probes.bounded import bounded
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import GoneError, Target
from drillmaster.timeline.chain import ChainError
from drillmaster.timeline.events import Ended, RunSealed, StuckAccepted
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store


@dataclass(frozen=True, slots=True)
class Stuck:
    """A run that nothing can settle, and of which nothing was seen at the target."""

    row: Row[Any]
    left: Sequence[str]
    """What could not be settled, in words."""
    unseen: str | None
    """Why the target could not be looked at; None where it was, or is gone."""


def examine(store: Store, run: str) -> Stuck | None:
    """Try once more to settle a run, and look what is left; None where nothing is.

    Raises:
        InvalidError: there is no such run, or it is settled.
        BusyError: somebody lives for it.
        StuckError: a process of it lives on, or the target still shows a fault of it.
    """
    try:
        settled = settle_if_dead(store, _unsettled(store, run))
    except LostError:
        settled = None
    if settled is None:
        raise BusyError(f"run {run} is under way, and not stuck; `drillmaster stop` ends it")
    if not settled.stuck:
        return None
    row = _unsettled(store, run)
    _refuse_living(row)
    return Stuck(row, settled.stuck, _unseen(store, row))


def accept(store: Store, stuck: Stuck, *, by: str, why: str) -> None:
    """Release a run as it was examined: in its timeline where that can be written, and in its
    row in any case.

    Raises:
        LostError: somebody took it over meanwhile.
    """
    row, clock = stuck.row, _clock(stuck.row)
    ended: Ended = row.ended if row.ended in get_args(Ended) else "aborted"
    now = clock.now().timestamp()
    recorder = Recorder(store, Hold(row.run, row.fence), clock, "reaper")
    word = {"by": by, "why": why, "left": list(stuck.left), "unseen": stuck.unseen}
    try:
        recorder.record(
            recorder.make(StuckAccepted, **word),
            recorder.make(RunSealed, ended=ended, settled=False),
            also=lambda connection: ledger.release(connection, row, ended, by=by, why=why, now=now),
        )
    except ChainError:  # its last event cannot be read, so nothing can be bound to it
        with store.write() as connection:
            ledger.release(connection, row, ended, by=by, why=why, now=now)
    _give_back(row)


def _unsettled(store: Store, run: str) -> Row[Any]:
    with store.read() as connection:
        row = ledger.find(connection, run)
    if row is None:
        raise InvalidError(f"the store knows no run {run!r}; `drillmaster status` lists them")
    if row.state == "settled":
        raise InvalidError(f"run {run} is settled: there is nothing to accept")
    return row


def _refuse_living(row: Row[Any]) -> None:
    """Whoever lives may inject again, or settle it after all."""
    living = [process.pid for process in members(row.run, _identity(row.runner))]
    try:
        is_dead(row)
    except UnreadableError:  # else it is we who hold it
        owner = _identity(row.owner)
        if owner is not None and owner.alive_here():
            living.append(owner.pid)
    if living:
        raise StuckError(f"processes of run {row.run} live: {living}; end them first")


def _unseen(store: Store, row: Row[Any]) -> str | None:
    """Why the target cannot be looked at; None where it shows nothing of the run.

    Raises:
        StuckError: it shows something.
    """
    try:
        plan = SettlementPlan.model_validate(row.settlement)
    except ValidationError:
        return "the run's record does not tell where it is"
    with store.read() as connection:
        owed = [one for one in ledger.owed(connection, row.run) if one.kind == "fault"]
    try:
        with ExitStack() as stack:
            target = reach(plan, stack)
            found = _found(row.run, owed, target, plan.timing.lease) if target else []
    except GoneError:
        return None
    except DrillmasterError as error:
        return str(error)
    except Exception as error:  # a fault's own bug; its text may hold a secret
        return f"to look at it failed: {type(error).__name__}"
    if found:
        raise StuckError(
            f"the target still shows {', '.join(found)} of run {row.run}: take it back there, or "
            f"by `drillmaster sweep {row.environment} --all`"
        )
    return None


def _found(run: str, owed: Sequence[Row[Any]], target: Target, lease: float) -> list[str]:
    """The faults of a run that the target shows: by its marks, and by each fault's own sign."""
    marks = bounded(lambda: list(target.marks()), lease)
    found = sorted({mark.fault for mark in marks if mark.run == run})
    for row in owed:
        with suppress(ValidationError, StuckError):  # nothing tells what it is a sign of
            injection = injection_of(row)
            if injection.id not in found and look(injection, target, lease):
                found.append(injection.id)
    return found


def _give_back(row: Row[Any]) -> None:
    """The run's claim on its target, where there is one and the target answers."""
    with suppress(ValidationError, DrillmasterError), ExitStack() as stack:
        plan = SettlementPlan.model_validate(row.settlement)
        if target := reach(plan, stack):
            bounded(lambda: target.release(row.run), plan.timing.lease)


def _clock(row: Row[Any]) -> Clock:
    try:
        return clock_of(row)
    except ValidationError:
        return SteadyClock()


def _identity(data: Any) -> ProcessIdentity | None:
    try:
        return ProcessIdentity.model_validate(data)
    except ValidationError:
        return None
