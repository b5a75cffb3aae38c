"""M1: which ACK counts, and the boundaries of every rule about it."""

from typing import Any

import pytest

from drillmaster.timeline.events import (
    PageFailed,
    PageSent,
)
from tests.scoring.cards import TWO, answer, card_of, metric, paged, prompt, targets, worked
from tests.support.timeline_definitions import BYSTANDER, DRILL, PRIMARY, SECONDARY, changed
from tests.support.timelines import INCIDENT, Story


def test_an_ack_in_time_with_work_after_it_is_met() -> None:
    story = prompt().completed(12)
    row = metric(story, "M1")
    assert (row.value, row.bound, row.verdict, row.evidence) == (2.0, 0.02, "met", "proved")
    assert row.cause is None
    assert row.next_step is None
    acknowledgement = card_of(story).acknowledgement
    assert (acknowledgement.role, acknowledgement.after) == ("secondary", 2.0)


@pytest.mark.parametrize(
    ("at", "precision", "verdict"),
    [
        (13.98, 0.01, "met"),
        (13.99, 0.01, "unverified"),
        (14.01, 0.01, "unverified"),
        (14.03, 0.01, "missed"),
        (12.0, 2.5, "unverified"),
        (14.0, 0.0, "unverified"),
    ],
)
def test_a_bound_that_straddles_the_target_is_unverified(
    at: float, precision: float, verdict: str
) -> None:
    story = worked(paged().acknowledged(at, precision=precision)).completed(34)
    assert answer(story) == ("expected", verdict)


def test_exactly_the_target_is_met() -> None:
    story = Story(access=None).opened(1).escalated(4, precision=0).acknowledged(14, precision=0)
    assert answer(worked(story).completed(34)) == ("expected", "met")


def test_a_late_ack_has_a_value() -> None:
    row = metric(worked(paged().acknowledged(18)).completed(34), "M1")
    assert (row.value, row.verdict) == (14.0, "missed")
    assert row.cause
    assert row.next_step


def test_nobody_acknowledges() -> None:
    row = metric(paged().completed(34), "M1")
    assert (row.value, row.bound, row.verdict) == (None, None, "missed")
    assert row.seen == "the secondary did not acknowledge within 10 s"


def test_an_ack_after_the_end_of_an_aborted_drill_is_told_and_does_not_count() -> None:
    story = paged().ended(9, "aborted").acknowledged(9.4)
    row = metric(story, "M1")
    assert (row.value, row.verdict) == (None, "unverified")
    assert row.seen == "the secondary acknowledged only after the drill was ended"
    assert row.cause is not None
    assert "ended before" in row.cause
    card = card_of(story)
    assert "did not acknowledge" not in card.sentence
    assert (card.acknowledgement.outcome, card.failure_modes) == ("none", [])
    types = {record.seq: record.event.type for record in story.records()}
    assert [types[seq] for seq in row.events] == ["escalated", "acknowledged"]


def test_an_ack_after_the_whole_time_is_late_and_reachable() -> None:
    story = paged().completed(34).acknowledged(34.5)
    row = metric(story, "M1")
    assert (row.value, row.verdict) == (None, "missed")
    assert row.seen == (
        "the secondary acknowledged only after the drill was ended, where 10 s were allowed"
    )
    assert "F1" not in card_of(story).failure_modes


@pytest.mark.parametrize("who", [BYSTANDER, PRIMARY, None])
def test_nobody_elses_ack_after_the_end_is_the_secondarys(who: str | None) -> None:
    row = metric(paged().ended(9, "aborted").acknowledged(9.4, who), "M1")
    assert row.seen.startswith("the secondary did not acknowledge")


def test_the_right_ack_counts_after_a_wrong_one() -> None:
    story = paged().acknowledged(5, BYSTANDER).acknowledged(5.5, None).acknowledged(7)
    assert answer(worked(story).completed(34)) == ("expected", "met")


def test_a_wrong_person_alone() -> None:
    story = worked(paged().acknowledged(5, BYSTANDER), BYSTANDER).completed(34)
    assert answer(story) == ("wrong-person", "missed")
    acknowledgement = card_of(story).acknowledgement
    assert (acknowledgement.role, acknowledgement.after) == (None, 1.0)


def test_an_automation_alone() -> None:
    assert answer(paged().acknowledged(5, None).completed(34)) == ("automation", "missed")


def test_an_ack_before_the_page_is_too_early() -> None:
    story = Story().opened(1).suppressed(1).acknowledged(3).escalated(4)
    assert answer(worked(story).completed(34)) == ("too-early", "missed")


def test_acknowledging_again_after_the_page_mends_an_early_ack() -> None:
    story = Story().opened(1).suppressed(1).acknowledged(3).escalated(4).acknowledged(5)
    assert answer(worked(story).completed(34)) == ("expected", "met")


def test_an_ack_that_may_have_come_before_the_page_is_unverified() -> None:
    story = Story().opened(1).suppressed(1).escalated(4, precision=0.5)
    story.acknowledged(4.3, precision=0.5)
    assert answer(worked(story).completed(34)) == ("expected", "unverified")


def test_a_withdrawn_ack_does_not_count() -> None:
    story = worked(paged().acknowledged(6).withdrawn(8)).completed(34)
    assert answer(story) == ("withdrawn", "missed")


def test_a_new_ack_after_a_withdrawal_counts() -> None:
    story = worked(paged().acknowledged(6).withdrawn(8).acknowledged(9)).completed(34)
    assert answer(story) == ("expected", "met")
    assert metric(story, "M1").value == 5.0


def test_another_persons_withdrawal_changes_nothing() -> None:
    assert answer(prompt(paged().withdrawn(8, BYSTANDER)).completed(12)) == ("expected", "met")


def test_an_ack_of_another_incident_does_not_count() -> None:
    story = paged().acknowledged(6)
    story.events[-1] = story.events[-1].model_copy(update={"incident": "another"})
    assert answer(worked(story).completed(34)) == ("none", "missed")


@pytest.mark.parametrize("how", ["aborted", "interrupted"])
@pytest.mark.parametrize(
    ("at", "verdict"), [(13, "unverified"), (14.005, "unverified"), (14.1, "missed")]
)
def test_an_early_end_is_no_miss_before_the_target_lapsed(
    how: str, at: float, verdict: str
) -> None:
    assert answer(paged().ended(at, how)) == ("none", verdict)
    assert answer(paged().acknowledged(5, BYSTANDER).ended(at, how)) == ("wrong-person", verdict)
    assert answer(paged().acknowledged(5, None).ended(at, how)) == ("automation", verdict)
    assert answer(paged().acknowledged(5).withdrawn(6).ended(at, how)) == ("withdrawn", verdict)


def test_of_two_secondaries_the_one_who_works_counts() -> None:
    story = paged(environment=TWO).acknowledged(5).acknowledged(7, "responder-4")
    story = worked(story, "responder-4").completed(34)
    assert answer(story) == ("expected", "met")
    assert metric(story, "M1").value == 3.0


def test_whoever_was_paged_as_the_secondary_is_the_secondary() -> None:
    """The on-call system's roster of tonight is right, where the file is behind."""
    story = Story().opened(1).suppressed(1).escalated(4, people=[BYSTANDER])
    story = worked(story.acknowledged(6, BYSTANDER), BYSTANDER).completed(34)
    assert answer(story) == ("expected", "met")


def test_the_primary_after_the_escalation_is_the_wrong_person() -> None:
    story = paged().acknowledged(6, PRIMARY).completed(34)
    assert answer(story) == ("wrong-person", "missed")
    assert card_of(story).acknowledgement.role == "primary"


def test_the_primary_is_no_wrong_person_where_both_are_engaged_at_once() -> None:
    drill = changed(DRILL, escalation__engage="at-once")
    story = Story(drill).opened(1).escalated(1, "primary", [PRIMARY], "at-once")
    story.escalated(1, why="at-once").acknowledged(3, PRIMARY)
    assert answer(story.completed(34)) == ("none", "missed")


def test_the_level_after_the_secondary_is_no_wrong_person() -> None:
    story = paged().escalated(24, "third", [BYSTANDER]).acknowledged(26, BYSTANDER)
    assert answer(story.completed(34)) == ("none", "missed")


def test_a_primary_who_hands_over_at_once_is_no_wrong_person() -> None:
    """The ACK and the hand-over may be closer than the clock can tell apart."""
    story = Story().opened(1).escalated(1, "primary", [PRIMARY], "opened")
    story.acknowledged(2, PRIMARY).handed_over(2)
    assert answer(story.completed(34)) == ("none", "missed")


def test_without_an_escalation_there_is_nothing_to_measure() -> None:
    story = Story().opened(1).suppressed(1).completed(34)
    row = metric(story, "M1")
    assert (row.verdict, row.value) == ("unverified", None)
    assert "never escalated" in row.seen


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (SECONDARY, "too-early"),
        (BYSTANDER, "wrong-person"),
        (None, "automation"),
        (PRIMARY, "none"),
    ],
)
def test_an_ack_that_prevented_the_escalation_is_told(person: str | None, told: str) -> None:
    story = Story().opened(1).escalated(1, "primary", [PRIMARY], "opened").acknowledged(2, person)
    assert answer(story.completed(34)) == (told, "unverified")
    assert card_of(story).acknowledgement.after is None


def test_a_page_that_no_channel_took_has_a_cause_of_its_own() -> None:
    story = Story().opened(1).suppressed(1).escalated(4, paged=False)
    page: dict[str, Any] = {
        "page": "p",
        "incident": INCIDENT,
        "person": SECONDARY,
        "role": "secondary",
        "level": 2,
    }
    story.add(4, PageSent, **page).add(5, PageFailed, page="p", channel="mail", reason="refused")
    row = metric(story.completed(34), "M1")
    assert row.cause is not None
    assert "channel" in row.cause
    assert card_of(story).failure_modes == ["F1", "F10"]


def test_a_figure_names_the_events_that_it_came_from() -> None:
    story = prompt().completed(12)
    types = {record.seq: record.event.type for record in story.records()}
    named = [types[seq] for seq in metric(story, "M1").events]
    assert named == ["escalated", "acknowledged", "action-seen"]


def test_the_default_target_is_five_minutes_and_gates_nothing() -> None:
    story = paged(targets(access_failures=0)).acknowledged(305)
    row = metric(worked(story).completed(400), "M1")
    assert (row.target, row.required, row.verdict) == (300.0, False, "missed")
