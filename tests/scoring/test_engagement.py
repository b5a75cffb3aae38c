"""Whether work followed an ACK, and what hollow is."""

from typing import Any

import pytest

from drillmaster.timeline.events import (
    BridgeOpened,
    DecisionAnswered,
    Event,
    FaultUndone,
    NoteAdded,
)
from tests.scoring.cards import SHORT, answer, card_of, metric, paged
from tests.support.timeline_definitions import BYSTANDER, SECONDARY


@pytest.mark.parametrize("at", [6.5, 15.9])
def test_any_work_in_time_is_engagement(at: float) -> None:
    base: dict[str, Any] = {"person": SECONDARY}
    acts: list[tuple[type[Event], dict[str, Any]]] = [
        (BridgeOpened, {}),
        (NoteAdded, {"text": "I am on it"}),
        (DecisionAnswered, {"step": "lift", "choice": "lift it"}),
    ]
    for kind, fields in acts:
        story = paged(environment=SHORT).acknowledged(6).add(at, kind, **base, **fields)
        row = metric(story.completed(34), "M1")
        assert (row.verdict, row.evidence) == ("met", "self-reported")


def test_an_attempt_that_was_denied_is_engagement() -> None:
    story = paged().acknowledged(6).action(8, "lift-throttle", allowed=False).completed(34)
    assert answer(story) == ("expected", "met")


def test_somebody_elses_work_is_no_engagement() -> None:
    story = paged(environment=SHORT).acknowledged(6).step(8, "lift", BYSTANDER)
    assert answer(story.completed(34)) == ("hollow", "missed")


def test_work_that_shows_nobody_leaves_the_engagement_open() -> None:
    """It may have been the secondary's; a note of theirs settles it."""
    story = paged(environment=SHORT).acknowledged(6).step(8, "lift", None)
    assert answer(story.completed(34)) == ("expected", "unverified")
    story = paged(environment=SHORT).acknowledged(6).step(8, "lift", None)
    story.add(9, NoteAdded, person=SECONDARY, text="lifted")
    assert answer(story.completed(34)) == ("expected", "met")
    story = paged(environment=SHORT).acknowledged(6).step(17, "lift", None)
    assert answer(story.completed(34)) == ("hollow", "missed")


def test_what_healed_by_itself_is_no_engagement() -> None:
    story = paged(environment=SHORT).acknowledged(6)
    story.add(7, FaultUndone, fault="throttle", by="expiry").step(8, "lift", None)
    assert answer(story.completed(34)) == ("hollow", "missed")


@pytest.mark.parametrize(
    ("at", "precision", "expected"),
    [
        (15.98, 0.01, ("expected", "met")),
        (16.0, 0.01, ("expected", "unverified")),
        (16.03, 0.01, ("hollow", "missed")),
        (5.9, 0.01, ("hollow", "missed")),
        (6.0, 0.5, ("expected", "unverified")),
    ],
)
def test_work_must_follow_within_the_engagement_time(
    at: float, precision: float, expected: tuple[str, str]
) -> None:
    story = paged(environment=SHORT).acknowledged(6).step(at, "look", precision=precision)
    assert answer(story.completed(34)) == expected


def test_work_after_the_end_of_the_drill_is_no_engagement() -> None:
    assert answer(paged().acknowledged(6).completed(34).step(36, "look")) == ("hollow", "missed")


def test_hollow_needs_time_to_go_to_work() -> None:
    """Aborted one second after the ACK, nobody can say what would have followed."""
    story = paged().acknowledged(6).ended(7, "aborted")
    assert answer(story) == ("expected", "unverified")
    assert card_of(story).failure_modes == []


def test_hollow_when_the_time_to_go_to_work_was_over_before_the_abort() -> None:
    story = paged(environment=SHORT).acknowledged(6).ended(16.5, "aborted")
    assert answer(story) == ("hollow", "missed")


def test_late_is_late_even_when_nobody_knows_what_would_have_followed() -> None:
    assert answer(paged().acknowledged(18).ended(19, "aborted")) == ("expected", "missed")
