"""`drillmaster preflight`: what would stop a drill or the secondary tonight."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from json import dumps
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drillmaster.cli.console import console_for
from drillmaster.clock import SteadyClock
from drillmaster.definitions.units import count
from drillmaster.engine.preflight.examine import Preflight
from drillmaster.engine.preflight.row import Result, Row
from drillmaster.engine.preflight.subject import Subject, subject_of
from drillmaster.errors import ExitCode

_ICONS: dict[Result, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "problem": ("✗", "bold red"),
    "unknown": ("?", "bold yellow"),
}

_INDENT = 14  # columns: the icon, the check, and what stands between


def preflight(
    environment: str | None, drills: Sequence[str], form: Literal["text", "json"], reports: Path
) -> int:
    """Look at an environment, and at some drills in it or all of its own, and tell what was found.
    Exit code 1 where something stops."""
    subject = subject_of(environment, SteadyClock())
    bundles = [subject.project.bundle(drill, subject.environment.name) for drill in drills]
    with ExitStack() as stack:
        looking = Preflight(subject, stack, reports, bundles=bundles)
        rows = _show(subject, looking) if form == "text" else _collect(subject, looking)
    if looking.invalid:
        return ExitCode.INVALID
    return ExitCode.NOT_READY if any(row.stops for row in rows) else ExitCode.READY


def _collect(subject: Subject, looking: Preflight) -> list[Row]:
    with Console(stderr=True).status("Looking ...") as status:
        rows = list(looking.rows(lambda doing: status.update(_progress(doing))))
    told = {
        "environment": subject.environment.name,
        "clear": not any(row.stops for row in rows),
        "rows": [row.model_dump(mode="json") for row in rows],
    }
    sys.stdout.write(dumps(told, indent=2, ensure_ascii=False) + "\n")
    return rows


def _show(subject: Subject, looking: Preflight) -> list[Row]:
    console = console_for()
    console.print(Text.assemble(("Preflight of ", "bold"), (subject.environment.name, "bold")))
    console.print(Text(f"{subject.file}; nothing is changed, and nobody is paged\n", style="dim"))
    rows: list[Row] = []
    with console.status("Looking ...") as status:
        for row in looking.rows(lambda doing: status.update(_progress(doing))):
            again = bool(rows) and rows[-1].check == row.check
            _tell(console, row, again=again)
            rows.append(row)
    console.print()
    console.print(_summary(rows))
    return rows


def _progress(doing: str) -> str:
    return f"{doing[:1].upper()}{doing[1:]} ..."


def _tell(console: Console, row: Row, *, again: bool) -> None:
    """A row, and what to paste on a line of its own that is never broken."""
    console.print(_row(row, again=again, plain=console.options.ascii_only))
    if row.mend is None:
        return
    if row.where is not None:
        console.print(Padding(Text(f"in {row.where}:", style="dim"), (0, 0, 0, _INDENT)))
    indent = _INDENT if _INDENT + len(row.mend) <= console.width else 2
    console.print(Text(" " * indent + row.mend, style="cyan"), soft_wrap=True)


def _row(row: Row, *, again: bool, plain: bool) -> Table:
    icon, style = _ICONS[row.result]
    line = Table.grid(padding=(0, 1), expand=True)
    for columns in (1, 11):
        line.add_column(width=columns, no_wrap=True)
    line.add_column(ratio=1, overflow="fold")
    shown = {"✓": "+", "✗": "x"}.get(icon, icon) if plain else icon
    said = Text(row.message, style="" if row.result == "ok" else style.removeprefix("bold "))
    line.add_row(Text(shown, style=style), Text("" if again else row.check, style="dim"), said)
    return line


def _summary(rows: Sequence[Row]) -> Text:
    counts = [
        (sum(row.result == "problem" for row in rows), "problem", None),
        (sum(row.result == "unknown" for row in rows), "unknown", "unknown"),
        (sum(row.result == "warning" for row in rows), "warning", None),
    ]
    found = ", ".join(count(*one) for one in counts if one[0])
    if any(row.stops for row in rows):
        return Text(f"Something would stop a drill or the secondary: {found}.", style="bold red")
    more = f" ({found})" if found else ""
    return Text(f"Nothing would stop a drill or the secondary now{more}.", style="bold green")
