"""Which runs there are, and which are open: the shapes of `runs` and `status`."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from drillmaster.results.stuck import reasons_of
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import obligations, runs, stops


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


class Status(Listed):
    """What is open, as `status --json` has it."""

    runs: list[OpenRun]
    stopped: bool
    """Whether a stop is in force, be it for one environment."""
    stops: list[StopLine]


def list_runs(store: Store, limit: int | None = None) -> list[RunLine]:
    """All runs, newest first."""
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [
        RunLine(
            run=row.run,
            drill=row.drill,
            environment=row.environment,
            state=row.state,
            ended=row.ended,
            readiness=row.readiness,
            simulated=row.simulated,
            started_at=_time(row.started_at),
            settled_at=_time(row.settled_at) if row.settled_at else None,
        )
        for row in rows
    ]


def status(store: Store) -> Status:
    """The open runs with their faults, and the stops."""
    unsettled = select(runs).where(runs.c.state != "settled").order_by(runs.c.started_at)
    with store.read() as connection:
        open_runs = connection.execute(unsettled).all()
        owed = connection.execute(
            select(obligations)
            .where(obligations.c.kind == "fault")
            .order_by(obligations.c.intent_at)
        ).all()
        in_force = connection.execute(select(stops).order_by(stops.c.at)).all()
    return Status(
        runs=[
            OpenRun(
                run=row.run,
                drill=row.drill,
                environment=row.environment,
                state=row.state,
                started_at=_time(row.started_at),
                faults=[
                    FaultLine(
                        fault=fault.undo["name"],
                        state=fault.state,
                        intent_at=_time(fault.intent_at),
                        injected_at=_time(fault.injected_at) if fault.injected_at else None,
                        undo_by=fault.undo_by,
                    )
                    for fault in owed
                    if fault.run == row.run
                ],
                stuck=[StuckLine(what=one.what, do=one.do) for one in reasons_of(store, row)],
            )
            for row in open_runs
        ],
        stopped=bool(in_force),
        stops=[
            StopLine(environment=row.environment, by=row.by, why=row.why, since=_time(row.at))
            for row in in_force
        ],
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
