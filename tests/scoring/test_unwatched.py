"""A drill that nobody watched to its end, because Drillmaster itself had died or stood still:
what people did meanwhile is not known, and counts against nobody."""

import pytest

from drillmaster.timeline.events import FaultUndone, RunSealed, SettlementStarted, UndoOrdered
from tests.scoring.cards import card_of, metric, outcomes, paged, targets
from tests.support.timelines import Story

FOUND = 600.0
"""When the reaper found the run."""


def cut_off(story: Story, watched: float) -> Story:
    """Whoever watched dies then; minutes later the reaper settles the run."""
    late = FOUND - watched
    story.add(FOUND, UndoOrdered, ended="aborted", why="its supervisor is gone", unwatched=late)
    story.add(FOUND, SettlementStarted, by="reaper", fence=2)
    story.add(FOUND + 0.5, FaultUndone, fault="throttle", by="reaper")
    return story.add(FOUND + 1, RunSealed, ended="aborted", settled=True)


@pytest.mark.parametrize("figure", ["M1", "M3", "runbook_adherence"])
def test_what_was_not_watched_to_its_end_is_unverified(figure: str) -> None:
    row = metric(cut_off(paged(), 8), figure)
    assert (row.verdict, row.value or 0.0) == ("unverified", 0.0)
    assert row.cause is not None
    assert "Drillmaster itself had died" in row.cause


def test_the_run_says_that_it_was_cut_off() -> None:
    card = card_of(cut_off(paged(), 8))
    assert card.readiness == "unverified"
    assert "cut off, because Drillmaster itself had died or did not move" in card.sentence
    assert "not watched any more before the time was over" in metric(card, "M1").seen


def test_an_escalation_that_never_came_because_nobody_made_it() -> None:
    story = cut_off(Story(targets(escalation_latency="10s")).fault(0.5).opened(1), 8)
    assert metric(story, "M10").verdict == "unverified"


def test_what_was_too_late_while_it_was_watched_is_missed() -> None:
    card = card_of(cut_off(paged(), 40))
    assert {metric(card, one).verdict for one in ("M1", "M3")} == {"missed"}
    assert card.readiness == "not ready"
    assert metric(cut_off(paged().acknowledged(15), 16), "M1").verdict == "missed"


def test_steps_that_were_not_watched_are_not_skipped() -> None:
    story = cut_off(paged().acknowledged(6).step(7, "look"), 8)
    assert outcomes(story) | {"tell": ""} == {
        "look": "followed",
        "lift": "unverified",
        "scale": "unverified",
        "tell": "",
    }


def test_an_ack_that_came_when_nobody_watched_is_neither_in_time_nor_late() -> None:
    """Its page may have been repeated no more, and its link led nowhere."""
    row = metric(cut_off(paged().acknowledged(30), 8), "M1")
    assert row.verdict == "unverified"
    assert row.seen == "the secondary acknowledged only after the drill was not watched any more"


def test_no_ack_is_hollow_because_nobody_saw_what_followed() -> None:
    row = metric(cut_off(paged().acknowledged(6), 8), "M1")
    assert row.verdict == "unverified"


def test_without_a_word_of_it_the_drill_was_watched() -> None:
    story = paged().add(FOUND, UndoOrdered, ended="aborted", why="a worker failed")
    assert metric(story, "M1").verdict == "missed"
