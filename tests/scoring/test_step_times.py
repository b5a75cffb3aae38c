"""Steps in time and in order."""

from copy import deepcopy

import pytest

from tests.scoring.cards import FREE, GOOD, TWO, outcomes, paged, prompt, ratio, rows
from tests.support.timeline_definitions import DRILL, changed

# Time


@pytest.mark.parametrize(
    ("at", "precision", "expected"),
    [
        (25.98, 0.01, "followed"),
        (26.01, 0.01, "unverified"),
        (26.03, 0.01, "late"),
        (25.0, 2.0, "unverified"),
        (26.0, 0.0, "unverified"),
    ],
)
def test_a_step_is_late_after_its_time(at: float, precision: float, expected: str) -> None:
    story = paged().acknowledged(6).step(7, "look").step(at, "lift", precision=precision)
    story.step(30, "scale").completed(34)
    assert outcomes(story)["lift"] == expected


def test_exactly_in_time_is_in_time() -> None:
    story = paged().acknowledged(6, precision=0).step(7, "look").step(26, "lift", precision=0)
    assert outcomes(story.step(30, "scale").completed(34)) == GOOD


def test_an_unverified_step_leaves_the_figure_open_only_where_it_matters() -> None:
    story = paged().acknowledged(6).step(7, "look").step(26, "lift").step(30, "scale")
    assert ratio(story.completed(34)) == (0.666667, "unverified")
    forgiving = changed(DRILL, targets__runbook_adherence="60%")
    story = paged(forgiving).acknowledged(6).step(7, "look").step(26, "lift").step(30, "scale")
    assert ratio(story.completed(34)) == (0.666667, "met")
    story = paged().acknowledged(6).step(7, "look").step(26, "lift").completed(34)
    assert ratio(story) == (0.333333, "missed")


def test_time_runs_from_the_first_ack_that_stood() -> None:
    story = paged().acknowledged(5).withdrawn(5.5).acknowledged(20)
    story.step(21, "look").step(39, "lift").step(41, "scale").completed(50)
    assert outcomes(story) == GOOD
    assert rows(story)[0].after == 1.0


def test_acknowledging_again_gives_no_new_time() -> None:
    story = paged().acknowledged(6).step(7, "look").acknowledged(20).step(30, "lift")
    assert outcomes(story.step(31, "scale").completed(34))["lift"] == "late"


def test_each_secondarys_time_runs_from_their_own_ack() -> None:
    story = paged(environment=TWO).acknowledged(5).acknowledged(20, "responder-4")
    for at, step in enumerate(("look", "lift", "scale"), 22):
        story.step(at, step, "responder-4")
    story.completed(30)
    assert outcomes(story) == GOOD
    assert rows(story)[0].after == 2.0


def test_without_an_ack_the_time_cannot_be_measured() -> None:
    story = paged().step(7, "look").step(8, "lift").step(9, "scale").completed(34)
    assert outcomes(story) == dict.fromkeys(("look", "lift", "scale"), "unverified") | {
        "tell": "skipped"
    }
    assert ratio(story) == (None, "unverified")
    story = paged(runbook=FREE).step(7, "look").step(8, "lift").step(9, "scale").completed(34)
    assert outcomes(story) == GOOD


def test_a_step_before_the_ack_is_in_time() -> None:
    story = paged().step(5, "look").acknowledged(6).step(8, "lift").step(9, "scale").completed(12)
    assert outcomes(story) == GOOD
    assert rows(story)[0].after == -1.0


# Order


def test_of_two_steps_that_changed_places_the_one_too_soon_is_out_of_order() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "scale").step(9, "lift").completed(12)
    assert outcomes(story) == GOOD | {"scale": "out-of-order"}
    assert ratio(story) == (0.666667, "missed")


def test_one_step_out_of_place_is_one_mistake() -> None:
    story = paged().acknowledged(6).step(7, "lift").step(8, "scale").step(9, "look").completed(12)
    assert outcomes(story) == GOOD | {"look": "out-of-order"}


def test_of_one_source_its_own_order_counts_however_imprecise_its_times_are() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", precision=0.25)
    assert outcomes(story.step(8.3, "scale", precision=0.25).completed(12)) == GOOD
    story = paged().acknowledged(6).step(7, "look").step(8.3, "lift", precision=0.25)
    story.step(8, "scale", precision=0.25).completed(12)
    assert outcomes(story) == GOOD | {"scale": "out-of-order"}


@pytest.mark.parametrize(
    ("lift", "scale", "told"),
    [(8.0, 8.6, "followed"), (8.0, 8.3, "unverified"), (8.3, 8.0, "unverified")],
)
def test_steps_that_overlap_are_in_doubt(lift: float, scale: float, told: str) -> None:
    story = paged().acknowledged(6).step(7, "look").step(lift, "lift", precision=0.25)
    story.step(scale, "scale", precision=0.25)
    for other in ({"source": "another"}, {"how": "state"}):
        story.events[-1] = story.events[-1].model_copy(update=other)
        assert outcomes(deepcopy(story).completed(12)) == GOOD | {"scale": told}


def test_a_late_step_does_not_put_others_out_of_order() -> None:
    story = paged().acknowledged(6).step(7, "lift").step(8, "scale").step(25, "look").completed(34)
    assert outcomes(story) == GOOD | {"look": "late"}


def test_an_optional_step_may_come_at_any_time() -> None:
    story = paged().acknowledged(6).step(6.5, "tell", grade="self-reported")
    story.step(7, "look").step(8, "lift").step(9, "scale").completed(12)
    assert outcomes(story) == GOOD | {"tell": "followed"}


def test_the_first_evidence_of_a_step_counts() -> None:
    story = prompt().step(10, "look").completed(12)
    assert outcomes(story) == GOOD
