"""Writing and reading a run's timeline.

A timeline has one writer: the holder of the run's fence. Everybody else (an ACK, the
intake, the runner) posts to the inbox, which the writer drains into the timeline.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from drillmaster.errors import DrillmasterError, ExitCode, InvalidError
from drillmaster.timeline.chain import Recorded, link, parse
from drillmaster.timeline.events import AnyEvent, event_adapter
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import events, inbox, runs


class LostError(DrillmasterError):
    """The run belongs to somebody else now, or is settled: whoever sees this stops."""

    exit_code = ExitCode.ABORTED


def append(connection: Connection, run: str, fence: int, new: Iterable[AnyEvent]) -> list[Recorded]:
    """Bind events to the end of a run's chain, inside the caller's transaction.

    Raises:
        LostError: the fence is not the run's any more, or the run is settled.
    """
    held = select(runs.c.run).where(
        runs.c.run == run, runs.c.fence == fence, runs.c.state != "settled"
    )
    # On a server with many writers a claim waits for us, and we for it.
    if connection.scalar(held.with_for_update(key_share=True)) is None:
        raise LostError(f"run {run} is not ours any more")
    last = _last(connection, run)
    written: list[Recorded] = []
    for event in new:
        last = link(run, last, event)
        connection.execute(insert(events).values(run=run, seq=last.seq, line=last.line()))
        written.append(last)
    return written


def post(connection: Connection, run: str, event: AnyEvent) -> None:
    """Put an event into a run's inbox, inside the caller's transaction."""
    connection.execute(insert(inbox).values(run=run, event=event.model_dump(mode="json")))


def waiting(connection: Connection, run: str) -> bool:
    """Whether a run's inbox holds anything; cheaper than to drain it in vain."""
    return connection.scalar(select(inbox.c.id).where(inbox.c.run == run).limit(1)) is not None


def drain(connection: Connection, run: str) -> list[AnyEvent]:
    """Take everything out of a run's inbox, in the order in which it came."""
    rows = connection.execute(select(inbox).where(inbox.c.run == run).order_by(inbox.c.id)).all()
    if rows:
        connection.execute(delete(inbox).where(inbox.c.id.in_([row.id for row in rows])))
    return [event_adapter.validate_python(row.event) for row in rows]


def read(store: Store, run: str) -> list[Recorded]:
    """A run's timeline so far; the chain is not checked.

    Raises:
        InvalidError: the store knows no such run.
    """
    with store.read() as connection:
        lines = connection.scalars(
            select(events.c.line).where(events.c.run == run).order_by(events.c.seq)
        ).all()
    if not lines:
        raise InvalidError(f"the store knows no run {run!r}; `drillmaster runs` lists them")
    return list(parse(lines))


def _last(connection: Connection, run: str) -> Recorded | None:
    line = connection.scalar(
        select(events.c.line).where(events.c.run == run).order_by(events.c.seq.desc()).limit(1)
    )
    return next(parse([line])) if line else None
