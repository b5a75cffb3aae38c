"""`drillmaster status`: open runs and faults, and what to do about them."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drillmaster.cli.console import console_for
from drillmaster.engine.books.stops import Stop
from drillmaster.errors import ExitCode
from drillmaster.results.listing import OpenRun, Status, status
from drillmaster.timeline.store import Store


def show_status(*, json: bool) -> int:
    """Show what is open. Exit code 5 where a run is stuck or cannot be read, else 0."""
    found = status(Store.open())
    if json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        _show(console_for(), found)
    stuck = found.unreadable or any(run.state == "stuck" for run in found.runs)
    return ExitCode.STUCK if stuck else ExitCode.READY


def _show(console: Console, found: Status) -> None:
    for stop in found.stops:
        _line(console, f"No drill may begin: {Stop(**stop.model_dump())}.")
    if not found.runs and not found.unreadable:
        console.print("Nothing is open: no run, no fault.")
    for run in found.runs:
        console.print(f"Run {run.run}: {run.drill} on {run.environment}: {run.state}")
        if run.faults:
            console.print(_faults(run))
        for one in run.stuck:
            _line(console, f"  {one.what}")
            _line(console, f"    → {one.do}")
        dead = run.dead and run.state != "stuck"
        _line(console, _DEAD if dead else _ADVICE[run.state].format(run=run))
    for bad in found.unreadable:
        _line(console, f"Run {bad.run} cannot be read, and nothing undoes it: {bad.why}.")
        _line(console, f"    → look at the target by hand, then {_RELEASE.format(run=bad.run)}")


_DEAD = (
    "It is dead: nobody lives for it any more. Run `drillmaster reap`: it undoes everything, and "
    "frees the environment."
)

_RELEASE = '`drillmaster reap --accept {run} --because "..."` releases it'

_ADVICE = {
    "open": "It is under way; Ctrl-C in its terminal, or `drillmaster stop --environment "
    "{run.environment}`, ends it and undoes everything.",
    "settling": "It is being undone; nothing is to be done.",
    "stuck": "The environment {run.environment} stays locked. When that is done, run "
    "`drillmaster reap`: it looks again, undoes what is left, and frees the environment. "
    "Where it never can, although you have looked at the target by hand: "
    '`drillmaster reap --accept {run.run} --because "..."`.',
}


def _line(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True)


def _faults(run: OpenRun) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("Fault", "State", "Since", "Undone by"):
        table.add_column(column, overflow="fold")
    for fault in run.faults:
        since = (fault.injected_at or fault.intent_at).astimezone()
        table.add_row(fault.fault, fault.state, f"{since:%H:%M:%S}", fault.undo_by or "")
    return table
