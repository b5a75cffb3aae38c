"""The page: what stands on it, that it is whole, and that nothing gets out of hand in it."""

import re
from functools import cache

import pytest
from hypothesis import given

from drillmaster.reports.figures import value_of
from drillmaster.reports.html import render_html
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards
from tests.reports.page import Element, parse
from tests.reports.sample import records
from tests.reports.scorecards import metric, not_ready, scorecard

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer",
    "div", "span", "p", "h1", "h2", "b", "i", "strong", "code", "a", "time", "dl", "dt", "dd",
    "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption",
    "svg", "g", "path", "rect", "line", "text", "desc",
}  # fmt: skip


@cache
def sample() -> Element:
    return parse(render_html(not_ready(records()), records()))


def section(page: Element, name: str) -> Element:
    (found,) = page.all("section", **{"aria-labelledby": name})
    return found


def test_the_verdict_stands_on_top_with_its_sentence() -> None:
    (header,) = sample().all("header")
    (title,) = header.all("h1")
    assert title.text.startswith("✗ Not ready Checkout pods keep dying")
    assert "1 of 3 access checks was denied (may scale checkout)" in header.text
    for fact in ("checkout-degraded", "sandbox", "2026-11-24 14:02:03 UTC", "37.1 s", "completed"):
        assert fact in header.text


def test_every_figure_is_in_the_table() -> None:
    rows = section(sample(), "metrics").all("tr")[1:]
    card = not_ready(records())
    assert [row.attributes["id"] for row in rows] == [f"metric-{m.id}" for m in card.metrics]
    for row, figure in zip(rows, card.metrics, strict=True):
        assert figure.name.casefold() in row.text.casefold()
        assert value_of(figure) in row.text
        assert ("required" in row.all("th")[0].text) is figure.required


def test_what_is_not_met_says_why_and_what_to_do() -> None:
    (row,) = sample().all("tr", id="metric-M7")
    assert "✗ missed" in row.text
    assert "Likely cause the secondary's role was never granted" in row.text
    assert "Next step grant responder-2" in row.text


@pytest.mark.parametrize(
    ("text", "code"),
    [("run `a` then `b`", ["a", "b"]), ("`<i>`", ["<i>"]), ("one ` alone", []), ("none", [])],
)
def test_commands_in_advice_are_code(text: str, code: list[str]) -> None:
    card = scorecard(metrics=[metric(verdict="missed", next_step=text)])
    (row,) = parse(render_html(card, records())).all("tr", id="metric-M1")
    assert [found.text for found in row.all("code")] == code
    assert ("`" in row.text) is (text.count("`") == 1)


def test_a_figure_without_a_target_is_not_called_met() -> None:
    (row,) = sample().all("tr", id="metric-undo_time")
    assert "· no target" in row.text


def test_figures_link_to_the_events_that_they_came_from() -> None:
    (row,) = sample().all("tr", id="metric-M1")
    links = [link.attributes["href"] for link in row.all("a")]
    assert links == ["#event-19", "#event-24"]
    (event,) = sample().all("tr", id="event-24")
    assert "responder-2 acknowledged" in event.text


def test_every_event_is_in_the_timeline() -> None:
    rows = section(sample(), "timeline").all("tr")[1:]
    assert [row.attributes["id"] for row in rows] == [f"event-{n}" for n in range(1, 55)]


def test_people_runbook_and_findings_are_told() -> None:
    page = sample()
    assert "The secondary acknowledged and engaged." in section(page, "acknowledgement").text
    (denied,) = [row for row in section(page, "access").all("tr") if "may scale" in row.text]
    assert "✗ denied" in denied.text
    runbook = section(page, "runbook").text
    assert "Scale out ✗ skipped not done" in runbook
    assert "Tell the team optional" in runbook
    assert "F3 Privilege gap" in section(page, "failure-modes").text
    changes = section(page, "changes").text
    assert "Regressed access failures, runbook adherence" in changes
    trend = section(page, "trend").text
    assert "71 of 100 points" in trend
    assert "access failures: missed \N{MINUS SIGN}15" in trend


def test_access_of_several_people_is_a_matrix() -> None:
    rows: list[dict[str, object]] = [
        {"check": check, "person": person, "answer": answer, "grade": None, "events": []}
        for check, person, answer in (
            ("dashboard", "responder-2", "allowed"),
            ("dashboard", "responder-3", "unreachable"),
            ("database", "responder-3", "denied"),
        )
    ]
    page = parse(render_html(scorecard(access=rows), records()))
    head, dashboard, database = section(page, "access").all("tr")
    assert [cell.text for cell in head.all("th")] == ["Check", "responder-2", "responder-3"]
    assert "? unreachable" in dashboard.all("td")[1].text
    assert database.all("td")[0].text == "not asked"


def test_what_a_run_does_not_have_leaves_no_hole() -> None:
    page = parse(render_html(scorecard(), records()))
    named = {found.attributes["aria-labelledby"] for found in page.all("section")}
    assert not {"access", "runbook"} & named
    assert "first run of this drill" in section(page, "changes").text
    assert section(page, "failure-modes").text.endswith("None.")


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_run_is_marked_on_screen_and_on_every_printed_page(simulated: bool) -> None:
    page = parse(render_html(scorecard(simulated=simulated), records()))
    assert bool(page.all("div", class_="simulated")) is simulated
    assert bool(page.all("div", class_="watermark")) is simulated
    style = page.all("style")[0].text
    assert re.search(r"@media print .*\.watermark \{[^}]*position: fixed", style)


def test_the_page_is_whole_and_asks_nobody_for_anything() -> None:
    page = sample()
    assert {element.tag for element in page.all_tags()} <= ALLOWED
    for element in page.walk():
        assert not {"src", "srcset", "data", "action", "xlink:href"} & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
        if "href" in element.attributes:
            assert element.attributes["href"].startswith("#")
    style = page.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_links_and_labels_find_what_they_name() -> None:
    page = sample()
    ids = [element.attributes["id"] for element in page.walk() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.walk():
        href = element.attributes.get("href", "")
        named = element.attributes.get("aria-labelledby", "").split()
        assert {href.removeprefix("#"), *named} - {""} <= set(ids)


def test_tables_and_headings_make_sense_without_eyes() -> None:
    page = sample()
    assert page.all("html")[0].attributes["lang"] == "en"
    assert len(page.all("h1")) == 1
    for table in page.all("table"):
        heads = table.all("th")
        assert heads
        assert all(head.attributes.get("scope") in {"col", "row"} for head in heads)
    assert page.all("svg")[0].attributes["role"] == "img"


def test_no_outcome_is_told_by_colour_alone() -> None:
    for outcome in sample().walk():
        if "outcome" in outcome.attributes.get("class", "").split():
            icon, word = outcome.text.split(" ", 1)
            assert icon in "✓✗?·"
            assert word


def test_an_event_that_is_not_in_the_timeline_is_named_but_not_linked() -> None:
    page = parse(render_html(scorecard(metrics=[metric(events=[1, 999])]), records()))
    (row,) = page.all("tr", id="metric-M1")
    assert "Events 1 , 999" in row.text
    assert [link.text for link in row.all("a")] == ["1"]


@a_few
@given(scorecards())
def test_no_text_gets_out_of_its_place(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    page = parse(render_html(*drawn))
    assert {element.tag for element in page.all_tags()} <= ALLOWED
    for element in page.walk():
        assert not [name for name in element.attributes if name.startswith("on")]
        assert element.attributes.get("href", "#").startswith("#")


def test_hostile_text_is_shown_as_it_stands() -> None:
    nasty = "<img src=x onerror=alert(1)> | {{ 7 * 7 }}"
    page = parse(render_html(scorecard(title=nasty), records()))
    assert nasty in page.all("h1")[0].text
    assert not page.all("img")
