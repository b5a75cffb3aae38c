"""The scorecard in a terminal."""

import io
import re

import pytest
from hypothesis import given
from rich.cells import cell_len
from rich.console import Console, RenderableType

from drillmaster.reports.figures import value_of
from drillmaster.reports.terminal import scorecard_view, verdict_line
from drillmaster.scoring.scorecard import AccessRow, Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import records
from tests.reports.scorecards import metric, not_ready, scorecard

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def printed(
    view: RenderableType, *, terminal: bool = False, encoding: str = "utf-8", **environment: str
) -> str:
    """What a console of 80 columns shows."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    console = Console(
        file=file, width=80, force_terminal=terminal, _environ={"TERM": "xterm", **environment}
    )
    console.print(view)
    file.seek(0)
    return file.read()


def test_it_says_what_a_page_says() -> None:
    card = not_ready(records())
    text = printed(scorecard_view(card))
    assert text.startswith("✗ NOT READY  checkout-degraded on sandbox  SIMULATED\n")
    for figure in card.metrics:
        assert figure.name.casefold() in text.casefold()
        assert value_of(figure) in text
    for said in (
        "1 of 3 access checks was denied (may scale checkout)",
        "everything undone · trend 71 of 100",
        "Access failures: 1 of 3 checks was denied: may scale checkout",
        "Likely cause: the secondary's role was never granted what the",
        "✗ denied   may scale checkout",
        "✗ skipped   scale-out",
        "tell-the-team (optional)",
        "F3  Privilege gap",
        "Regressed: access failures, runbook adherence",
        "SIMULATED: A simulated responder took part",
    ):
        assert said in text


def test_rows_stay_on_their_lines_at_80_columns() -> None:
    lines = printed(scorecard_view(not_ready(records()))).splitlines()
    assert max(map(cell_len, lines)) <= 80
    rows = [line for line in lines if re.match(r"  . (met|missed|unverified|no target) ", line)]
    assert len(rows) == 9 + 3  # the figures, and what to do about three of them
    (response,) = [line for line in lines if "Secondary response" in line]
    assert response.split() == [
        "✓", "met", "Secondary", "response", "*", "2.04", "s", "±", "0.02", "s", "≤", "10", "s",
        "proved",
    ]  # fmt: skip


def test_colour_is_never_all_that_tells() -> None:
    card = not_ready(records())
    coloured = printed(scorecard_view(card), terminal=True)
    assert "\x1b[1;31m" in coloured
    assert ESCAPE.sub("", coloured) == printed(scorecard_view(card))


def test_no_colour_where_none_is_wanted() -> None:
    plain = printed(scorecard_view(not_ready(records())), terminal=True, NO_COLOR="1")
    codes = {code for found in ESCAPE.findall(plain) for code in found[2:-1].split(";")}
    assert codes <= {"0", "1", "2"}  # bold and dim, and no colour
    assert "\x1b" not in printed(scorecard_view(not_ready(records())))


def test_a_console_without_unicode_is_enough() -> None:
    text = printed(scorecard_view(not_ready(records())), encoding="ascii")
    assert text.isascii()
    assert "x NOT READY  checkout-degraded" in text
    assert "2.04 s +/- 0.02 s  <= 10 s" in text


def test_a_ready_run_has_nothing_to_do() -> None:
    text = printed(scorecard_view(scorecard()))
    assert text.startswith("✓ READY  checkout-degraded on sandbox\n")
    assert "What to do" not in text
    assert "SIMULATED" not in text
    assert "Access" not in text
    assert "This is the first run of this drill." in text


def test_what_was_not_undone_cannot_be_overlooked() -> None:
    assert "NOT everything undone" in printed(scorecard_view(scorecard(settled=False)))


def test_the_verdict_is_one_line() -> None:
    long = scorecard(drill="d" * 100, simulated=True)
    assert printed(verdict_line(scorecard())) == "✓ READY  checkout-degraded on sandbox\n"
    assert verdict_line(long).plain.endswith("SIMULATED")


def test_markup_in_a_text_is_text() -> None:
    nasty = "[bold red]x[/] :smile: [link=file:///etc]y[/link]"
    card = scorecard(metrics=[metric(verdict="missed", seen=nasty, next_step=nasty)])
    text = ESCAPE.sub("", printed(scorecard_view(card), terminal=True))
    assert " ".join(text.split()).count(nasty) == 2


@a_few
@given(scorecards())
def test_no_text_steers_the_terminal(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    text = printed(scorecard_view(drawn[0]), terminal=True)
    rest = ESCAPE.sub("", text)
    assert all(char.isprintable() or char in "\n\u200c\u200d" for char in rest)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("long", ["w" * 300, "many words " * 30])
def test_long_texts_fit_any_width(width: int, long: str) -> None:
    row = AccessRow(check=long, person=long, answer="denied", grade=None, events=[])
    seen = metric(name=long, seen=long, next_step=long, verdict="missed")
    card = scorecard(sentence=long, title=long, metrics=[seen], access=[row])
    console = Console(file=io.StringIO(), width=width)
    console.print(scorecard_view(card))
    assert isinstance(console.file, io.StringIO)
    assert max(map(cell_len, console.file.getvalue().splitlines())) <= width
