"""Why a run is stuck, and what somebody has to do about it.

It is read from the run's own record: from the events of its last settlement, and from the
incidents that are still owed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import (
    AnyEvent,
    FaultStuck,
    RunnerEnded,
    SettlementStarted,
    SteadyStateLost,
    UndoFailed,
)
from drillmaster.timeline.log import read
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import obligations


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps a run from being settled."""

    what: str
    do: str


_AGAIN = Reason("its settlement did not come to an end", "nothing is known that must be done")


def reasons_of(store: Store, row: Row[Any]) -> list[Reason]:
    """Everything that keeps a run from being settled; nothing for one that is not stuck.

    Raises:
        StoreError: the store cannot be read.
    """
    if row.state != "stuck":
        return []
    events = _of_last_settlement(read(store, row.run))
    return [*_told(events), *_incidents(store, row.run), *_processes(row, events)] or [_AGAIN]


def _of_last_settlement(records: list[Recorded]) -> list[AnyEvent]:
    events = [record.event for record in records]
    begun = [at for at, event in enumerate(events) if isinstance(event, SettlementStarted)]
    return events[begun[-1] :] if begun else []


def _told(events: list[AnyEvent]) -> Iterator[Reason]:
    failed = {event.fault: event.reason for event in events if isinstance(event, UndoFailed)}
    for event in events:
        if isinstance(event, FaultStuck):
            yield _of_fault(event, failed.get(event.fault))
        elif isinstance(event, SteadyStateLost):
            yield Reason(
                f"steady state does not return: {', '.join(event.names)}",
                "put right at the target what this asks for",
            )


def _of_fault(event: FaultStuck, failed: str | None) -> Reason:
    """An undo that failed by itself is tried again as it is: no target need answer first."""
    what = f"fault {event.fault} could not be undone: {event.reason}"
    if failed is None:
        do = "see that the target answers, or take the fault back there by hand"
        return Reason(what, do)
    if failed != event.reason:
        what += f"; its undo had failed before: {failed}"
    return Reason(
        what, "mend what its undo needs, as that says, or take the fault back there by hand"
    )


def _incidents(store: Store, run: str) -> Iterator[Reason]:
    owed = select(obligations.c.obligation).where(
        obligations.c.run == run, obligations.c.kind == "incident", obligations.c.state != "undone"
    )
    with store.read() as connection:
        for incident in connection.scalars(owed):
            yield Reason(
                f"incident {incident} could not be resolved",
                "see that the on-call system answers, and that its plug-in is installed",
            )


def _processes(row: Row[Any], events: list[AnyEvent]) -> Iterator[Reason]:
    if row.runner is None or not events or any(isinstance(one, RunnerEnded) for one in events):
        return
    yield Reason(
        f"the process {row.runner['pid']} on {row.runner['host']}, which injects, does not end",
        "end it, or start that machine anew",
    )
