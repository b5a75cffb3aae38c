"""The ten simulated responders get the verdicts that a fair judge would give."""

from typing import NamedTuple

import pytest

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.scoring.score import score
from tests.scoring.cards import card_of
from tests.support.responders import Engage, responder


class Fair(NamedTuple):
    """A fair verdict."""

    outcome: str
    missed: set[str]
    steps: str
    """The outcome of each required step, by its first letters."""
    modes: list[str]


RESPONSE, WORK = {"M1"}, {"M3", "runbook_adherence"}

FOLLOWED, SKIPPED = "followed followed followed", "skipped skipped skipped"

TABLE: dict[str, Fair] = {
    "prompt": Fair("expected", set(), FOLLOWED, []),
    "late": Fair("expected", RESPONSE, FOLLOWED, []),
    "silent": Fair("none", RESPONSE | WORK, SKIPPED, ["F1"]),
    "wrong-person": Fair("wrong-person", RESPONSE | WORK, SKIPPED, ["F2"]),
    "bot": Fair("automation", RESPONSE | WORK, SKIPPED, ["F5"]),
    "hollow": Fair("hollow", RESPONSE | WORK, SKIPPED, ["F6"]),
    "denied": Fair("expected", {"M7"} | WORK, SKIPPED, ["F3"]),
    "skips": Fair("expected", {"runbook_adherence"}, "followed skipped followed", ["F6"]),
    "substitutes": Fair("expected", {"runbook_adherence"}, "followed substituted followed", ["F6"]),
    "doubles": Fair("expected", {"runbook_adherence"}, "followed doubled doubled", ["F2"]),
}

TAKES_OVER = {"prompt", "late", "denied", "skips", "substitutes", "doubles"}
"""Who takes the incident over, and within the hand-over's target."""


def test_every_behaviour_is_judged() -> None:
    assert set(TABLE) == set(BEHAVIOURS)


@pytest.mark.parametrize("engage", ["timeout", "hand-over"])
@pytest.mark.parametrize("name", TABLE)
def test_fair_verdict(name: str, engage: Engage) -> None:
    card, fair = card_of(responder(name, engage)), TABLE[name]
    missed = set(fair.missed)
    if engage == "hand-over" and name not in TAKES_OVER:
        missed.add("hand_over_time")
    assert card.readiness == ("ready" if name == "prompt" else "not ready")
    assert {row.id for row in card.metrics if row.verdict == "missed"} == missed
    assert [row.id for row in card.metrics if row.verdict == "unverified"] == []
    assert card.acknowledgement.outcome == fair.outcome
    assert card.runbook is not None
    required = [row.outcome for row in card.runbook.steps if row.required]
    assert " ".join(required) == fair.steps
    assert card.failure_modes == fair.modes


@pytest.mark.parametrize("engage", ["timeout", "hand-over"])
def test_only_the_prompt_one_has_all_points(engage: Engage) -> None:
    trends = {name: card_of(responder(name, engage)).trend or 0 for name in TABLE}
    assert trends["prompt"] == 100
    assert all(points < 100 for name, points in trends.items() if name != "prompt")


def test_a_substitute_is_no_extra_and_a_wrong_persons_work_is() -> None:
    substitutes, wrong = (
        card_of(responder(name)).runbook for name in ("substitutes", "wrong-person")
    )
    assert substitutes is not None
    assert [row.step for row in substitutes.steps if row.outcome == "extra"] == []
    assert wrong is not None
    extra = [(row.step, row.by) for row in wrong.steps if row.outcome == "extra"]
    assert extra == [("lift-throttle", ["responder-3"]), ("scale", ["responder-3"])]


@pytest.mark.parametrize("engage", ["timeout", "hand-over"])
@pytest.mark.parametrize("name", TABLE)
def test_every_prefix_of_a_run_has_a_scorecard_and_none_is_ready(name: str, engage: Engage) -> None:
    records = responder(name, engage).records()
    for length in range(1, len(records)):
        card = score(records[:length])
        assert card.readiness != "ready"
        assert card.chain == records[length - 1].digest
