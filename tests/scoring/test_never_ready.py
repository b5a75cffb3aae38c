"""With an adversary's eye: what looks like proof and is none."""

from datetime import timedelta
from typing import Any

import pytest

from drillmaster.timeline.events import (
    AccessChecked,
    FaultEffective,
    FaultInjected,
    FaultUndone,
    NoteAdded,
    PageFailed,
    PageSent,
    RunSealed,
)
from tests.scoring.cards import (
    FREE,
    GOOD,
    TWO,
    answer,
    card_of,
    metric,
    outcomes,
    paged,
    prompt,
    targets,
    worked,
)
from tests.support.timeline_definitions import (
    BYSTANDER,
    DRILL,
    PRIMARY,
    SECONDARY,
    changed,
)
from tests.support.timelines import INCIDENT, Story

POOL = changed(DRILL, escalation__pattern="shared-pool")

OTHER = "responder-4"


def readiness(story: Story) -> str:
    return card_of(story).readiness


def stated(at: float, precision: float = 0.1) -> Story:
    """All is well, but that the last step shows as a state alone."""
    story = paged(runbook=FREE).acknowledged(6).step(7, "look").step(8, "lift")
    return story.step(at, "scale", None, precision=precision)


# The acknowledgement


@pytest.mark.parametrize(("first", "verdict"), [("page", "met"), ("ack", "unverified")])
def test_of_an_ack_and_a_page_at_one_moment_the_first_that_was_written_came_first(
    first: str, verdict: str
) -> None:
    story = Story(access=None).opened(1)
    if first == "ack":
        story.acknowledged(4, precision=0).escalated(4, precision=0)
    else:
        story.escalated(4, precision=0).acknowledged(4, precision=0)
    assert answer(worked(story).completed(34)) == ("expected", verdict)


def test_an_ack_that_may_have_been_withdrawn_after_it_does_not_stand() -> None:
    story = worked(paged().acknowledged(6, precision=0.5).withdrawn(5.8)).completed(34)
    assert answer(story) == ("withdrawn", "missed")
    assert readiness(story) != "ready"


def test_what_was_withdrawn_after_the_work_does_not_count() -> None:
    assert answer(prompt().withdrawn(10).completed(12))[0] == "withdrawn"
    again = prompt().withdrawn(10).acknowledged(11, BYSTANDER)
    assert answer(again.completed(12))[0] == "withdrawn"


def test_without_a_page_that_a_channel_took_an_ack_proves_little() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).escalated(4, paged=False).checked(4.2)
    told: dict[str, Any] = {"page": "p", "incident": INCIDENT, "person": SECONDARY}
    story.add(4, PageSent, **told, role="secondary", level=2)
    story.add(5, PageFailed, page="p", channel="mail", reason="refused")
    card = card_of(prompt(story).completed(12))
    row = metric(card, "M1")
    assert (row.value, row.verdict) == (2.0, "unverified")
    assert row.seen.endswith("that their page reached them was not seen")
    assert card.readiness == "unverified"


def test_a_page_to_somebody_else_does_not_reach_the_secondary() -> None:
    story = Story(environment=TWO).fault(0.5).opened(1).suppressed(1).checked(4.2)
    story.escalated(4, people=[OTHER]).checked(4.2, person=OTHER)
    assert metric(prompt(story).completed(12), "M1").verdict == "unverified"


def test_a_primary_who_was_to_be_unreachable_and_answers_spoils_the_drill() -> None:
    card = card_of(prompt(paged().acknowledged(5, PRIMARY)).completed(12))
    assert card.readiness == "unverified"
    assert "the primary answered" in card.sentence


# Evidence that shows nobody


def test_a_state_that_changed_counts_where_nobody_else_can_have_changed_it() -> None:
    assert readiness(stated(9).completed(12)) == "ready"


@pytest.mark.parametrize("at", [3.0, 5.0, 6.05])
def test_a_state_that_may_have_changed_before_the_ack_proves_nothing(at: float) -> None:
    assert outcomes(stated(at).completed(34)) == GOOD | {"scale": "unverified"}


def test_a_state_that_somebody_else_may_have_changed_proves_nothing() -> None:
    story = stated(9).action(8.5, "restart", BYSTANDER).completed(12)
    assert outcomes(story)["scale"] == "unverified"
    looked = stated(9).action(8.5, "view", BYSTANDER).action(8.6, "scale", PRIMARY, allowed=False)
    assert readiness(looked.completed(12)) == "ready"


@pytest.mark.parametrize("by", ["expiry", "runner"])
def test_a_state_that_may_have_healed_proves_nothing(by: str) -> None:
    gone = stated(9, 0.5).add(9.3, FaultUndone, fault="throttle", by=by)
    assert outcomes(gone.completed(12))["scale"] == "unverified"


def test_a_state_that_the_undo_may_have_changed_proves_nothing() -> None:
    assert outcomes(stated(11.95).completed(12))["scale"] == "unverified"


def test_without_an_ack_a_state_is_nobodys_work() -> None:
    drill = targets(runbook_adherence="100%")
    story = paged(drill, runbook=FREE).step(7, "look").step(8, "lift").step(9, "scale", None)
    assert readiness(story.completed(34)) == "unverified"


# Evidence of a person


def test_what_was_done_before_the_page_is_no_answer_to_it() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1)
    for at, step in ((1.5, "look"), (2, "lift"), (2.5, "scale")):
        story.step(at, step)
    story.escalated(4).checked(4.2).acknowledged(6)
    story.add(7, NoteAdded, person=SECONDARY, text="I am on it")
    assert {outcomes(story.completed(34))[step] for step in ("look", "lift", "scale")} == {
        "unverified"
    }
    assert readiness(story) != "ready"


def test_what_was_done_again_after_the_page_is_an_answer() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).step(2, "look").escalated(4).checked(4.2)
    story.acknowledged(6).action(7, "view").step(8, "lift").step(9, "scale")
    assert readiness(story.completed(12)) == "ready"


def test_what_may_have_been_done_after_the_end_proves_nothing() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift")
    late = story.step(12.1, "scale", precision=0.3).completed(12)
    assert outcomes(late)["scale"] == "unverified"
    evidence = next(i for i, e in enumerate(late.events) if getattr(e, "step", "") == "scale")
    seen = late.events[evidence].observed_at - timedelta(seconds=0.2)
    late.events[evidence] = late.events[evidence].model_copy(update={"observed_at": seen})
    assert outcomes(late)["scale"] == "followed"  # we saw it before the end, so it was


# Access


def test_everybody_who_was_paged_must_be_asked() -> None:
    story = Story(environment=TWO).fault(0.5).opened(1).suppressed(1)
    story.escalated(4, people=[SECONDARY, OTHER]).checked(4.2)
    row = metric(prompt(story).completed(12), "M7")
    assert (row.verdict, row.bound) == ("unverified", None)
    assert metric(story.checked(4.5, person=OTHER), "M7").verdict == "met"


def test_what_others_are_allowed_says_nothing_of_the_secondary() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).escalated(4).checked(4.2, person=PRIMARY)
    assert metric(prompt(story).completed(12), "M7").verdict == "unverified"


def test_an_answer_after_the_end_comes_too_late() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).escalated(4)
    assert metric(prompt(story).completed(12).checked(12.5), "M7").verdict == "unverified"


def test_a_check_that_was_asked_again_has_one_row() -> None:
    story = prompt(Story().fault(0.5).opened(1).suppressed(1).escalated(4))
    story.checked(4.2, {"may scale": "unreachable"}).checked(5.2)
    card = card_of(story.completed(12))
    assert metric(card, "M7").verdict == "met"
    assert [row.answer for row in card.access if row.check == "may scale"] == ["allowed"]
    assert any(isinstance(event, AccessChecked) for event in story.events)


# The machine side


def test_an_effect_that_was_seen_after_the_end_proves_nothing() -> None:
    story = Story().opened(1).suppressed(1).escalated(4).checked(4.2)
    prompt(story).add(11.95, FaultEffective, fault="throttle", seen="it", precision=0.1)
    assert readiness(story.completed(12)) == "unverified"


def test_what_was_done_before_any_effect_eased_nothing() -> None:
    story = Story().opened(1).suppressed(1).escalated(4).checked(4.2)
    story = prompt(story).add(10, FaultEffective, fault="throttle", seen="requests are refused")
    assert metric(story.completed(12), "M3").verdict == "unverified"
    assert readiness(story) == "unverified"


def test_a_round_after_the_undo_brings_a_fault_back() -> None:
    story = prompt().completed(12)
    story.add(12.5, FaultInjected, fault="throttle", round=2, touched=["checkout"])
    card = card_of(story)
    assert (card.settled, card.readiness) == (False, "not ready")


def test_an_order_to_abort_counts_whatever_the_seal_says() -> None:
    story = prompt().ended(12, "aborted")
    story.events[-1] = story.events[-1].model_copy(update={"ended": "completed"})
    assert isinstance(story.events[-1], RunSealed)
    assert readiness(story) == "unverified"


# A pool


@pytest.mark.parametrize("doing", ["step", "action", "ack"])
def test_two_members_of_a_pool_who_act_are_not_ready(doing: str) -> None:
    story = prompt(paged(POOL, environment=TWO))
    if doing == "step":
        story = paged(POOL, environment=TWO).acknowledged(6).step(7, "look")
        story.step(8, "lift", OTHER).step(9, "scale")
    elif doing == "action":
        story.action(8.5, "restart", OTHER)
    else:
        story.acknowledged(7, OTHER)
    card = card_of(story.completed(12))
    assert (card.readiness, "F2" in card.failure_modes) == ("not ready", True)


def test_a_member_who_only_looks_or_takes_back_is_no_second_one() -> None:
    story = prompt(paged(POOL, environment=TWO)).step(7.5, "look", OTHER)
    story.acknowledged(6.5, OTHER).withdrawn(7, OTHER)
    card = card_of(story.completed(12))
    assert (card.readiness, card.failure_modes) == ("ready", [])


# Several events, one figure


def test_the_first_effect_may_be_the_one_whose_time_is_less_sure() -> None:
    story = Story().add(5, FaultEffective, fault="a", seen="it", precision=2.0)
    story.add(4.5, FaultEffective, fault="b", seen="it", precision=0.1).opened(8)
    row = metric(story.completed(12), "detection_time")
    assert row.value is not None
    assert row.bound is not None
    assert row.value + row.bound == pytest.approx(8.01 - 3.0)
    assert row.value - row.bound == pytest.approx(7.99 - 4.6)


def test_the_first_mitigation_may_be_the_one_whose_time_is_less_sure() -> None:
    story = paged().acknowledged(6).step(8, "lift", precision=1.5).step(7.5, "scale")
    row = metric(story.completed(34), "M3")
    assert row.value is not None
    assert row.bound is not None
    assert row.value - row.bound == pytest.approx(6.5 - 4.01)
    assert row.value + row.bound == pytest.approx(7.51 - 3.99)
