"""Faults that the timeline has as in, and the ledger has lost: somebody wrote into the store."""

from collections.abc import Callable
from contextlib import suppress

from drillmaster.engine.books import ledger
from drillmaster.engine.books.recorder import Recorder
from drillmaster.errors import DrillmasterError
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import MarkError, injection_of
from drillmaster.probes.bounded import bounded
from drillmaster.targets.base import GoneError, Mark, Target
from drillmaster.timeline.chain import ChainError
from drillmaster.timeline.events import FaultIntended, FaultStuck, FaultUndone
from drillmaster.timeline.events.machine import GONE
from drillmaster.timeline.log import read


def find_lost(
    recorder: Recorder, target: Target | None, lease: float, tick: Callable[[], None]
) -> list[str]:
    """Put back into the ledger what the target's own marks tell of a fault that was lost from
    it, so that it is undone as any other; what stays unknown, in words."""
    try:
        lost = _lost(recorder)
    except ChainError as error:
        return [str(error)]
    if not lost:
        return []
    why = "the ledger has lost it, and no mark at the target tells how to undo it"
    marks: list[Mark] = []
    try:
        bounded(lambda: _read_marks(target, marks), lease, tick=tick)
    except GoneError:
        gone = {"by": recorder.source, "residue": GONE}
        recorder.record(*(recorder.make(FaultUndone, fault=one.fault, **gone) for one in lost))
        return []
    except DrillmasterError as error:
        why = f"the ledger has lost it, and the target's marks cannot be read: {error}"
    found = _obeyed(marks, target)
    problems = []
    for intended in lost:
        injection = found.get((_obligation(recorder, intended), intended.kind))
        if injection is None:
            recorder.record(recorder.make(FaultStuck, fault=intended.fault, reason=why))
            problems.append(f"fault {intended.fault}: {why}")
            continue
        with recorder.store.write() as connection:
            undo, at = injection.model_dump(mode="json"), intended.occurred_at.timestamp()
            ledger.restore(connection, recorder.hold, injection.id, undo, at)
    return problems


def not_undone(recorder: Recorder) -> dict[str, FaultIntended]:
    """The faults that the timeline has as intended and not as undone, by their obligations.

    Raises:
        ChainError: the timeline cannot be read.
    """
    found: dict[str, FaultIntended] = {}
    for record in read(recorder.store, recorder.hold.run):
        if isinstance(record.event, FaultIntended):
            found[_obligation(recorder, record.event)] = record.event
        elif isinstance(record.event, FaultUndone):
            found.pop(f"{recorder.hold.run}-{record.event.fault}", None)
    return found


def _read_marks(target: Target | None, marks: list[Mark]) -> None:
    if target is None:
        raise GoneError("there never was a target")
    for mark in target.marks():  # what was found counts, whatever comes after it
        marks.append(mark)  # noqa: PERF402


def _obeyed(marks: list[Mark], target: Target | None) -> dict[tuple[str, str], Injection]:
    """What the marks stand for that may be obeyed, by fault and kind."""
    found = {}
    for mark in marks:
        if target is not None:
            with suppress(MarkError):
                found[mark.fault, mark.kind] = injection_of(mark, target)
    return found


def _lost(recorder: Recorder) -> list[FaultIntended]:
    with recorder.store.read() as connection:
        have = {row.obligation for row in ledger.owed(connection, recorder.hold.run)}
    return [one for obligation, one in not_undone(recorder).items() if obligation not in have]


def _obligation(recorder: Recorder, intended: FaultIntended) -> str:
    return f"{recorder.hold.run}-{intended.fault}"
