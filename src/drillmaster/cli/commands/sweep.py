"""`drillmaster sweep`: undo faults by the marks at the target alone."""

import sys
from datetime import datetime
from json import dumps
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drillmaster.cli.asking import must_agree
from drillmaster.cli.console import console_for
from drillmaster.clock import SteadyClock
from drillmaster.definitions.project import open_environment
from drillmaster.engine.settling.sweep import Left, Sweep, Swept
from drillmaster.errors import ExitCode
from drillmaster.targets.base import Mark


def sweep(name: str, *, everything: bool, yes: bool, json: bool) -> int:
    """Undo what has expired, or everything, and list the rest. Exit code 5 where something
    that should go is left."""
    environment = open_environment(name)
    console, clock = console_for(stderr=json), SteadyClock()
    with Sweep(environment, clock) as found:
        faults, now = found.faults(), clock.now()
        stale = [one for one in faults if one.due(now)]
        fresh = [one for one in faults if one not in stale]
        if everything and fresh:
            _confirm(console, fresh, yes=yes)
            stale, fresh = faults, []
        with console.status("Undoing, and looking whether it is gone ..."):
            swept = found.undo(stale)
            problems = [*found.unreachable, *found.release(swept)]
    if json:
        told = _as_json(environment.name, swept, fresh, problems)
        sys.stdout.write(dumps(told, indent=2, ensure_ascii=False) + "\n")
    _tell(console, environment.name, swept, fresh, problems)
    stuck = problems or any(one.problem for one in swept)
    return ExitCode.STUCK if stuck else ExitCode.READY


def _confirm(console: Console, fresh: list[Left], *, yes: bool) -> None:
    """Ask before faults are undone that a drill may still be counting on.

    Raises:
        InvalidError: the answer is no, or there is nobody to answer.
    """
    if yes:
        return
    console.print(_table([one.mark for one in fresh]))
    must_agree(
        console,
        "A drill that is under way may own these faults.",
        "Undo them?",
        "Say --yes if they are to be undone all the same",
    )


def _tell(
    console: Console, name: str, swept: list[Swept], fresh: list[Left], unreachable: list[str]
) -> None:
    if not (swept or fresh or unreachable):
        console.print(Text(f"Nothing to undo: no fault is in the environment {name}."))
    for one in swept:
        if one.problem is None:
            residue = f"; left as it is: {one.residue}" if one.residue else ""
            console.print(Text(f"Undone: {one.mark.fault} ({one.mark.kind}){residue}"))
    if fresh:
        console.print(Text("Not expired, and left to the drill that owns them:"))
        console.print(_table([one.mark for one in fresh]))
        console.print(Text(f"`drillmaster sweep {name} --all` undoes these too."))
    problems = [f"{one.mark.fault}: {one.problem}" for one in swept if one.problem]
    for problem in [*unreachable, *problems]:  # on the last line, where nobody misses it
        console.print(Text(f"NOT UNDONE: {problem}", style="bold red"), soft_wrap=True)


def _table(marks: list[Mark]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("Run", "Fault", "Kind", "Expires"):
        table.add_column(column, overflow="fold")
    for mark in marks:
        table.add_row(mark.run, mark.fault, mark.kind, _local(mark.expires))
    return table


def _local(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def _as_json(
    name: str, swept: list[Swept], fresh: list[Left], unreachable: list[str]
) -> dict[str, Any]:
    return {
        "environment": name,
        "undone": [
            {**_mark(one.mark), "residue": one.residue} for one in swept if one.problem is None
        ],
        "left": [_mark(one.mark) for one in fresh],
        "stuck": [{**_mark(one.mark), "problem": one.problem} for one in swept if one.problem],
        "unreachable": unreachable,
    }


def _mark(mark: Mark) -> dict[str, str]:
    return {
        "fault": mark.fault,
        "run": mark.run,
        "kind": mark.kind,
        "expires": mark.expires.isoformat(),
    }
