"""`drillmaster run`: the whole drill."""

import sys
from pathlib import Path

from rich.console import Console

from drillmaster.cli.terminal import TerminalResponder
from drillmaster.clock import Clock
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.project import open_bundle
from drillmaster.engine.casting import ME, cast
from drillmaster.engine.request import Doors, OpenDoors, Previous, RunOutcome, RunRequest
from drillmaster.engine.supervisor import run_drill
from drillmaster.errors import ExitCode
from drillmaster.intake.server import start
from drillmaster.reports.terminal import LiveProgress, scorecard_view
from drillmaster.results.conclusion import conclude, publish, scorecard_before
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.store import Store


def run(
    drill: str,
    environment: str | None,
    responder: str | None,
    reports: Path,
    *,
    json: bool,
) -> int:
    """Run a drill, write its reports, and tell how ready the secondary is."""
    bundle = cast(open_bundle(drill, environment), responder)
    store = Store.open()
    people = Console(stderr=json)
    me = _at_this_terminal(people, bundle) if responder == ME else None
    # A view that repaints itself would paint over what is typed.
    progress = LiveProgress(Console(stderr=json, force_terminal=False) if me else people)
    progress.start()
    try:
        outcome = run_drill(
            RunRequest(
                bundle=bundle,
                store=store,
                open_doors=_doors(store),
                observers=[progress.event],
                previous=_previous(store, bundle),
                show=me.show if me else None,
                ready=me.ready if me else None,
            )
        )
    finally:
        progress.stop()
    scorecard, records = conclude(store, outcome.run)
    if json:
        sys.stdout.write(scorecard.model_dump_json(by_alias=True) + "\n")
    _tell(people, outcome, scorecard)
    folder = publish(reports, scorecard, records)
    people.print(f"Reports: {folder}/scorecard.html", soft_wrap=True, highlight=False)
    _tell_stuck(people, outcome)
    return _exit_code(outcome, scorecard)


def _at_this_terminal(console: Console, bundle: Bundle) -> TerminalResponder:
    return TerminalResponder(console, bundle.environment.holders("secondary")[0])


def _doors(store: Store) -> OpenDoors:
    def open_doors(run: str, clock: Clock, bundle: Bundle) -> Doors:
        return start(store, clock, run, runbook=bundle.runbook, bridge=bundle.environment.bridge)

    return open_doors


def _previous(store: Store, bundle: Bundle) -> Previous | None:
    before = scorecard_before(store, bundle.drill.name, bundle.environment.name)
    if before is None:
        return None
    verdicts = {metric.id: str(metric.verdict) for metric in before.metrics}
    return Previous(run=before.run, readiness=before.readiness, verdicts=verdicts)


def _tell(console: Console, outcome: RunOutcome, scorecard: Scorecard) -> None:
    console.print(scorecard_view(scorecard))
    if outcome.ended != "completed":
        console.print(f"The drill {_ENDED[outcome.ended]}: {outcome.reason}.")


def _tell_stuck(console: Console, outcome: RunOutcome) -> None:
    """What is not undone stands on the last line, where nobody misses it."""
    for stuck in outcome.stuck:
        console.print(f"NOT UNDONE: {stuck}", style="bold red")


_ENDED = {"aborted": "was aborted", "interrupted": "was interrupted", "refused": "was refused"}


def _exit_code(outcome: RunOutcome, scorecard: Scorecard) -> int:
    if outcome.exit_code is not None:
        return outcome.exit_code
    return ExitCode.READY if scorecard.readiness == "ready" else ExitCode.NOT_READY
