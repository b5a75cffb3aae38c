"""The ten simulated responders in real drills, and the verdict that a fair judge gives.

The README shows this table, and `test_readme.py` compares the two. `make test` plays some of
them, `make soak` all, with a silent primary and with a hand-over; `test_matrix.py` plays each in
virtual time.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drillmaster.definitions.simulation import BEHAVIOURS
from tests.support.drills import command
from tests.support.sampled import sampled
from tests.support.shipped import DRILLS


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


def drill_once(folder: Path, drill: str, responder: str) -> dict[str, Any]:
    """One real drill; its scorecard."""
    done = command(folder, "run", str(DRILLS / drill), "--responder", responder, "--json")
    assert done.stdout, done.stderr
    return {**json.loads(done.stdout), "exit": done.returncode}


DRILLS_OF_ALL = [
    (drill, responder)
    for drill in ("checkout-degraded.yaml", "checkout-hand-over.yaml")
    for responder in TABLE
]

SAMPLE = {("checkout-degraded.yaml", "denied"), ("checkout-hand-over.yaml", "wrong-person")}


def test_every_behaviour_is_judged() -> None:
    assert list(TABLE) == list(BEHAVIOURS)


def test_only_the_prompt_one_is_ready() -> None:
    ready = {responder for responder, judgement in TABLE.items() if judgement.readiness == "ready"}
    assert ready == {"prompt"}


@pytest.mark.parametrize(("drill", "responder"), sampled(DRILLS_OF_ALL, SAMPLE))
def test_a_fair_judge(drill: str, responder: str, tmp_path: Path) -> None:
    agree(drill_once(tmp_path, drill, responder), TABLE[responder])


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
