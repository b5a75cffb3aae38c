"""docs/scoring.md says what the code does."""

import re
from pathlib import Path
from typing import get_args

from drillmaster.definitions.drill import FailureMode, Pattern
from drillmaster.definitions.units import parse_duration
from drillmaster.scoring import failure_modes, trend
from drillmaster.scoring.metrics import FIGURES
from drillmaster.scoring.scorecard import AckOutcome, StepOutcome, Verdict
from tests.support.timelines import Story

TEXT = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The first table under a heading: its other cells by the first one."""
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def test_every_figure_is_documented_with_its_default() -> None:
    documented = table("Figures")
    assert list(documented) == [figure.id for figure in FIGURES]
    for figure in FIGURES:
        name, _, default = documented[figure.id]
        assert name == figure.name
        assert _default(default) == figure.default, figure.id
        assert ("critical" in default) == figure.critical_only


def _default(text: str) -> float | None:
    if not text:
        return None
    match = re.match(r"(\d+)( min|%)?", text)
    assert match
    if match[2] == "%":
        return int(match[1]) / 100
    return parse_duration(f"{match[1]}m") if match[2] else float(match[1])


def test_every_outcome_is_documented() -> None:
    assert set(table("Verdicts")) == set(get_args(Verdict))
    assert set(table("The acknowledgement")) == set(get_args(AckOutcome))
    assert set(table("The runbook")) == set(get_args(StepOutcome))
    assert set(table("Patterns")) == set(get_args(Pattern))


def test_the_costs_are_documented() -> None:
    points = [int(cells[0]) for cells in table("The trend figure").values()]
    assert points == [
        trend.REQUIRED["missed"],
        trend.REQUIRED["unverified"],
        trend.SHOWN["missed"],
        trend.SHOWN["unverified"],
        trend.NOT_UNDONE,
        trend.ENDED_EARLY,
        trend.NOT_STEADY,
        trend.NO_EFFECT,
    ]


def test_the_failure_modes_are_documented() -> None:
    documented = table("Failure modes")
    assert set(documented) == set(get_args(FailureMode)) - {"F8", "F9"}
    assert f"over {failure_modes.STORM:g}" in documented["F4"][0]


def test_the_example_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    told: list[str] = []
    exec(code, {"records": Story().records(), "print": told.append})
    assert told[0].startswith("NOT READY: ")
