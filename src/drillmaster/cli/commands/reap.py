"""`drillmaster reap`: undo what dead runs left, or release what nothing can settle."""

from rich.text import Text

from drillmaster.cli.asking import must_say
from drillmaster.cli.console import console_for
from drillmaster.engine.settling.accepting import accept, examine
from drillmaster.engine.settling.reaper import reap
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.process import operator
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


def accept_run(run: str | None, because: str | None) -> int:
    """Release a run that is stuck, on the word of the person at the terminal."""
    if run is None or because is None or not because.strip():
        raise InvalidError("--accept RUN and --because TEXT belong together")
    console, store = console_for(), Store.open()
    with console.status("Trying once more to undo it ..."):
        stuck = examine(store, run)
    if stuck is None:
        console.print(Text(f"Run {run}: everything is undone; nothing had to be accepted."))
        return ExitCode.READY
    console.print(Text(f"Run {run} cannot be settled:"))
    for problem in stuck.left:
        console.print(Text(f"  {problem}", style="bold red"), soft_wrap=True)
    seen = "The target shows nothing of it."
    if stuck.unseen is not None:
        seen = f"Drillmaster cannot look at the target: {stuck.unseen}. Only you can."
    console.print(Text(seen), soft_wrap=True)
    must_say(console, f"nothing of {run} is left")
    accept(store, stuck, by=operator(), why=because)
    freed = f"Run {run} is released on your word, and the environment {stuck.row.environment} free."
    console.print(Text(f"{freed} The run stays one in which not everything was undone."))
    return ExitCode.READY
