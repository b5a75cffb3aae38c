"""`drillmaster report`: a recorded run's reports again, and whether they are still true."""

import sys
from pathlib import Path

from rich.text import Text

from drillmaster.cli.console import console_for
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.reports.recompute import check_folder
from drillmaster.reports.registry import renderer
from drillmaster.results.conclusion import conclude, publish
from drillmaster.results.listing import newest
from drillmaster.scoring.score import score
from drillmaster.timeline.store import Store


def report(run: str | None, form: str | None, reports: Path, *, check: bool) -> int:
    """Write the reports of a run again, or one of them to standard output.

    With `check`, `run` may be the folder of a report: its timeline is verified and scored
    again, and the scorecard compared byte by byte.
    """
    if check and run is not None and Path(run).is_dir():
        return _check(Path(run))
    store = Store.open()
    scorecard, records = conclude(store, run or _newest(store))
    if form is not None:
        sys.stdout.buffer.write(renderer(form)(scorecard, records))
        return ExitCode.READY
    folder = reports / scorecard.run
    if check:
        return _check(folder)
    publish(reports, scorecard, records)
    console_for().print(Text(f"Reports: {folder}/scorecard.html"), soft_wrap=True)
    return ExitCode.READY


def _check(folder: Path) -> int:
    differences = check_folder(folder, score)
    console = console_for()
    for difference in differences:
        console.print(Text(difference, style="bold red"))
    if differences:
        return ExitCode.NOT_READY
    console.print(Text(f"{folder}: the chain holds, and the scorecard follows from the timeline."))
    return ExitCode.READY


def _newest(store: Store) -> str:
    run = newest(store)
    if run is None:
        raise InvalidError("there is no run yet; `drillmaster run DRILL` makes one")
    return run
