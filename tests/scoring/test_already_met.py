"""Steps whose evidence was there before the page: neither followed nor skipped."""

import pytest

from tests.scoring.cards import (
    GOOD,
    card_of,
    metric,
    outcomes,
    paged,
    prompt,
    ratio,
    rows,
)
from tests.support.timeline_definitions import BYSTANDER, DRILL, changed
from tests.support.timelines import Story


def without(step: str, story: Story | None = None) -> Story:
    """The secondary does everything but one step."""
    story = (story or paged()).acknowledged(6)
    for at, one in enumerate(("look", "lift", "scale"), 7):
        if one != step:
            story.step(at, one)
    return story


def test_a_step_that_cannot_be_seen_is_unverified() -> None:
    story = without("look").already("look").completed(34)
    assert outcomes(story) == GOOD | {"look": "unverified"}
    assert ratio(story) == (0.666667, "unverified")
    assert card_of(story).readiness == "unverified"
    look = rows(story)[0]
    (baseline,) = [r.seq for r in story.records() if r.event.type == "step-already-met"]
    assert (look.after, look.by, look.grade, look.events) == (None, [], None, [baseline])


def test_it_says_why_and_what_to_do() -> None:
    row = metric(without("look").already("look").completed(34), "runbook_adherence")
    assert row.seen == (
        "2 of 3 steps followed once, in order and in time "
        "(there already when the page was sent: look)"
    )
    assert row.bound is None
    assert "whether or not somebody does the step" in (row.cause or "")
    assert "audit record" in (row.next_step or "")


def test_it_is_told_apart_from_what_was_skipped() -> None:
    story = paged().acknowledged(6).step(9, "scale").already("look").completed(34)
    assert outcomes(story) == GOOD | {"look": "unverified", "lift": "skipped"}
    assert ratio(story) == (0.333333, "missed")
    row = metric(story, "runbook_adherence")
    assert "(skipped: lift; there already when the page was sent: look)" in row.seen
    assert "practised" in (row.cause or "")


def test_a_lower_target_is_met_without_it() -> None:
    drill = changed(DRILL, targets__runbook_adherence="60%")
    story = without("look", paged(drill)).already("look").completed(34)
    assert ratio(story) == (0.666667, "met")
    assert card_of(story).readiness == "ready"


def test_a_target_that_it_may_still_reach_is_unverified_because_of_it() -> None:
    drill = changed(DRILL, targets__runbook_adherence="60%")
    story = paged(drill).acknowledged(6).step(9, "scale").already("look").completed(34)
    assert ratio(story) == (0.333333, "unverified")
    assert "whether or not" in (metric(story, "runbook_adherence").cause or "")


def test_other_evidence_counts_as_ever() -> None:
    assert outcomes(prompt().already("look").completed(12)) == GOOD


def test_a_word_is_not_the_evidence_that_the_runbook_asks_for() -> None:
    story = without("look").step(7, "look", grade="self-reported").completed(34)
    assert outcomes(story) == GOOD | {"look": "unverified"}
    assert ratio(story) == (0.666667, "unverified")


def test_somebody_elses_work_is_no_evidence_of_the_secondarys() -> None:
    story = without("lift").step(8, "lift", BYSTANDER).already("lift").completed(34)
    assert outcomes(story)["lift"] == "unverified"
    assert card_of(story).failure_modes == ["F2"]


def test_no_other_action_takes_its_place() -> None:
    story = without("lift").action(8, "restart").already("lift").completed(34)
    assert outcomes(story) == GOOD | {"lift": "unverified", "restart": "extra"}
    assert card_of(story).failure_modes == []


def test_an_optional_step_changes_no_figure() -> None:
    story = prompt().already("tell").completed(12)
    assert outcomes(story) == GOOD | {"tell": "unverified"}
    row = metric(story, "runbook_adherence")
    assert (row.value, row.verdict) == (1.0, "met")
    assert row.seen == "3 of 3 steps followed once, in order and in time"


@pytest.mark.parametrize("at", [4, 30, 40])
def test_it_does_not_matter_when_it_was_seen(at: float) -> None:
    assert outcomes(without("look").completed(34).already("look", at))["look"] == "unverified"


# First mitigation


def test_a_mitigation_that_cannot_be_seen_is_unverified() -> None:
    story = paged().acknowledged(6).step(7, "look").already("lift").completed(38)
    row = metric(story, "M3")
    assert (row.value, row.verdict) == (None, "unverified")
    assert row.seen.endswith("the evidence of lift was there already when the page was sent")
    assert "whether or not" in (row.cause or "")


def test_a_late_one_beside_it_does_not_decide() -> None:
    story = paged().acknowledged(6).step(7, "look").step(37, "scale")
    assert metric(story.completed(38), "M3").verdict == "missed"
    assert metric(story.already("lift"), "M3").verdict == "unverified"


def test_one_in_time_beside_it_does() -> None:
    row = metric(without("lift").already("lift").completed(34), "M3")
    assert (row.value, row.verdict) == (5.0, "met")


def test_what_mitigates_nothing_changes_nothing() -> None:
    story = paged().acknowledged(6).already("look").completed(38)
    assert metric(story, "M3").verdict == "missed"


def test_advisory_still_expects_no_answer() -> None:
    drill = changed(DRILL, escalation__pattern="advisory", escalation__severity="warning")
    row = metric(paged(drill).already("lift").completed(38), "M3")
    assert row.verdict == "unverified"
    assert "advisory" in row.seen
