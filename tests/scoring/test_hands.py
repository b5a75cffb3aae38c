"""Who did a step, and what was done beside the runbook."""

import pytest

from tests.scoring.cards import GOOD, TOLD, TWO, card_of, outcomes, paged, prompt, rows
from tests.support.timeline_definitions import BYSTANDER, DRILL, PRIMARY, SECONDARY, changed
from tests.support.timelines import Story

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
