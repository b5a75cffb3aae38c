"""`drillmaster run`: the whole drill."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from drillmaster.cli.asking import must_agree
from drillmaster.cli.console import console_for
from drillmaster.cli.ending import bug, regardless
from drillmaster.cli.terminal import TerminalResponder, mine_alone
from drillmaster.clock import Clock
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.project import open_bundle
from drillmaster.definitions.rung import played_roles, unreachable_primary
from drillmaster.engine.drill.request import Doors, OpenDoors, Previous, RunOutcome, RunRequest
from drillmaster.engine.drill.signals import Signals
from drillmaster.engine.drill.supervisor import run_drill
from drillmaster.engine.planning.casting import ME, cast
from drillmaster.engine.planning.people import paged_people
from drillmaster.engine.planning.worst_case import worst_case
from drillmaster.errors import DrillmasterError, ExitCode, InvalidError
from drillmaster.intake.server import place_of, start
from drillmaster.oncall.channels.base import Page, Show
from drillmaster.reports.terminal import LiveProgress, scorecard_view
from drillmaster.results.conclusion import conclude, publish, scorecard_before
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.store import Store


def run(
    drill: str,
    environment: str | None,
    responder: str | None,
    reports: Path,
    *,
    yes: bool,
    json: bool,
) -> int:
    """Run a drill, write its reports, and tell how ready the secondary is."""
    if responder == ME and not sys.stdin.isatty():  # a file of keys proves nobody ready
        raise InvalidError(
            "--responder me is for a person at a terminal, and standard input is none; "
            "--responder simulated lets a simulated person take the page"
        )
    bundle = cast(open_bundle(drill, environment), responder)
    people = console_for(stderr=json, columns=80)
    me = TerminalResponder(people, _secondary(bundle)) if responder == ME else None
    if not yes:
        _confirm(people, bundle, me)
    store = Store.open()
    if me:
        people.print(Text(_who_is_real(bundle)))
    # A view that repaints itself would paint over what is typed.
    progress = LiveProgress(people, plain=me is not None)
    progress.start()
    with Signals():  # what is pressed while it is told and reported does not halve that
        try:
            outcome = run_drill(
                RunRequest(
                    bundle=bundle,
                    store=store,
                    open_doors=_doors(store),
                    observers=[mine_alone(progress.event), me.hear] if me else [progress.event],
                    previous=_previous(store, bundle),
                    show=me.show if me else _page_shower(people),
                    ready=me.ready if me else None,
                )
            )
        finally:
            progress.stop()
        concluded = _conclude(store, outcome, reports)
        if json and concluded.scorecard is not None:
            with regardless(sys.stdout):
                sys.stdout.write(concluded.scorecard.model_dump_json(by_alias=True) + "\n")
        with regardless(people.file):
            _tell(people, outcome, concluded)
        if me is not None:
            me.close()
    return _exit_code(outcome, concluded)


@dataclass(frozen=True, slots=True)
class _Concluded:
    """What was made of a run that is over. The store or the disk may fail even then, and
    that does not change how the drill itself ended."""

    scorecard: Scorecard | None = None
    records: Sequence[Recorded] = ()
    folder: Path | None = None
    problem: DrillmasterError | None = None


def _conclude(store: Store, outcome: RunOutcome, reports: Path) -> _Concluded:
    scorecard = None
    try:
        scorecard, records = conclude(store, outcome.run)
        return _Concluded(scorecard, records, publish(reports, scorecard, records))
    except DrillmasterError as error:
        return _Concluded(scorecard, problem=error)
    except Exception as error:  # nor does a bug
        return _Concluded(scorecard, problem=bug(error))


def _secondary(bundle: Bundle) -> str:
    return bundle.environment.holders("secondary")[0]


def _who_is_real(bundle: Bundle) -> str:
    """What is played around whoever sits at the terminal, and that they are not."""
    you = f"You are the secondary, as {_secondary(bundle)}: what you do is real, and measured."
    primaries = " and ".join(bundle.environment.holders("primary"))
    if unreachable_primary(bundle.drill) == "drill-policy":
        return f"{you} The drill keeps the primary ({primaries}) silent; nobody is paged there."
    if "primary" in played_roles(bundle.drill, bundle.environment):
        return f"{you} The primary ({primaries}) is simulated, and every report says so."
    return you


def _confirm(console: Console, bundle: Bundle, me: TerminalResponder | None) -> None:
    """Ask before somebody who may be asleep is paged.

    Raises:
        InvalidError: the answer is no, or there is nobody to answer.
    """
    mine = {_secondary(bundle)} if me else set()
    people = [who for who in paged_people(bundle.drill, bundle.environment) if who not in mine]
    if not people:
        return
    console.print(worst_case(bundle, datetime.now(UTC)), highlight=False)
    asked = f"This pages {' and '.join(people)}, for real."
    must_agree(console, asked, "Go on?", "Say --yes if that is meant")


def _page_shower(console: Console) -> Show | None:
    """Shows pages of the terminal channel, where there is a terminal."""
    if not console.is_terminal:
        return None

    def show(page: Page) -> None:
        console.print(Panel(Text(page.text), title=f"Page to {page.person}"))

    return show


def _doors(store: Store) -> OpenDoors:
    def open_doors(run: str, clock: Clock, bundle: Bundle) -> Doors:
        environment = bundle.environment
        host, port = place_of(environment.links.listen)
        return start(
            store,
            clock,
            run,
            runbook=bundle.runbook,
            bridge=environment.bridge,
            host=host,
            port=port,
            public_url=environment.links.url,
        )

    return open_doors


def _previous(store: Store, bundle: Bundle) -> Previous | None:
    before = scorecard_before(store, bundle.drill.name, bundle.environment.name)
    if before is None:
        return None
    verdicts = {metric.id: str(metric.verdict) for metric in before.metrics}
    return Previous(run=before.run, readiness=before.readiness, verdicts=verdicts)


def _tell(console: Console, outcome: RunOutcome, concluded: _Concluded) -> None:
    if concluded.scorecard is not None:
        console.print(scorecard_view(concluded.scorecard, concluded.records))
    if outcome.ended != "completed":
        stop = "" if outcome.reason.endswith(("?", "!", ".")) else "."
        console.print(Text(f"The drill {_ENDED[outcome.ended]}: {outcome.reason}{stop}"))
    if concluded.folder is not None:
        console.print(
            f"Reports: {concluded.folder}/scorecard.html", soft_wrap=True, highlight=False
        )
    if concluded.problem is not None:
        console.print(Text(str(concluded.problem), style="red"), soft_wrap=True)
    for stuck in outcome.stuck:  # on the last line, where nobody misses it
        console.print(Text(f"NOT UNDONE: {stuck}", style="bold red"), soft_wrap=True)


_ENDED = {"aborted": "was aborted", "interrupted": "was interrupted", "refused": "was refused"}


def _exit_code(outcome: RunOutcome, concluded: _Concluded) -> int:
    if outcome.exit_code is not None:
        return outcome.exit_code
    if concluded.problem is not None:
        return concluded.problem.exit_code
    ready = concluded.scorecard is not None and concluded.scorecard.readiness == "ready"
    return ExitCode.READY if ready else ExitCode.NOT_READY
