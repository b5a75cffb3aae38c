"""What was denied says in every report what to paste."""

from drillmaster.reports.html import render_html
from drillmaster.reports.junit import render_junit
from drillmaster.reports.markdown import render_markdown
from drillmaster.reports.terminal import scorecard_view
from drillmaster.scoring.scorecard import AccessRow, Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.page import parse
from tests.reports.sample import access, chained, started
from tests.reports.scorecards import metric, scorecard
from tests.reports.test_markdown import seen
from tests.reports.test_terminal import printed

LINE = (
    "kubectl create role r --verb=create --resource=pods/eviction --namespace=shop"
    " && kubectl create rolebinding r --role=r --user='<b>_*|`ana' --namespace=shop"
)


def denied(*mends: str | None) -> tuple[Scorecard, list[Recorded]]:
    """A drill in which checks were denied, each with what would mend it."""
    checks = [
        access(1.0 + place, f"check {place}", "denied").model_copy(
            update={} if mend is None else {"mend": mend}
        )
        for place, mend in enumerate(mends)
    ]
    records = chained([started(), *checks])
    rows = [
        AccessRow(
            check=f"check {place}",
            person="responder-2",
            answer="denied",
            grade="authorised",
            events=[place + 2],
        )
        for place in range(len(mends))
    ]
    gate = metric("M7", unit="count", value=1.0, target=0.0, required=True, verdict="missed")
    return scorecard(access=rows, metrics=[gate]), records


def test_a_page_holds_each_line_once_as_it_stands() -> None:
    page = parse(render_html(*denied(LINE, LINE, "kubectl other")))
    (section,) = page.all("section", **{"aria-labelledby": "access"})
    assert [code.text for code in section.all("code")] == [LINE, "kubectl other"]
    assert "To paste, so that what was denied is allowed" in section.text


def test_markdown_holds_it_as_code() -> None:
    text = render_markdown(*denied(LINE, None))
    assert f"\n    {LINE}\n" in text.decode()
    assert "<b>" not in seen(text).text.replace(LINE, "")


def test_a_terminal_shows_it_below_the_checks() -> None:
    card, records = denied(LINE)
    text = " ".join(printed(scorecard_view(card, records)).split())
    assert f"To paste, so that what was denied is allowed: {LINE}" in text
    assert "To paste" not in printed(scorecard_view(card))


def test_a_failed_case_of_junit_holds_it() -> None:
    text = render_junit(*denied(LINE)).decode()
    assert "To paste, so that what was denied is allowed: kubectl create role r" in text


def test_nothing_is_said_where_the_target_cannot_say() -> None:
    card, records = denied(None)
    for render in (render_html, render_markdown, render_junit):
        assert b"To paste" not in render(card, records)
