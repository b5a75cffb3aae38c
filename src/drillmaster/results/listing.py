"""Which runs there are, and which are open: the shapes of `runs` and `status`."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select

from drillmaster.engine.books import ledger
from drillmaster.engine.books.rows import UnreadableError, is_dead
from drillmaster.errors import InvalidError
from drillmaster.results.conclusion import trusted
from drillmaster.results.stuck import reasons_of
from drillmaster.scoring.score import score
from drillmaster.timeline.chain import ChainError
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import runs, stops

T = TypeVar("T")


class Listed(BaseModel):
    """A line of a listing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunLine(Listed):
    """A run, as `runs --json` has it."""

    run: str
    drill: str
    environment: str
    state: Literal["open", "settling", "settled", "stuck"]
    ended: str | None
    readiness: str | None
    simulated: bool
    started_at: datetime
    settled_at: datetime | None
    accepted_by: str | None = None
    """Who released it, where nothing could settle it."""
    accepted_why: str | None = None


class FaultLine(Listed):
    """A fault of an open run."""

    fault: str
    state: Literal["intent", "injected", "undone", "stuck"]
    intent_at: datetime
    injected_at: datetime | None
    undo_by: str | None


class StuckLine(Listed):
    """What keeps a run from being settled."""

    what: str
    do: str
    """What somebody has to do before `drillmaster reap` can settle it."""


class StopLine(Listed):
    """A stop that is in force."""

    environment: str
    """Its name, or `*` for all."""
    by: str
    why: str
    since: datetime


class OpenRun(Listed):
    """A run that is not settled."""

    run: str
    drill: str
    environment: str
    state: Literal["open", "settling", "stuck"]
    started_at: datetime
    faults: list[FaultLine]
    stuck: list[StuckLine] = []
    """Empty while it is not stuck."""
    dead: bool
    """Whether nobody lives for it any more, so that `drillmaster reap` can settle it."""


class Unreadable(Listed):
    """A run whose record cannot be read."""

    run: str
    why: str


class Status(Listed):
    """What is open, as `status --json` has it."""

    runs: list[OpenRun]
    unreadable: list[Unreadable]
    """Runs of which nobody can say whether they are open."""
    stopped: bool
    """Whether a stop is in force, be it for one environment."""
    stops: list[StopLine]


def list_runs(store: Store, limit: int | None = None) -> tuple[list[RunLine], list[Unreadable]]:
    """All runs, newest first; and those among them that cannot be read. What a settled run came
    to is read from its timeline: a row is easily edited."""
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return _each(rows, lambda row: _run_line(store, row))


def newest(store: Store) -> str | None:
    """The run that began last."""
    query = select(runs.c.run).order_by(runs.c.started_at.desc(), runs.c.run.desc()).limit(1)
    with store.read() as connection:
        return connection.scalar(query)


def status(store: Store) -> Status:
    """The open runs with their faults, and the stops."""
    with store.read() as connection:
        unsettled = ledger.unsettled(connection)
        in_force = connection.execute(select(stops).order_by(stops.c.at)).all()
    found, unreadable = _each(unsettled, lambda row: _open_run(store, row))
    return Status(
        runs=found,
        unreadable=unreadable,
        stopped=bool(in_force),
        stops=[
            StopLine(environment=row.environment, by=row.by, why=row.why, since=_time(row.at))
            for row in in_force
        ],
    )


def _each(
    rows: Sequence[Row[Any]], read: Callable[[Row[Any]], T]
) -> tuple[list[T], list[Unreadable]]:
    """What each row reads as; one that cannot be read keeps nobody from the others."""
    lines, unreadable = [], []
    for row in rows:
        try:
            lines.append(read(row))
        except (UnreadableError, ChainError, InvalidError) as error:
            unreadable.append(Unreadable(run=row.run, why=str(error)))
        except (ValueError, TypeError, KeyError, OverflowError):
            why = "its row in the store, or one of its faults, is not what it should be"
            unreadable.append(Unreadable(run=row.run, why=why))
    return lines, unreadable


def _run_line(store: Store, row: Row[Any]) -> RunLine:
    line = RunLine(
        run=row.run,
        drill=row.drill,
        environment=row.environment,
        state=row.state,
        ended=row.ended,
        readiness=row.readiness,
        simulated=row.simulated,
        started_at=_time(row.started_at),
        settled_at=_time(row.settled_at) if row.settled_at else None,
        accepted_by=row.accepted_by,
        accepted_why=row.accepted_why,
    )
    return line if row.state != "settled" else line.model_copy(update=_outcome(store, row))


def _outcome(store: Store, row: Row[Any]) -> dict[str, Any]:
    """What a settled run came to, by its timeline. One that cannot be scored, because another
    version wrote it, or because a person released it by its row alone, is called nothing."""
    try:
        card = score(trusted(store, row.run))
    except InvalidError:
        return {"readiness": None}
    except ChainError:
        if row.accepted_by is None:
            raise
        return {"readiness": None}
    shown = ("drill", "environment", "ended", "readiness", "simulated", "started_at")
    return {name: getattr(card, name) for name in shown}


def _open_run(store: Store, row: Row[Any]) -> OpenRun:
    with store.read() as connection:
        owed = ledger.owed(connection, row.run)
    return OpenRun(
        run=row.run,
        drill=row.drill,
        environment=row.environment,
        state=row.state,
        started_at=_time(row.started_at),
        faults=[_fault_line(one) for one in owed if one.kind == "fault"],
        stuck=[StuckLine(what=one.what, do=one.do) for one in reasons_of(store, row)],
        dead=is_dead(row),
    )


def _fault_line(fault: Row[Any]) -> FaultLine:
    return FaultLine(
        fault=fault.undo["name"],
        state=fault.state,
        intent_at=_time(fault.intent_at),
        injected_at=_time(fault.injected_at) if fault.injected_at else None,
        undo_by=fault.undo_by,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
