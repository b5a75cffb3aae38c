"""What the README says is so."""

import re
from pathlib import Path

from drillmaster.cli.terminal import HELP
from drillmaster.definitions.project import open_bundle
from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.errors import ExitCode
from drillmaster.reports.registry import FILES
from tests.judge.test_responders import TABLE, judged
from tests.support.pages import table
from tests.support.shipped import DRILLS, ROOT

README = ROOT / "README.md"
TEXT = " ".join(README.read_text(encoding="utf-8").split())
"""Without its line breaks."""


def test_the_responders_are_judged_as_the_table_says() -> None:
    shown = {
        name.strip("`"): judged(
            verdict,
            acknowledgement,
            *re.findall(r"\w+", missed),
            exposes=mode or None,
            step=step or None,
        )
        for name, _, verdict, acknowledgement, missed, mode, step in table(
            README, "Ten simulated responders"
        )
    }
    assert shown == TABLE
    assert list(shown) == list(TABLE)


def test_what_the_responders_do_is_what_they_are_told_to() -> None:
    does = {row[0].strip("`"): row[1] for row in table(README, "Ten simulated responders")}
    for name in ("prompt", "late"):
        assert f"after {BEHAVIOURS[name].acknowledge:g} s" in does[name]
    targets = open_bundle(DRILLS / "checkout-degraded.yaml").drill.targets
    assert (targets.secondary_response, targets.first_mitigation) == (10, 20)
    assert "where 10 s are allowed" in does["late"]
    assert "ten seconds to acknowledge and twenty to ease" in TEXT


def test_the_keys_are_those_of_the_terminal() -> None:
    keys = TEXT.partition("Type `a`")[2].partition("for help")[0]
    runbook = open_bundle(DRILLS / "checkout-degraded.yaml").runbook
    assert runbook is not None
    steps = {str(number) for number in range(1, len(runbook.steps) + 1)}
    assert set(re.findall(r"`(\w|\?)`", keys)) <= steps | set(re.findall(r"\b\w\b|\?", HELP))
    assert f"`1` to `{len(steps)}`" in keys


def test_exit_codes_are_told() -> None:
    assert {int(row[0]) for row in table(README, "Exit codes")} == set(ExitCode)


def test_it_says_how_many_files_there_are() -> None:
    assert "`scorecard.html` and five other files" in TEXT
    assert len(FILES) == 6


def test_the_picture_is_small() -> None:
    picture: Path = ROOT / "docs" / "scorecard.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 300 * 1024
