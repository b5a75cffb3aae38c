"""Runs in a store, for tests of the ledger and of what stands on it."""

from datetime import UTC, datetime

from drillmaster.clock import Anchor
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold, NewRun
from drillmaster.timeline.events import FaultFailed, RunStarted
from drillmaster.timeline.log import append, drain
from drillmaster.timeline.store import Store

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def new_run(run: str = "r1", environment: str = "sandbox", lease: float = 5.0) -> NewRun:
    """A run that may be opened."""
    return NewRun(
        run=run,
        drill="d",
        environment=environment,
        simulated=True,
        anchor=Anchor.here(),
        settlement={},
        lease=lease,
    )


def opened(store: Store, run: str = "r1", environment: str = "sandbox") -> Hold:
    """An open run with the first event of its timeline."""
    started = RunStarted(
        occurred_at=START,
        observed_at=START,
        source="supervisor",
        precision=0.001,
        run=run,
        drill="d",
        environment=environment,
        service="checkout",
        target="sandbox",
        simulated=True,
        operator="tester",
        version="0",
        definitions={},
    )
    with store.write() as connection:
        hold = ledger.open_run(connection, new_run(run, environment), datetime.now(UTC))
        append(connection, run, hold.fence, [started])
    return hold


def failures(store: Store, run: str = "r1") -> list[str]:
    """Why faults failed, as the runner has told since somebody last asked."""
    with store.write() as connection:
        events = drain(connection, run)
    return [event.reason for event in events if isinstance(event, FaultFailed)]
