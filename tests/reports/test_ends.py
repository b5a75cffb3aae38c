"""What a reader must see first: why a drill ended early, and what is left behind after it."""

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from drillmaster.reports.html import render_html
from drillmaster.reports.left import LEFT, left
from drillmaster.reports.markdown import render_markdown
from drillmaster.reports.summary import render_summary
from drillmaster.reports.terminal import scorecard_view
from drillmaster.scoring.causes import ADVICE
from drillmaster.scoring.score import score
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import FaultUndone, GuardChecked, RunSealed, UndoOrdered
from tests.reports.page import parse
from tests.scoring.cards import paged, prompt
from tests.support.timelines import Story

LIMIT = "its longest duration, 2 s, is over"
POD = "pod-churn would leave 1 of 4 pods unavailable; the limit is 0"


def aborted() -> list[Recorded]:
    story = Story().fault(0.5).opened(1).add(2, UndoOrdered, ended="aborted", why=LIMIT)
    return story.ended(2, "aborted").records()


def refused() -> list[Recorded]:
    story = Story().add(0.2, GuardChecked, rule="blast-radius", passed=False, message=POD)
    story.add(0.3, UndoOrdered, ended="refused", why=POD)
    return story.add(0.4, RunSealed, ended="refused", settled=True).records()


def terminal(records: Sequence[Recorded]) -> str:
    console = Console(file=io.StringIO(), width=400)
    console.print(scorecard_view(score(records), records))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def markdown(records: Sequence[Recorded]) -> str:
    return render_markdown(score(records), records).decode()


def summary(records: Sequence[Recorded]) -> str:
    return render_summary(score(records), records).decode()


def page(records: Sequence[Recorded]) -> str:
    return parse(render_html(score(records), records)).text


def head(records: Sequence[Recorded]) -> str:
    (header,) = parse(render_html(score(records), records)).all("header")
    return header.text


@pytest.mark.parametrize(("records", "why"), [(aborted(), LIMIT), (refused(), POD)])
def test_what_ended_a_drill_is_told_first(records: list[Recorded], why: str) -> None:
    assert why in score(records).sentence
    assert why in head(records)
    assert why in terminal(records).splitlines()[1]
    for text in (markdown(records), summary(records)):
        assert why in "\n".join(text.splitlines()[:6])


@pytest.mark.parametrize("records", [aborted(), refused()])
def test_what_it_hides_is_explained_once(records: list[Recorded]) -> None:
    advice = ADVICE["ended-early"]
    for told in (terminal, markdown, summary, page):
        assert told(records).count(advice.cause) == 1, told
        assert told(records).count(advice.next_step) == 1, told


@pytest.mark.parametrize("records", [aborted(), refused()])
def test_what_was_not_measured_is_no_zero(records: list[Recorded]) -> None:
    (row,) = parse(render_html(score(records), records)).all("tr", id="metric-M7")
    assert "not measured" in row.text
    (line,) = [one for one in terminal(records).splitlines() if "Access failures *" in one]
    assert "not measured" in line


def changed() -> Story:
    story = prompt().completed(12, faults=())
    return story.add(
        12.2, FaultUndone, fault="throttle", by="responder", residue="lifted by responder-2 just so"
    )


def test_what_the_responders_changed_is_told_on_top() -> None:
    records = changed().records()
    told = "lift-throttle checkout (responder-2), scale checkout (responder-2)"
    assert f"{LEFT}: {told}" in "\n".join(terminal(records).splitlines()[:5])
    assert f"{LEFT} {told}" in head(records)
    before, _ = markdown(records).split("## Figures")
    assert f"{LEFT}: {told}." in before


def test_what_nobody_is_known_to_have_changed_is_told_by_its_fault() -> None:
    story = paged().completed(34, faults=())
    story.add(34.1, FaultUndone, fault="throttle", by="supervisor", residue="scaled to 6 meanwhile")
    story.add(34.2, FaultUndone, fault="latency", by="supervisor", residue="the target is gone")
    assert left(story.records()) == ["throttle: scaled to 6 meanwhile"]


def test_what_was_looked_at_or_denied_is_no_change() -> None:
    records = paged().action(5, "view").action(6, "scale", allowed=False).completed(34).records()
    assert left(records) == []
    for text in (terminal(records), head(records), markdown(records)):
        assert LEFT not in text


def test_a_step_that_was_tried_and_not_allowed_says_so() -> None:
    story = paged().acknowledged(6).step(7, "look").action(8, "lift-throttle", allowed=False)
    records = story.completed(34).records()
    for text in (terminal(records), markdown(records), page(records)):
        assert text.count("skipped (tried, and refused)") == 1
        assert "skipped: scale; tried, and refused: lift" in " ".join(text.split())
