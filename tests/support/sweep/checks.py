"""What must be true of a drill when all is over."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drillmaster.errors import DrillmasterError
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import FaultIntended, FaultUndone, UndoOrdered
from tests.support.sweep.fate import Fate
from tests.support.sweep.life import Life
from tests.support.sweep.ways import Way

LEASE = 5.0
"""Seconds that a frozen supervisor may cost."""

WHOLE = 90.0
"""Seconds that a drill and its settlement may take, on a machine that does other things."""

_CODES = {"interrupted": 130, "refused": 3, "aborted": 4}


def check(life: Life, way: Way, fate: Fate) -> list[str]:
    """Everything that is wrong, in words."""
    row = life.row()
    fate.ended = row.ended if row is not None else None
    fate.early = fate.early and not _over_already(life, fate, row)
    return [
        *(_run(life, row) if row is not None else ()),
        *_said(life, way, fate),
        *(f"left behind: {path}" for path in _left(life.folder, fate)),
        *_times(way, fate, life.place.soon),
    ]


def _over_already(life: Life, fate: Fate, row: Any) -> bool:
    """Whether the drill had been ended by something else a moment before."""
    if row is None:
        return False
    events = [record.event for record in log.read(life.store, row.run)]
    return any(isinstance(one, UndoOrdered) and one.occurred_at < fate.at for one in events)


def _run(life: Life, row: Any) -> Iterator[str]:
    if row.state != "settled":
        yield f"the run is {row.state}"
        return
    try:
        records = verify(log.read(life.store, row.run))
    except DrillmasterError as error:
        yield f"the chain: {error}"
        return
    events = [record.event for record in records]
    intended = {event.fault for event in events if isinstance(event, FaultIntended)}
    undone = {event.fault for event in events if isinstance(event, FaultUndone)}
    if intended - undone or set(life.faults().values()) - {"undone"}:
        yield f"not undone: {intended - undone}, {life.faults()}"


def _said(life: Life, way: Way, fate: Fate) -> Iterator[str]:
    said = life.said.decode(errors="replace")
    # A key that is pressed before the first line of ours runs is Python's to tell.
    python_itself = fate.ended is None and "drillmaster" not in said
    right = _codes(way, fate, told="Reports: " in said or way.terminal)
    if python_itself and way.signal is not None:
        right.add(1)
    elif "Traceback" in said:
        yield f"a traceback: {said[-3000:]}"
    if fate.code not in right:
        yield f"exit {fate.code} is none of {sorted(right)}: {said[-600:]}"


def _codes(way: Way, fate: Fate, *, told: bool) -> set[int]:
    """The exit codes that are right."""
    by_end = {_CODES[fate.ended]} if fate.ended else set()
    if way.kills and fate.struck:
        return {-signal.SIGKILL} | (set() if fate.early else by_end)
    if way.signal is None or not fate.struck:
        by_end = by_end or {3}  # without a run: nobody could watch over it
        # One that froze in the middle of a write is ended, or it would hold the store's lock.
        return by_end | ({-signal.SIGKILL} if way.frozen else set())
    if fate.ended is None:
        return {-way.signal, 130}  # before any handler stood, or just then
    if fate.early:
        return {130}
    # It was over. When all is told, nobody handles a signal any more.
    return by_end | {130} | ({-way.signal} if told else set())


def _left(folder: Path, fate: Fate) -> Iterator[Path]:
    killed = fate.code == -signal.SIGKILL
    usual = {"drillmaster.db", "drillmaster.db-wal", "drillmaster.db-shm"}
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        wanted = (
            parts[0] == "drills"
            or (parts[0] == ".drillmaster" and (len(parts) == 1 or parts[1] in usual))
            # Who is killed while it writes reports leaves some; the next report removes it.
            or (parts[0] == "reports" and (killed or not hidden))
            or parts in {("tmp",), ("state",)}
        )
        if not wanted:
            yield path


def _times(way: Way, fate: Fate, soon: float) -> Iterator[str]:
    allowed = soon + (LEASE if way.frozen else 0)
    if fate.moment.stage == "start" and not way.kills and way.signal is None:
        allowed = WHOLE  # the drill goes on until it would need whoever was killed
    for name, seconds in (("undone", fate.undone), ("settled", fate.settled)):
        if seconds is not None and seconds > allowed:
            yield f"{name} only after {seconds:.1f} s"
