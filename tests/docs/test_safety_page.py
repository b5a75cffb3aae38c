"""docs/safety.md says what the guard, the ledger and the engine do."""

import re
from typing import get_args

from drillmaster.definitions.environment import Timing
from drillmaster.definitions.units import parse_duration
from drillmaster.engine.drill import endings
from drillmaster.engine.planning import guard
from drillmaster.results.listing import FaultLine, RunLine
from tests.support.pages import table
from tests.support.shipped import ROOT

PAGE = ROOT / "docs" / "safety.md"
TEXT = PAGE.read_text(encoding="utf-8")


def firsts(heading_cell: str) -> list[str]:
    """The first cells of the table whose first heading this is."""
    rows = TEXT.partition(f"| {heading_cell} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_every_rule_of_the_guard_is_told_in_its_order() -> None:
    assert firsts("rule") == [guard.name_of(rule) for rule in guard.BEFORE]
    assert firsts("rule at the target") == [guard.name_of(rule) for rule in guard.AT_TARGET]


def test_every_state_is_told() -> None:
    runs, faults = RunLine.model_fields["state"], FaultLine.model_fields["state"]
    assert set(firsts("state of a run")) == set(get_args(runs.annotation))
    assert set(firsts("state of a fault")) == set(get_args(faults.annotation))


def test_times_are_the_defaults() -> None:
    timing = Timing()
    for key, default, _ in table(PAGE, "Times"):
        assert parse_duration(default.replace(" min", "m").replace(" s", "s")) == getattr(
            timing, key.strip("`")
        )


def test_times_in_the_text_are_those_of_the_code() -> None:
    assert f"its lease of {Timing().lease:g} s is over" in TEXT
    assert f"tried again for {Timing().undo:g} s" in TEXT
    assert f"none had an effect within {endings.EFFECT:g} s" in TEXT


def test_the_mark_of_what_is_stuck_is_what_is_printed() -> None:
    (mark,) = set(re.findall(r"`(NOT UNDONE)`", TEXT))
    run = (ROOT / "src" / "drillmaster" / "cli" / "commands" / "run.py").read_text("utf-8")
    assert f'f"{mark}: ' in run
