"""How the runbook was followed."""

import pytest

from drillmaster.timeline.events import FaultUndone
from tests.scoring.cards import card_of, metric, outcomes, paged, prompt, rows, targets
from tests.support.timelines import (
    BYSTANDER,
    DRILL,
    ENVIRONMENT,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
    Story,
    changed,
)

FREE = changed(
    RUNBOOK,
    steps=[
        {key: value for key, value in step.items() if key != "within"} for step in RUNBOOK["steps"]
    ],
)
"""The runbook without any time for its steps."""

TOLD = changed(FREE, steps=[step | {"evidence": {"self-report": {}}} for step in FREE["steps"]])
"""The runbook with nothing but self-reports."""

TWO = changed(ENVIRONMENT, **{"people__responder-4": {"roles": ["secondary"]}})

GOOD = {"look": "followed", "lift": "followed", "scale": "followed", "tell": "skipped"}


def ratio(story: Story) -> tuple[float | None, str]:
    row = metric(story, "runbook_adherence")
    return row.value, row.verdict


def test_every_step_once_in_order_and_in_time() -> None:
    story = prompt().completed(12)
    assert outcomes(story) == GOOD
    assert ratio(story) == (1.0, "met")
    look = rows(story)[0]
    assert (look.after, look.by, look.grade, look.required) == (1.0, [SECONDARY], "proved", True)


def test_an_optional_step_has_a_row_and_does_not_count() -> None:
    story = prompt().step(10, "tell", grade="self-reported").completed(12)
    tell = rows(story)[3]
    assert (tell.outcome, tell.required, tell.grade) == ("followed", False, "self-reported")
    assert ratio(story) == (1.0, "met")


def test_a_skipped_step() -> None:
    story = paged().acknowledged(6).step(7, "look").step(9, "scale").completed(34)
    assert outcomes(story) == GOOD | {"lift": "skipped"}
    assert ratio(story) == (0.666667, "missed")
    row = metric(story, "runbook_adherence")
    assert row.seen == "2 of 3 steps followed once, in order and in time (skipped: lift)"
    assert row.cause
    assert row.next_step


def test_a_lower_target_forgives_a_step() -> None:
    drill = changed(DRILL, targets__runbook_adherence="60%")
    story = paged(drill).acknowledged(6).step(7, "look").step(9, "scale").completed(34)
    assert ratio(story) == (0.666667, "met")
    assert card_of(story).readiness == "ready"


def test_a_self_report_counts_and_says_so() -> None:
    story = paged(runbook=TOLD).acknowledged(6)
    for at, step in enumerate(("look", "lift", "scale"), 7):
        story.step(at, step, grade="self-reported")
    story.completed(12)
    assert outcomes(story) == GOOD
    assert metric(story, "runbook_adherence").evidence == "self-reported"


def test_evidence_without_a_person_is_authorised_at_the_most() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", None).step(9, "scale")
    story.completed(12)
    assert outcomes(story) == GOOD
    lift = rows(story)[1]
    assert (lift.by, lift.grade) == ([], "authorised")
    assert metric(story, "runbook_adherence").evidence == "authorised"


def test_a_state_that_healed_by_itself_proves_nobodys_act() -> None:
    story = paged().acknowledged(6).step(7, "look")
    story.add(7.5, FaultUndone, fault="throttle", by="expiry").step(8, "lift", None)
    story.step(9, "scale").completed(12)
    assert outcomes(story) == GOOD | {"lift": "unverified"}
    assert ratio(story) == (0.666667, "unverified")
    assert metric(story, "runbook_adherence").bound is None


def test_a_fault_that_the_responder_took_away_is_no_healing() -> None:
    story = paged().acknowledged(6).step(7, "look")
    story.add(7.9, FaultUndone, fault="throttle", by="responder").step(8, "lift", None)
    assert outcomes(story.step(9, "scale").completed(12)) == GOOD


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
    assert ratio(story) == (0.0, "unverified")
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


def test_steps_that_overlap_are_in_order() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8.3, "lift", precision=0.25)
    assert outcomes(story.step(8, "scale", precision=0.25).completed(12)) == GOOD


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


# People


def test_a_step_that_two_people_did_is_doubled() -> None:
    story = prompt().step(8.5, "lift", BYSTANDER).completed(12)
    assert outcomes(story) == GOOD | {"lift": "doubled"}
    assert rows(story)[1].by == [SECONDARY, BYSTANDER]


def test_two_members_of_the_role_double_a_step_as_well() -> None:
    story = prompt(paged(environment=TWO)).step(8.5, "lift", "responder-4").completed(12)
    assert outcomes(story) == GOOD | {"lift": "doubled"}


def test_looking_is_never_doubled() -> None:
    assert outcomes(prompt().step(7.1, "look", BYSTANDER).completed(12)) == GOOD


def test_what_the_primary_did_before_handing_over_doubles_nothing() -> None:
    drill = changed(DRILL, faults=DRILL["faults"][:1], escalation__engage="hand-over")
    story = Story(drill).fault(0.5).opened(1).escalated(1, "primary", [PRIMARY], "opened")
    story.acknowledged(2, PRIMARY).step(2.5, "lift", PRIMARY).handed_over(4)
    story.acknowledged(6).step(7, "look").step(8, "lift").step(9, "scale").completed(12)
    assert outcomes(story) == GOOD


def test_a_step_done_by_somebody_else_alone_is_skipped_and_their_act_is_extra() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", BYSTANDER).step(9, "scale")
    story.completed(12)
    assert outcomes(story) == GOOD | {"lift": "skipped", "lift-throttle": "extra"}
    extra = rows(story)[-1]
    assert (extra.by, extra.after, extra.required) == ([BYSTANDER], 2.0, False)


def test_a_step_that_only_somebody_else_says_they_did_is_extra() -> None:
    story = paged(runbook=TOLD).acknowledged(6).step(7, "look", grade="self-reported")
    story.step(8, "lift", BYSTANDER, grade="self-reported").completed(34)
    assert [(row.step, row.outcome, row.grade) for row in rows(story)[-1:]] == [
        ("lift", "extra", "self-reported")
    ]


def test_a_pool_may_share_the_steps() -> None:
    drill = changed(DRILL, escalation__pattern="shared-pool")
    story = paged(drill, environment=TWO).acknowledged(6).step(7, "look")
    story.step(8, "lift", "responder-4").step(9, "scale").completed(12)
    assert outcomes(story) == GOOD


# Beside the runbook


def test_another_action_in_the_place_of_a_step_is_a_substitute() -> None:
    story = paged().acknowledged(6).step(7, "look").action(8, "restart").step(9, "scale")
    story.completed(34)
    assert outcomes(story) == GOOD | {"lift": "substituted"}
    assert rows(story)[1].by == [SECONDARY]


@pytest.mark.parametrize("at", [6.5, 9.5])
def test_an_action_in_another_place_is_extra(at: float) -> None:
    story = paged().acknowledged(6).step(7, "look").step(9, "scale").action(at, "restart")
    story.completed(34)
    assert outcomes(story) == GOOD | {"lift": "skipped", "restart": "extra"}


def test_the_wrong_amount_is_a_substitute_for_the_step() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift")
    story.action(9, "scale", replicas=8).completed(34)
    assert outcomes(story) == GOOD | {"scale": "substituted"}


def test_an_action_replaces_one_step_alone() -> None:
    story = paged().acknowledged(6).step(7, "look").action(8, "restart").completed(34)
    assert outcomes(story) == GOOD | {"lift": "substituted", "scale": "skipped"}


def test_an_extra_action_changes_no_step() -> None:
    story = prompt().action(8.5, "restart").action(8.7, "restart").completed(12)
    assert outcomes(story) == GOOD | {"restart": "extra"}
    assert len(rows(story)[-1].events) == 2
    assert card_of(story).readiness == "ready"


def test_looking_again_repeating_and_being_denied_is_nothing_extra() -> None:
    story = prompt().action(8.5, "view").action(8.6, "view", BYSTANDER)
    story.action(9.5, "scale", replicas=6).action(9.7, "failover", allowed=False).completed(12)
    assert outcomes(story) == GOOD


def test_what_was_done_before_the_escalation_is_nothing_extra() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).action(2, "restart", PRIMARY)
    story.escalated(4).checked(4.2)
    assert outcomes(prompt(story).completed(12)) == GOOD


def test_a_denied_attempt_is_no_evidence_and_no_substitute() -> None:
    story = paged().acknowledged(6).step(7, "look")
    story.action(8, "lift-throttle", allowed=False).action(8.2, "restart").step(9, "scale")
    story.completed(34)
    assert outcomes(story) == GOOD | {"lift": "skipped", "restart": "extra"}
    denial = next(r.seq for r in story.records() if not getattr(r.event, "allowed", True))
    assert rows(story)[1].events == [denial]
    assert card_of(story).failure_modes == ["F3"]


# Ends


def test_what_was_not_done_when_the_drill_was_aborted_is_unverified() -> None:
    story = paged().acknowledged(6).step(7, "look").ended(8, "aborted")
    assert outcomes(story) == {
        "look": "followed",
        "lift": "unverified",
        "scale": "unverified",
        "tell": "unverified",
    }
    assert ratio(story) == (0.333333, "unverified")


def test_unless_its_time_was_over() -> None:
    story = paged().acknowledged(6).step(7, "look").ended(27, "aborted")
    assert outcomes(story)["lift"] == "skipped"
    assert ratio(story) == (0.333333, "missed")


def test_evidence_from_after_the_end_does_not_count() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift").completed(12)
    assert outcomes(story.step(12.5, "scale")) == GOOD | {"scale": "skipped"}


def test_without_an_escalation_no_step_can_be_judged() -> None:
    story = Story().opened(1).suppressed(1).completed(34)
    assert set(outcomes(story).values()) == {"unverified"}
    assert ratio(story) == (None, "unverified")


def test_without_a_runbook_there_is_no_row() -> None:
    drill = targets(secondary_response="10s")
    card = card_of(paged(drill, runbook=None).acknowledged(6).action(7, "scale").completed(34))
    assert card.runbook is None
    assert "runbook_adherence" not in {row.id for row in card.metrics}


def test_a_runbook_of_optional_steps_has_no_adherence() -> None:
    steps = [step | {"optional": True} for step in RUNBOOK["steps"]]
    story = paged(runbook=changed(RUNBOOK, steps=steps)).acknowledged(6).step(7, "look")
    assert ratio(story.completed(34)) == (None, "unverified")
