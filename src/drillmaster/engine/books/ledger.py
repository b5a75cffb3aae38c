"""The ledger: what a run owes, and who may act for it.

A run is `open → settling → settled | stuck`, and `stuck → settling` by a new claim. An
obligation (a fault, an open synthetic incident) is `intent → injected → undone | stuck`.
Every write holds only while the fence is the writer's and the run is unsettled; where
no row changed the run is lost, and whoever sees that stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from drillmaster.clock import Anchor
from drillmaster.engine.books import stops
from drillmaster.engine.books.stops import StoppedError
from drillmaster.errors import RefusedError
from drillmaster.process import ProcessIdentity
from drillmaster.timeline.log import LostError
from drillmaster.timeline.tables import obligations, runs

UNSETTLED = ("open", "settling", "stuck")


class BusyError(RefusedError):
    """Another run holds the environment."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The right to act for a run: its id and the fence under which it is held."""

    run: str
    fence: int


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run's row begins with."""

    run: str
    drill: str
    environment: str
    simulated: bool
    anchor: Anchor
    settlement: dict[str, Any]
    lease: float
    """Seconds."""


def open_run(connection: Connection, new: NewRun, at: datetime) -> Hold:
    """Begin a run: its row is the environment's lock.

    Raises:
        BusyError: another run of the environment is not settled.
    """
    try:
        connection.execute(
            insert(runs).values(
                run=new.run,
                drill=new.drill,
                environment=new.environment,
                state="open",
                fence=1,
                owner=ProcessIdentity.mine().as_data(),
                lease_until=at.timestamp() + new.lease,
                anchor=new.anchor.model_dump(mode="json"),
                settlement=new.settlement,
                simulated=new.simulated,
                started_at=at.timestamp(),
            )
        )
    except IntegrityError:
        raise BusyError(
            f"another run holds the environment {new.environment}; `drillmaster status` shows it"
        ) from None
    return Hold(new.run, 1)


def beat(connection: Connection, hold: Hold, until: float) -> None:
    """Renew the lease.

    Raises:
        LostError: the run is held by somebody else, or settled.
    """
    _must(connection, update(runs).where(_held(hold)).values(lease_until=until), hold)


def set_settlement(connection: Connection, hold: Hold, settlement: dict[str, Any]) -> None:
    """Record what a settlement needs to know, before anything is touched."""
    _must(connection, update(runs).where(_held(hold)).values(settlement=settlement), hold)


def set_runner(connection: Connection, hold: Hold, runner: ProcessIdentity) -> None:
    """Record who the runner is, before it is told to go."""
    _must(connection, update(runs).where(_held(hold)).values(runner=runner.as_data()), hold)


def may_inject(connection: Connection, hold: Hold, now: float) -> None:
    """Check the fence right before an injection, and keep it until the transaction ends.

    On a server with many writers a claim waits for us: else it could look at what is owed
    a moment before our intent is there to be seen.

    Raises:
        StoppedError: somebody has stopped the run's environment.
        LostError: the run is not open, the fence is not ours, or the lease has run out.
    """
    stopped = exists(select(stops.table).where(stops.covers(runs.c.environment)))
    ours = and_(_held(hold), runs.c.state == "open", runs.c.lease_until > now)
    injectable = select(runs.c.run).where(ours, ~stopped)
    if connection.scalar(injectable.with_for_update(read=True)) is None:
        if stop := stops.stopping(connection, _environment_of(connection, hold)):
            raise StoppedError(str(stop))
        raise LostError(f"run {hold.run} may not inject any more")


def intend(
    connection: Connection,
    hold: Hold,
    obligation: str,
    *,
    kind: Literal["claim", "fault", "incident", "grant"],
    undo: dict[str, Any],
    now: float,
) -> None:
    """Write down an obligation with its undo, before the call that makes it.

    Raises:
        StoppedError, LostError: as `may_inject`; nothing was written.
    """
    may_inject(connection, hold, now)
    connection.execute(
        insert(obligations).values(
            run=hold.run,
            obligation=obligation,
            kind=kind,
            state="intent",
            undo=undo,
            intent_at=now,
        )
    )


def restore(
    connection: Connection, hold: Hold, obligation: str, undo: dict[str, Any], at: float
) -> None:
    """Write down a fault again, intended at a time, that was lost from here and is in."""
    if connection.scalar(select(runs.c.run).where(_held(hold))) is None:
        raise LostError(f"run {hold.run} is not ours any more")
    connection.execute(
        insert(obligations).values(
            run=hold.run,
            obligation=obligation,
            kind="fault",
            state="injected",
            undo=undo,
            intent_at=at,
            injected_at=at,
        )
    )


def injected(connection: Connection, hold: Hold, obligation: str, now: float) -> None:
    """The call returned. An obligation that is undone already stays undone."""
    connection.execute(
        update(obligations)
        .where(_owed(hold.run, obligation), obligations.c.state == "intent", _unsettled(hold))
        .values(state="injected", injected_at=now)
    )


def undone(connection: Connection, hold: Hold, obligation: str, by: str, now: float) -> None:
    """The obligation is met, as seen at the target."""
    _must(
        connection,
        update(obligations)
        .where(_owed(hold.run, obligation), _unsettled(hold))
        .values(state="undone", undone_at=now, undo_by=by),
        hold,
    )


def stuck(connection: Connection, hold: Hold, obligation: str) -> None:
    """The obligation could not be met."""
    _must(
        connection,
        update(obligations)
        .where(_owed(hold.run, obligation), _unsettled(hold))
        .values(state="stuck"),
        hold,
    )


def owed(connection: Connection, run: str) -> Sequence[Row[Any]]:
    """All obligations of a run, undone ones too, in the order of their intents."""
    return connection.execute(
        select(obligations)
        .where(obligations.c.run == run)
        .order_by(obligations.c.intent_at, obligations.c.obligation)
    ).all()


def begin_settling(connection: Connection, hold: Hold) -> None:
    """From now on there is no new intent."""
    _must(connection, update(runs).where(_held(hold)).values(state="settling"), hold)


def claim(connection: Connection, row: Row[Any], until: float) -> Hold:
    """Take over an unsettled run as it was read: the fence goes up by one.

    Raises:
        LostError: somebody else took it since.
    """
    hold = Hold(row.run, row.fence + 1)
    _must(
        connection,
        update(runs)
        .where(_held(Hold(row.run, row.fence)))
        .values(
            state="settling",
            fence=hold.fence,
            owner=ProcessIdentity.mine().as_data(),
            lease_until=until,
        ),
        hold,
    )
    return hold


def close(
    connection: Connection, hold: Hold, state: Literal["settled", "stuck"], ended: str, now: float
) -> None:
    """Record how the run ended. Settled frees the environment; stuck keeps it locked."""
    _must(
        connection,
        update(runs).where(_held(hold)).values(state=state, ended=ended, settled_at=now),
        hold,
    )


def release(
    connection: Connection, row: Row[Any], ended: str, *, by: str, why: str, now: float
) -> None:
    """Close a run as it was read, on the word of a person: what it owes stays as it is. Its row
    need not be whole.

    Raises:
        LostError: somebody else took it since.
    """
    as_read = and_(runs.c.run == row.run, runs.c.fence == row.fence, runs.c.state == row.state)
    closed = {"state": "settled", "ended": ended, "settled_at": now}
    word = {"accepted_by": by[:64], "accepted_why": why}
    _must(connection, update(runs).where(as_read).values(closed | word), Hold(row.run, row.fence))


def find(connection: Connection, run: str) -> Row[Any] | None:
    """A run's row."""
    return connection.execute(select(runs).where(runs.c.run == run)).one_or_none()


def unsettled(connection: Connection, environment: str | None = None) -> Sequence[Row[Any]]:
    """The runs that are not settled, oldest first; also those whose state is no state."""
    query = select(runs).where(runs.c.state != "settled").order_by(runs.c.started_at)
    if environment is not None:
        query = query.where(runs.c.environment == environment)
    return connection.execute(query).all()


def claimable(row: Row[Any], now: float) -> bool:
    """Whether a run's owner is gone: its lease is over, or it is provably dead."""
    if row.state == "stuck" or row.lease_until <= now:
        return True
    return ProcessIdentity.model_validate(row.owner).provably_dead()


def _environment_of(connection: Connection, hold: Hold) -> str:
    return connection.scalar(select(runs.c.environment).where(runs.c.run == hold.run)) or ""


def _held(hold: Hold) -> Any:
    return and_(runs.c.run == hold.run, runs.c.fence == hold.fence, runs.c.state.in_(UNSETTLED))


def _unsettled(hold: Hold) -> Any:
    return exists(select(runs.c.run).where(_held(hold)))


def _owed(run: str, obligation: str) -> Any:
    return and_(obligations.c.run == run, obligations.c.obligation == obligation)


def _must(connection: Connection, statement: Any, hold: Hold) -> None:
    if connection.execute(statement).rowcount == 0:
        raise LostError(f"run {hold.run} is not ours any more")
