"""The ten responders in every situation, in virtual time, and what a fair judge says.

The table stands in docs/scoring.md. `make test` plays a part of it: every situation with the
prompt responder and with one other, and every responder in one situation at least.
"""

from pathlib import Path

import pytest

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Scorecard
from tests.judge.situations import SITUATIONS, plan_of
from tests.support.pages import table
from tests.support.shipped import ROOT
from tests.truth.world import World

PAGE = ROOT / "docs" / "scoring.md"

ROWS = {
    row[0]: dict(zip(BEHAVIOURS, row[1:], strict=True))
    for row in table(PAGE, "What a fair judge says")
}

CELLS = [(situation, responder) for situation in ROWS for responder in BEHAVIOURS]

SAMPLE = [
    (situation, responder)
    for number, (situation, responder) in enumerate(CELLS)
    if responder == "prompt" or number % 11 == 3
]


def told(card: Scorecard) -> str:
    """A cell: the failure modes of a run that is not ready; else its readiness, too."""
    if card.readiness == "not ready":
        return " ".join(card.failure_modes) or "no"
    return " ".join([card.readiness, *card.failure_modes])


def judge(situation: str, responder: str, folder: Path) -> Scorecard:
    with pytest.MonkeyPatch.context() as patch:
        return score(World(plan_of(responder, situation), 1, folder).play(patch).records)


def test_every_situation_and_every_responder_is_judged() -> None:
    assert list(ROWS) == list(SITUATIONS)
    assert {responder for _, responder in SAMPLE} == set(BEHAVIOURS)


@pytest.mark.parametrize(("situation", "responder"), SAMPLE)
def test_a_fair_judge(situation: str, responder: str, tmp_path: Path) -> None:
    card = judge(situation, responder, tmp_path)
    assert told(card) == ROWS[situation][responder], card.sentence


@pytest.mark.soak
@pytest.mark.parametrize(("situation", "responder"), CELLS)
def test_the_whole_table(situation: str, responder: str, tmp_path: Path) -> None:
    card = judge(situation, responder, tmp_path)
    assert told(card) == ROWS[situation][responder], card.sentence
