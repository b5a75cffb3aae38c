"""The formats of a report. A new one is a function in its own file and a line here.

Others add theirs as entry points of the group `drillmaster.reports`: the name is the
format, the object a `Renderer`.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from drillmaster.errors import InvalidError
from drillmaster.reports.data import render_json, render_timeline
from drillmaster.reports.folder import write_files
from drillmaster.reports.html import render_html
from drillmaster.reports.junit import render_junit
from drillmaster.reports.markdown import render_markdown
from drillmaster.reports.openmetrics import render_openmetrics
from drillmaster.reports.summary import render_summary
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded

Renderer = Callable[[Scorecard, Sequence[Recorded]], bytes]
"""Scorecard and timeline in, a whole file out. It reads nothing else: no clock, no file."""

GROUP = "drillmaster.reports"

RENDERERS: dict[str, Renderer] = {
    "html": render_html,
    "md": render_markdown,
    "json": render_json,
    "junit": render_junit,
    "openmetrics": render_openmetrics,
    "summary": render_summary,
    "timeline": render_timeline,
}

FILES = {
    "scorecard.html": "html",
    "scorecard.md": "md",
    "scorecard.json": "json",
    "junit.xml": "junit",
    "metrics.prom": "openmetrics",
    "timeline.jsonl": "timeline",
}
"""The files of a run's folder, with their formats."""


def write_all(folder: Path, scorecard: Scorecard, records: Sequence[Recorded]) -> None:
    """Write every file of a run's folder, or none.

    Raises:
        ReportError: the folder cannot be made or written.
    """
    contents = {name: RENDERERS[form](scorecard, records) for name, form in FILES.items()}
    write_files(folder, contents)


def formats() -> list[str]:
    """The names of all formats, those of other packages included."""
    return sorted({*RENDERERS, *_foreign()})


def renderer(name: str) -> Renderer:
    """The renderer of a format. Those that come with Drillmaster cannot be replaced.

    Raises:
        InvalidError: there is none of that name, or it cannot be loaded.
    """
    if name in RENDERERS:
        return RENDERERS[name]
    foreign = _foreign()
    if name not in foreign:
        close = get_close_matches(name, formats(), 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(formats())}"
        raise InvalidError(f"there is no report format {name!r}{hint}")
    return _load(foreign[name])


def _foreign() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _load(point: EntryPoint) -> Renderer:
    try:
        found = point.load()
    except Exception as error:  # whatever another package's import does
        raise InvalidError(f"report format {point.name!r} cannot be loaded: {error}") from error
    if not callable(found):
        raise InvalidError(f"report format {point.name!r} is no function: {point.value}")
    render: Renderer = found
    return render
