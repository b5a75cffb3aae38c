"""`drillmaster runs`: past and open runs, newest first."""

import sys

from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from drillmaster.cli.console import console_for
from drillmaster.errors import ExitCode
from drillmaster.results.listing import RunLine, list_runs
from drillmaster.timeline.store import Store

_LINES = TypeAdapter(list[RunLine])


def show_runs(limit: int, *, json: bool) -> int:
    """List the runs of this store. Exit code 1 where one cannot be read: it is named."""
    lines, unreadable = list_runs(Store.open(), limit)
    if json:
        sys.stdout.write(_LINES.dump_json(lines, indent=2).decode() + "\n")
    elif lines:
        console_for().print(_table(lines))
    elif not unreadable:
        console_for().print("No run yet. `drillmaster run DRILL` makes one.")
    for one in unreadable:  # beside the list: it may be read by a program
        said = Text(f"Run {one.run} cannot be read: {one.why}.", style="red")
        console_for(stderr=True).print(said, soft_wrap=True)
    return ExitCode.NOT_READY if unreadable else ExitCode.READY


def _table(lines: list[RunLine]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("Run", "Drill", "Environment", "Ended", "Readiness"):
        table.add_column(column, no_wrap=column == "Run", overflow="fold")
    for line in lines:
        ended = line.ended if line.state == "settled" else line.state
        readiness = f"{line.readiness or ''}{' (simulated)' if line.simulated else ''}"
        table.add_row(line.run, line.drill, line.environment, ended or "", readiness)
    return table
