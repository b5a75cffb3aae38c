"""`drillmaster reap`: undo what dead runs left."""

from rich.text import Text

from drillmaster.cli.console import console_for
from drillmaster.engine.settling.reaper import reap
from drillmaster.errors import ExitCode
from drillmaster.timeline.store import Store


def reap_runs() -> int:
    """Settle every run whose owner is gone. Exit code 5 where something is stuck."""
    console = console_for()
    reaped = reap(Store.open())
    if not reaped:
        console.print("Nothing to undo: no dead run.")
    for run, settled in reaped:
        console.print(f"Run {run}: {'NOT undone' if settled.stuck else 'everything is undone'}.")
        for problem in settled.stuck:
            console.print(Text(f"  {problem}", style="bold red"))
    stuck = any(settled.stuck for _, settled in reaped)
    return ExitCode.STUCK if stuck else ExitCode.READY
