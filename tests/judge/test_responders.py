"""The ten simulated responders in real drills, and the verdict that a fair judge gives.

The README shows this table, and `test_readme.py` compares the two. `make test` plays all of
them with a silent primary and some with a hand-over; `make soak` plays all.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drillmaster.definitions.simulation import BEHAVIOURS
from tests.support.drills import COMMAND
from tests.support.shipped import DRILLS

AT_ONCE = 4
"""Drills at the same time: each mostly waits for its people."""


@dataclass(frozen=True)
class Judged:
    """What a fair judge says of a responder."""

    readiness: str
    acknowledgement: str
    missed: frozenset[str]
    """Required figures that are missed, at least."""
    exposes: str | None
    """The failure mode that it shows, among others."""
    step: str | None = None
    """The outcome of some step."""


def judged(
    readiness: str,
    acknowledgement: str,
    *missed: str,
    exposes: str | None = None,
    step: str | None = None,
) -> Judged:
    return Judged(readiness, acknowledgement, frozenset(missed), exposes, step)


TABLE: dict[str, Judged] = {
    "prompt": judged("ready", "expected", step="followed"),
    "late": judged("not ready", "expected", "M1"),
    "silent": judged("not ready", "none", "M1", "M3", exposes="F1"),
    "wrong-person": judged("not ready", "wrong-person", "M1", exposes="F2"),
    "bot": judged("not ready", "automation", "M1", exposes="F5"),
    "hollow": judged("not ready", "hollow", "M1", "M3", exposes="F6"),
    "denied": judged("not ready", "expected", "M7", exposes="F3"),
    "skips": judged("not ready", "expected", "runbook_adherence", exposes="F6", step="skipped"),
    "substitutes": judged(
        "not ready", "expected", "runbook_adherence", exposes="F6", step="substituted"
    ),
    "doubles": judged("not ready", "expected", "runbook_adherence", exposes="F2", step="doubled"),
}

Scorecards = Mapping[tuple[str, str], dict[str, Any]]


def drill_once(folder: Path, drill: str, responder: str) -> dict[str, Any]:
    """One real drill; its scorecard."""
    folder.mkdir()
    done = subprocess.run(
        [*COMMAND, "run", str(DRILLS / drill), "--responder", responder, "--json"],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.stdout, done.stderr
    return {**json.loads(done.stdout), "exit": done.returncode}


SAMPLE = [
    *(("checkout-degraded.yaml", responder) for responder in TABLE),
    *(("checkout-hand-over.yaml", responder) for responder in ("prompt", "wrong-person", "hollow")),
]


@pytest.fixture(scope="module")
def scorecards(tmp_path_factory: pytest.TempPathFactory) -> Scorecards:
    folder = tmp_path_factory.mktemp("judge")
    return drill_all(folder, SAMPLE)


def drill_all(folder: Path, which: list[tuple[str, str]]) -> Scorecards:
    """Several real drills; their scorecards."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cards = pool.map(lambda one: drill_once(folder / "-".join(one), *one), which)
        return dict(zip(which, cards, strict=True))


def test_every_behaviour_is_judged() -> None:
    assert list(TABLE) == list(BEHAVIOURS)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("drill", "responder"), SAMPLE)
def test_a_fair_judge(scorecards: Scorecards, drill: str, responder: str) -> None:
    agree(scorecards[drill, responder], TABLE[responder])


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_fair_judge_of_all_hand_overs(tmp_path: Path) -> None:
    cards = drill_all(tmp_path, [("checkout-hand-over.yaml", responder) for responder in TABLE])
    for (_, responder), card in cards.items():
        agree(card, TABLE[responder])


def agree(card: dict[str, Any], expected: Judged) -> None:
    """A scorecard says what the judge says."""
    assert card["readiness"] == expected.readiness, card["sentence"]
    assert card["exit"] == (0 if expected.readiness == "ready" else 1)
    assert card["acknowledgement"]["outcome"] == expected.acknowledgement
    missed = {
        metric["id"]
        for metric in card["metrics"]
        if metric["required"] and metric["verdict"] == "missed"
    }
    assert expected.missed <= missed
    if expected.exposes:
        assert expected.exposes in card["failure_modes"]
    if expected.step:
        assert expected.step in {step["outcome"] for step in card["runbook"]["steps"]}
    assert card["simulated"]
    assert card["settled"]


@pytest.mark.timeout(900)
def test_only_the_prompt_one_is_ready(scorecards: Scorecards) -> None:
    ready = {responder for (_, responder), card in scorecards.items() if card["exit"] == 0}
    assert ready == {"prompt"}
