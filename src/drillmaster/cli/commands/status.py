"""`drillmaster status`: open runs and faults, and what to do about them."""

import sys

from rich.console import Console
from rich.table import Table

from drillmaster.errors import ExitCode
from drillmaster.results.listing import OpenRun, status
from drillmaster.timeline.store import Store


def show_status(*, json: bool) -> int:
    """Show what is open. Exit code 5 where a run is stuck, else 0."""
    found = status(Store.open())
    if json:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    else:
        _show(Console(), found.runs)
    return ExitCode.STUCK if any(run.state == "stuck" for run in found.runs) else ExitCode.READY


def _show(console: Console, runs: list[OpenRun]) -> None:
    if not runs:
        console.print("Nothing is open: no run, no fault.")
    for run in runs:
        console.print(f"Run {run.run}: {run.drill} on {run.environment}: {run.state}")
        if run.faults:
            console.print(_faults(run))
        console.print(_ADVICE[run.state])


_ADVICE = {
    "open": "It is under way; Ctrl-C in its terminal ends it and undoes everything.",
    "settling": "It is being undone; nothing is to be done.",
    "stuck": "The environment stays locked. Put right what the faults above show, then run "
    "`drillmaster reap`: it undoes what is left, and frees the environment.",
}


def _faults(run: OpenRun) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("Fault", "State", "Since", "Undone by"):
        table.add_column(column)
    for fault in run.faults:
        since = (fault.injected_at or fault.intent_at).astimezone()
        table.add_row(fault.fault, fault.state, f"{since:%H:%M:%S}", fault.undo_by or "")
    return table
