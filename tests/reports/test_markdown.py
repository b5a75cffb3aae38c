"""Markdown, as a reader of it sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from drillmaster.reports.figures import value_of
from drillmaster.reports.markdown import escape, render_markdown, table
from drillmaster.reports.plain import one_line
from drillmaster.reports.summary import render_summary
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards, texts
from tests.reports.page import Element, parse
from tests.reports.sample import records
from tests.reports.scorecards import metric, not_ready, scorecard

READER = MarkdownIt("commonmark").enable("table")

TAGS = {
    "h1", "h2", "p", "blockquote", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul",
    "li", "br", "details", "summary",
}  # fmt: skip


def seen(text: bytes) -> Element:
    """The Markdown as HTML."""
    return parse(READER.render(text.decode()).encode())


def sample() -> Element:
    return seen(render_markdown(not_ready(records()), records()))


def test_the_verdict_stands_on_top() -> None:
    page = sample()
    assert page.all("h1")[0].text.startswith("✗ Not ready: Checkout pods keep dying")
    assert "1 of 3 access checks was denied (may scale checkout)" in page.all("p")[1].text


def test_every_figure_and_event_is_there() -> None:
    figures, access, runbook, timeline = sample().all("table")
    card = not_ready(records())
    for row, figure in zip(figures.all("tr")[1:], card.metrics, strict=True):
        assert f"({figure.id})" in row.text
        assert value_of(figure) in row.text
    assert len(access.all("tr")) == 4
    assert "✗ skipped" in runbook.text
    assert len(timeline.all("tr")) == 55


def test_what_is_not_met_says_what_to_do() -> None:
    (item,) = [li for li in sample().all("li") if li.text.startswith("Access failures")]
    assert "Likely cause: the secondary's role was never granted" in item.text
    assert "`drillmaster verify`" in item.text


def test_findings_are_told() -> None:
    text = sample().text
    assert "F3 Privilege gap" in text
    assert "Regressed : access failures, runbook adherence." in text
    assert "15 points for access failures: missed" in text


@given(texts)
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    text = one_line(text)
    cell = seen(table(["head"], [[escape(text)]]).encode()).all("td")[0]
    assert cell.text == text
    assert len(cell.children) <= 1
    assert all(isinstance(child, str) for child in cell.children)


@given(texts)
def test_escaped_text_is_a_paragraph_where_it_stands_alone(text: str) -> None:
    text = one_line(text)
    if text:
        (paragraph,) = seen(escape(text).encode()).all_tags()
        assert paragraph.tag == "p"
        assert paragraph.text == text


@given(st.lists(texts, min_size=2, max_size=4))
def test_a_row_keeps_its_cells_whatever_they_hold(cells: list[str]) -> None:
    cells = [one_line(cell) for cell in cells]
    page = seen(table(["head"] * len(cells), [list(map(escape, cells))]).encode())
    assert [cell.text for cell in page.all("td")] == cells


@pytest.mark.parametrize("render", [render_markdown, render_summary])
@a_few
@given(drawn=scorecards())
def test_no_text_becomes_markup(render: object, drawn: tuple[Scorecard, list[Recorded]]) -> None:
    assert callable(render)
    assert {element.tag for element in seen(render(*drawn)).all_tags()} <= TAGS


def summary(card: Scorecard) -> str:
    return seen(render_summary(card, records())).text


def test_the_summary_is_short_and_says_what_counts() -> None:
    card = not_ready(records())
    text = summary(card)
    assert text.startswith("✗ Not ready: checkout-degraded on sandbox")
    assert "Secondary response (M1)" in text
    assert "Alert noise" not in text  # met and not required
    assert "Recovery time" in text  # not required, and unverified
    assert len(render_summary(card, records())) < len(render_markdown(card, records())) / 2


def test_a_summary_without_required_targets_says_so() -> None:
    text = summary(scorecard(metrics=[metric(required=False)]))
    assert "No target is required." in text
    assert "Failure modes" not in text


def test_a_run_like_the_last_one_says_that_nothing_changed() -> None:
    same = {"since": "run-0", "fixed": [], "regressed": [], "new": []}
    assert "Compared with run run-0: nothing changed." in summary(scorecard(changes=same))
