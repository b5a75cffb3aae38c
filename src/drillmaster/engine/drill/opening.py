"""How a run begins in the books: its row, which is the lock, and its first events."""

from drillmaster import __version__
from drillmaster.clock import Anchor, SteadyClock
from drillmaster.definitions.rung import played_roles
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold, NewRun
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.request import Previous, RunRequest
from drillmaster.engine.planning.faults import definitions_of
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.process import operator
from drillmaster.timeline.events import HistoryRecorded, RunStarted
from drillmaster.timeline.log import append


def open_run(request: RunRequest, run: str, anchor: Anchor, plan: SettlementPlan) -> Hold:
    """Write the run's row and its first event, in one transaction.

    Raises:
        BusyError: another run of the environment is not settled.
    """
    bundle, now = request.bundle, SteadyClock(anchor).now()
    simulated = bool(played_roles(bundle.drill, bundle.environment))
    new = NewRun(
        run=run,
        drill=bundle.drill.name,
        environment=bundle.environment.name,
        simulated=simulated,
        anchor=anchor,
        settlement=plan.model_dump(mode="json"),
        lease=plan.timing.lease,
    )
    started = RunStarted(
        occurred_at=now,
        observed_at=now,
        source="supervisor",
        precision=0.001,
        run=run,
        drill=bundle.drill.name,
        environment=bundle.environment.name,
        service=bundle.drill.service,
        target=bundle.environment.target.kind,
        simulated=simulated,
        operator=operator(),
        version=__version__,
        definitions=definitions_of(bundle),
    )
    with request.store.write() as connection:
        hold = ledger.open_run(connection, new, now)
        append(connection, run, hold.fence, [started])
    return hold


def tell_start(recorder: Recorder, previous: Previous | None) -> None:
    """Tell whoever watches that the run began, and record the run before this one."""
    recorder.replay()
    if previous is not None:
        recorder.record(
            recorder.make(
                HistoryRecorded,
                run=previous.run,
                readiness=previous.readiness,
                verdicts=previous.verdicts,
            )
        )
