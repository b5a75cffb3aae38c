"""The scorecard as one HTML page: no script, no other file, no request to anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from drillmaster.reports import figures, wording
from drillmaster.reports.advice import advised
from drillmaster.reports.lanes import step_titles
from drillmaster.reports.left import LEFT, left
from drillmaster.reports.mends import mends
from drillmaster.reports.plain import one_line, tidy
from drillmaster.reports.timeline_svg import timeline_svg
from drillmaster.reports.tried import denied_in
from drillmaster.reports.words import say
from drillmaster.scoring.scorecard import AccessRow, Scorecard
from drillmaster.timeline.chain import Recorded


def prose(text: str) -> Markup:
    """A text for people, with what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:
        return escape(text)
    code = [
        Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts)
    ]
    return Markup("").join(code)


_PAGES = Environment(
    loader=PackageLoader("drillmaster.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals |= {"words": wording, "figures": figures, "LEFT": LEFT}
_PAGES.filters["prose"] = prose


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event in the page's table."""

    seq: int
    after: float
    precision: float
    source: str
    what: str


@dataclass(frozen=True, slots=True)
class AccessMatrix:
    """Checks against people."""

    people: list[str]
    rows: dict[str, dict[str, AccessRow]]


def render_html(scorecard: Scorecard, records: Sequence[Recorded]) -> bytes:
    """The page, in UTF-8."""
    card = tidy(scorecard)
    page = _PAGES.get_template("scorecard.html.j2").render(
        card=card,
        picture=Markup(timeline_svg(scorecard, records)),  # noqa: S704 (written by ElementTree)
        lasted=figures.seconds(figures.lasted(records), 1),
        timeline=timeline_rows(records, card.started_at),
        access=access_matrix(card.access),
        mends=mends(card, records),
        left=left(records),
        denied=denied_in(records),
        told_at={m.id: group.first for group in advised(card.metrics) for m in group.metrics},
        known={record.seq for record in records},
        titles=step_titles(records),
        names={metric.id: metric.name for metric in card.metrics},
    )
    return f"{page}\n".encode()


def timeline_rows(records: Sequence[Recorded], start: datetime) -> list[TimelineRow]:
    """Every event in the order of the chain."""
    return [
        TimelineRow(
            seq=record.seq,
            after=(record.event.occurred_at - start).total_seconds(),
            precision=record.event.precision,
            source=one_line(record.event.source),
            what=say(record.event),
        )
        for record in records
    ]


def access_matrix(rows: Sequence[AccessRow]) -> AccessMatrix:
    """The answers by check, and for each check by person, in the order given."""
    matrix: dict[str, dict[str, AccessRow]] = {}
    for row in rows:
        matrix.setdefault(row.check, {})[row.person] = row
    return AccessMatrix(list(dict.fromkeys(row.person for row in rows)), matrix)
