"""What is done with a run when it is over: score it, remember how ready, report."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select, update

from drillmaster.errors import InvalidError
from drillmaster.reports.registry import write_all
from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import ChainError, Recorded, verify
from drillmaster.timeline.events import RunSealed, RunStarted
from drillmaster.timeline.log import read
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import runs

DEFAULT_FOLDER = Path("reports")
"""Where reports go: a folder per run below this one."""


def conclude(store: Store, run: str) -> tuple[Scorecard, Sequence[Recorded]]:
    """A run's scorecard from its timeline; its readiness is kept with the run.

    Raises:
        InvalidError: the store knows no such run.
        ChainError: its timeline was changed after it was written.
    """
    records = trusted(store, run)
    scorecard = score(records)
    with store.write() as connection:
        connection.execute(
            update(runs).where(runs.c.run == run).values(readiness=scorecard.readiness)
        )
    return scorecard, records


def publish(folder: Path, scorecard: Scorecard, records: Sequence[Recorded]) -> Path:
    """Write all reports of a run; the folder that they lie in."""
    target = folder / scorecard.run
    write_all(target, scorecard, records)
    return target


def scorecard_before(store: Store, drill: str, environment: str) -> Scorecard | None:
    """The scorecard of the last settled run of a drill in an environment; None where there
    is none, or none that can be trusted and read: it must not stop the drills after it."""
    query = (
        select(runs.c.run)
        .where(
            runs.c.drill == drill,
            runs.c.environment == environment,
            runs.c.state == "settled",
            runs.c.ended != "refused",
        )
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )
    with store.read() as connection:
        run = connection.scalar(query)
    if run is None:
        return None
    try:
        return score(trusted(store, run))
    except (ChainError, InvalidError):
        return None


def trusted(store: Store, run: str) -> Sequence[Recorded]:
    """A run's timeline. One that is sealed, or of a run that is settled, must be as it was
    written: nothing that somebody does to the store afterwards makes anybody ready. A run that
    is not settled has no seal yet, and makes nobody ready either.

    Raises:
        InvalidError: the store knows no such run.
        ChainError: its timeline was changed after it was written.
    """
    with store.read() as connection:  # first: the seal comes in one with that it is settled
        state = connection.scalar(select(runs.c.state).where(runs.c.run == run))
    records = read(store, run)
    if state == "settled" or any(isinstance(record.event, RunSealed) for record in records):
        verify(records)
    started = records[0].event
    if isinstance(started, RunStarted) and started.run != run:
        raise ChainError(f"the timeline of run {run} is that of run {started.run}")
    return records
