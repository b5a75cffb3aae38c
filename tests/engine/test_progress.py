"""When the human side of a drill is over."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.runbook import Runbook
from drillmaster.engine.drill.progress import LINGER, Progress
from drillmaster.timeline.events import FaultEffective, NoteAdded
from tests.support.responders import HAND_OVER
from tests.support.timeline_definitions import (
    ACTIONS,
    BYSTANDER,
    DRILL,
    ENVIRONMENT,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
    changed,
)
from tests.support.timelines import START, Story

TICK = 0.25
"""Seconds between two looks; every time below is a multiple of it."""

LATEST = 250.0
"""Seconds after which a drill is taken to go on for ever."""

POLICY = 3.0 + 20.0
"""Seconds of the policy's levels."""

DONE, LAPSED = "the runbook is done", "the last target has lapsed"


def end_of(
    story: Story,
    drill: Mapping[str, Any] = DRILL,
    environment: Mapping[str, Any] = ENVIRONMENT,
    runbook: Mapping[str, Any] | None = RUNBOOK,
    *,
    checked: float | None = 5.0,
) -> tuple[float, str] | None:
    """When and why the drill is over, looked for as the loop does: again and again, with
    each event told in its time. `checked` is when the access checks are answered."""
    progress = Progress(
        Drill.model_validate(drill),
        Environment.model_validate(environment),
        None if runbook is None else Runbook.model_validate(runbook),
    )
    waiting = list(story.events)
    for tick in range(int(LATEST / TICK)):
        now = START + timedelta(seconds=tick * TICK)
        while waiting and waiting[0].occurred_at <= now:
            progress.see(waiting.pop(0))
        if checked is not None and tick * TICK >= checked:
            progress.access_checked = True
        why = progress.over(now)
        if why is not None:
            return tick * TICK, why
    return None


def listing(**targets: Any) -> dict[str, Any]:
    """The drill with these targets alone."""
    return changed(DRILL, targets=targets)


def paged() -> Story:
    return Story().fault(0.25).opened(1).suppressed(1).escalated(4)


def worked(story: Story, person: str | None = SECONDARY) -> Story:
    for at, step in enumerate(ACTIONS, 7):
        story.step(at, step, person)
    return story


# Done


def test_a_done_runbook_ends_the_drill_after_a_moment() -> None:
    assert end_of(worked(paged().acknowledged(6))) == (9 + LINGER, DONE)


def test_every_required_step_is_needed_and_the_ack() -> None:
    half = paged().acknowledged(6).step(7, "look").step(8, "lift").step(9, "tell")
    assert end_of(half) == (36, LAPSED)
    assert end_of(worked(paged())) == (44, LAPSED)


def test_an_ack_that_comes_after_the_steps_ends_it_as_well() -> None:
    assert end_of(worked(paged()).acknowledged(12)) == (12 + LINGER, DONE)


@pytest.mark.parametrize("who", [PRIMARY, BYSTANDER, None])
def test_only_the_secondarys_ack_counts(who: str | None) -> None:
    assert end_of(worked(paged().acknowledged(6, who))) == (44, LAPSED)


def noted(story: Story, at: float, person: str = SECONDARY) -> Story:
    return story.add(at, NoteAdded, person=person, text="I am on it")


def test_without_a_runbook_going_to_work_is_all() -> None:
    drill = changed(DRILL, runbook=None, targets={"secondary_response": "10s"})
    at_work = noted(paged().acknowledged(6), 8)
    assert end_of(at_work, drill, runbook=None) == (8 + LINGER, "the secondary is at work")
    hollow = noted(paged().acknowledged(6), 8, BYSTANDER)
    assert end_of(hollow, drill, runbook=None) == (6 + 180, LAPSED)


def test_a_fault_that_has_shown_no_effect_is_waited_for() -> None:
    second = {"latency": {"namespace": "shop", "selector": "app=checkout", "delay": "1s"}}
    drill = changed(DRILL, faults=[*DRILL["faults"], second | {"name": "slow"}])
    story = worked(paged().acknowledged(6))
    assert end_of(story, drill) == (36, LAPSED)
    story.add(14, FaultEffective, fault="slow", seen="requests are slow")
    assert end_of(story, drill) == (14 + LINGER, DONE)


def test_a_word_is_no_end_where_the_runbook_asks_for_more() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift")
    story.step(9, "scale", grade="self-reported")
    assert end_of(story) == (36, LAPSED)


def test_what_was_done_before_the_page_is_no_end() -> None:
    """It is no response to it, in whatever order the two are told."""
    early = Story().fault(0.25).opened(1).suppressed(1)
    for at, step in enumerate(ACTIONS):
        early.step(1.5 + at / 2, step)
    assert end_of(early.escalated(4).acknowledged(6)) == (36, LAPSED)
    late = paged().acknowledged(6).step(7, "look").step(8, "lift").step(3.5, "scale")
    assert end_of(late) == (36, LAPSED)
    assert end_of(late.step(9, "scale")) == (9 + LINGER, DONE)


def test_who_was_at_work_before_the_page_has_not_gone_to_it() -> None:
    story = worked(paged().acknowledged(6), None)
    assert end_of(noted(story, 3)) == (36, LAPSED)


def test_nothing_is_over_before_it_began() -> None:
    assert end_of(Story().fault(0.25)) is None


def test_an_effect_is_noted() -> None:
    progress = Progress(Drill.model_validate(DRILL), Environment.model_validate(ENVIRONMENT), None)
    assert not progress.effective
    for event in paged().events:
        progress.see(event)
    assert progress.effective


def test_a_fault_without_effect_is_fruitless_from_its_injection_on() -> None:
    """Not from the drill's start: a fault may come late."""
    progress = Progress(Drill.model_validate(DRILL), Environment.model_validate(ENVIRONMENT), None)
    late = START + timedelta(seconds=90)
    assert progress.fruitless(late) == 0
    intended, injected, effective = Story().fault(90).events[-3:]
    progress.see(intended)
    assert progress.fruitless(late + timedelta(seconds=20)) == 0
    progress.see(injected)
    assert progress.fruitless(late + timedelta(seconds=20)) == pytest.approx(20, abs=1)
    progress.see(effective)
    assert progress.fruitless(late + timedelta(seconds=20)) == 0


# Whose work it is


def test_a_bystander_who_does_everything_ends_nothing() -> None:
    assert end_of(worked(paged().acknowledged(6), BYSTANDER)) == (36, LAPSED)
    assert end_of(worked(paged().acknowledged(6), PRIMARY)) == (36, LAPSED)


def test_one_step_in_other_hands_is_waited_for() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", BYSTANDER).step(9, "scale")
    assert end_of(story) == (36, LAPSED)
    assert end_of(story.step(12, "lift")) == (12 + LINGER, DONE)


def test_evidence_that_shows_nobody_counts() -> None:
    story = worked(paged().acknowledged(6), None)
    assert end_of(noted(story, 12)) == (12 + LINGER, DONE)


def test_whoever_acknowledged_must_be_seen_at_work() -> None:
    story = worked(paged().acknowledged(6), None)
    assert end_of(story) == (36, LAPSED)


def test_everybody_who_holds_the_role_counts() -> None:
    two = changed(ENVIRONMENT, **{"people__responder-4": {"roles": ["secondary"]}})
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", "responder-4")
    assert end_of(story.step(9, "scale"), environment=two) == (9 + LINGER, DONE)


# Lapses


@pytest.mark.parametrize(
    ("target", "value", "lapses"),
    [
        ("escalation_latency", "10s", 1 + 10),
        ("secondary_response", "10s", 4 + 10),
        ("first_mitigation", "30s", 4 + 30),
        ("hand_over_time", "15s", 1 + 15),
        ("runbook_adherence", "100%", 4 + POLICY + 30),
        ("access_failures", 0, 5),
    ],
)
def test_a_silent_secondary_is_waited_for_until_the_target_lapses(
    target: str, value: Any, lapses: float
) -> None:
    assert end_of(paged(), listing(**{target: value})) == (lapses, LAPSED)


def test_the_last_target_decides() -> None:
    drill = listing(secondary_response="10s", first_mitigation="20s", escalation_latency="60s")
    assert end_of(paged(), drill) == (61, LAPSED)


@pytest.mark.parametrize("target", [{}, {"alert_noise": 5.0}, {"delivery": "90%"}])
def test_a_target_that_is_no_time_of_people_never_lapses(target: dict[str, Any]) -> None:
    assert end_of(paged(), listing(**target)) is None


def test_steps_are_waited_for_from_the_ack_on() -> None:
    adherence = listing(runbook_adherence="100%")
    assert end_of(paged().acknowledged(6), adherence) == (6 + 30, LAPSED)
    within = listing(runbook_adherence="100%", secondary_response="10s")
    assert end_of(paged(), within) == (4 + 10 + 30, LAPSED)


def test_a_step_without_a_time_has_the_time_to_engage() -> None:
    steps = [dict(step) for step in RUNBOOK["steps"]]
    del steps[1]["within"]
    hasty = changed(ENVIRONMENT, timing={"engagement": "60s"})
    story, free = paged().acknowledged(6), changed(RUNBOOK, steps=steps)
    adherence = listing(runbook_adherence="100%")
    assert end_of(story, adherence, hasty, free) == (6 + 60, LAPSED)
    assert end_of(story, adherence, runbook=free) == (6 + 180, LAPSED)


def test_an_incident_that_never_reaches_the_secondary_has_the_policys_time() -> None:
    story = Story().fault(0.25).opened(1).suppressed(1)
    assert end_of(story, listing(secondary_response="10s")) == (1 + POLICY + 10, LAPSED)


# Taking it back


def test_who_takes_the_ack_back_is_waited_for_again() -> None:
    story = worked(paged().acknowledged(6)).withdrawn(9.5)
    assert end_of(story) == (44, LAPSED)
    assert end_of(story.acknowledged(12)) == (12 + LINGER, DONE)


@pytest.mark.parametrize("who", [PRIMARY, BYSTANDER])
def test_what_others_take_back_changes_nothing(who: str) -> None:
    story = worked(paged().acknowledged(5, who).acknowledged(6)).withdrawn(9.5, who)
    assert end_of(story) == (9 + LINGER, DONE)


def test_steps_are_timed_from_the_ack_that_stands() -> None:
    story = paged().acknowledged(5).acknowledged(6).withdrawn(6.5).acknowledged(6.75)
    assert end_of(story, listing(runbook_adherence="100%")) == (6.75 + 30, LAPSED)


# Hand-over


def handed() -> Story:
    story = Story(HAND_OVER).fault(0.25).opened(1).escalated(1, "primary", [PRIMARY], "opened")
    return story.acknowledged(2, PRIMARY).handed_over(4)


def test_the_primarys_ack_and_work_are_no_end() -> None:
    assert end_of(worked(handed(), PRIMARY), HAND_OVER) == (44, LAPSED)
    assert end_of(worked(handed().acknowledged(6)), HAND_OVER) == (9 + LINGER, DONE)


def test_a_hand_over_is_waited_for_from_the_primarys_ack_on() -> None:
    drill = changed(HAND_OVER, targets={"hand_over_time": "15s"})
    assert end_of(handed(), drill) == (2 + 15, LAPSED)
    again = handed().withdrawn(5, PRIMARY).acknowledged(7, PRIMARY)
    assert end_of(again, drill) == (7 + 15, LAPSED)


# Access checks


def test_access_checks_are_awaited_when_all_else_is_done() -> None:
    story = worked(paged().acknowledged(6))
    assert end_of(story, checked=12) == (12 + LINGER, DONE)


def test_access_checks_are_not_awaited_for_ever() -> None:
    story = worked(paged().acknowledged(6))
    assert end_of(story, checked=None) == (36, LAPSED)
    assert end_of(story, listing(access_failures=0), checked=None) == (4 + 30, LAPSED)


def test_without_a_profile_there_is_nothing_to_await() -> None:
    drill = changed(DRILL, access=None, targets__access_failures=None)
    assert end_of(worked(paged().acknowledged(6)), drill, checked=None) == (9 + LINGER, DONE)
