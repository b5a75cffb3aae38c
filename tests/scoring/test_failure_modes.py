"""Failure modes and patterns: only what the run showed."""

from typing import Any

import pytest

from drillmaster.timeline.events import ActionSeen, AlertRaised, DecisionAnswered, PageFailed
from tests.scoring.cards import TWO, card_of, metric, outcomes, paged, prompt, shown, targets
from tests.support.timeline_definitions import (
    BYSTANDER,
    DRILL,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
    changed,
)
from tests.support.timelines import INCIDENT, Story


def modes(story: Story) -> list[str]:
    return card_of(story).failure_modes


def pattern(name: str, **changes: Any) -> dict[str, Any]:
    return changed(DRILL, escalation__pattern=name, **changes)


def test_a_run_without_a_flaw_exposes_nothing() -> None:
    assert modes(prompt().completed(12)) == []


def test_an_unreachable_secondary_is_no_knowledge_gap() -> None:
    assert modes(paged().completed(34)) == ["F1"]


def test_a_silence_that_was_cut_short_exposes_nothing() -> None:
    assert modes(paged().ended(8, "aborted")) == []


@pytest.mark.parametrize(
    "story",
    [
        paged().acknowledged(6).step(7, "look").step(9, "scale").completed(34),
        paged().acknowledged(6).step(7, "look").action(8, "restart").step(9, "scale").completed(34),
        paged().acknowledged(6).step(7, "look").step(8, "scale").step(9, "lift").completed(34),
        paged().acknowledged(6).step(7, "look").step(28, "lift").step(29, "scale").completed(34),
        paged().acknowledged(6).completed(34),
    ],
)
def test_a_knowledge_gap(story: Story) -> None:
    assert modes(story) == ["F6"]


def test_an_unsound_decision_is_a_knowledge_gap() -> None:
    decision = {"question": "What now?", "options": ["lift", "wait"], "sound": ["lift"]}
    steps = [dict(step) for step in RUNBOOK["steps"]]
    steps[1]["decision"] = decision
    runbook = changed(RUNBOOK, steps=steps)

    def decided(choice: str, person: str = SECONDARY) -> Story:
        story = prompt(paged(runbook=runbook))
        return story.add(7.5, DecisionAnswered, step="lift", person=person, choice=choice)

    assert modes(decided("lift").completed(12)) == []
    assert modes(decided("wait").completed(12)) == ["F6"]
    assert modes(decided("wait", BYSTANDER).completed(12)) == []


def test_a_step_in_the_wrong_hands_is_role_confusion() -> None:
    story = paged().acknowledged(6).step(7, "look").step(8, "lift", PRIMARY).step(9, "scale")
    assert modes(story.completed(34)) == ["F2", "F6"]
    assert modes(prompt().step(8.5, "lift", BYSTANDER).completed(12)) == ["F2"]
    assert modes(prompt().step(7.2, "look", BYSTANDER).completed(12)) == []


def test_a_wrong_ack_that_the_right_one_mended_is_no_confusion() -> None:
    assert modes(prompt(paged().acknowledged(5, BYSTANDER)).completed(12)) == []


def test_a_storm_needs_more_than_five_alerts_or_a_target_that_is_missed() -> None:
    def noisy(alerts: int, **wanted: Any) -> Story:
        story = prompt(paged(changed(DRILL, **wanted)))
        for _ in range(alerts - 1):
            story.add(2, AlertRaised, incident=INCIDENT, name="Noise")
        return story.completed(12)

    assert modes(noisy(5)) == []
    assert modes(noisy(6)) == ["F4"]
    assert modes(noisy(3, targets__alert_noise=2.0)) == ["F4"]
    assert modes(noisy(8, targets__alert_noise=10.0)) == ["F4"]


def test_a_channel_that_failed() -> None:
    story = prompt().add(4.1, PageFailed, page="page-1", channel="mail", reason="refused")
    assert modes(story.completed(12)) == ["F10"]


# Patterns


def test_advisory_expects_no_answer_below_critical() -> None:
    drill = pattern("advisory", escalation__severity="warning")
    story = paged(drill).completed(34)
    verdicts = {row.id: row.verdict for row in card_of(story).metrics if row.required}
    assert verdicts == {
        "M1": "unverified",
        "M3": "unverified",
        "M7": "met",
        "M10": "met",
        "runbook_adherence": "unverified",
    }
    assert modes(story) == []
    assert set(outcomes(story).values()) == {"unverified"}
    told = changed(drill, targets={"escalation_latency": "10s"})
    card = card_of(paged(told).completed(34))
    assert card.readiness == "ready"
    assert {"M1", "M3", "runbook_adherence"}.isdisjoint(shown(paged(told).completed(34)))


def test_advisory_measures_an_answer_that_came() -> None:
    drill = pattern("advisory", escalation__severity="warning")
    assert card_of(prompt(paged(drill)).completed(12)).readiness == "ready"


def test_advisory_expects_an_answer_to_what_is_critical() -> None:
    assert metric(paged(pattern("advisory")).completed(34), "M1").verdict == "missed"


@pytest.mark.parametrize("name", ["role-based", "follow-the-sun", "shared-pool", "gatekeeper"])
def test_other_patterns_are_scored_like_a_hot_backup(name: str) -> None:
    assert card_of(prompt(paged(pattern(name))).completed(12)).readiness == "ready"
    assert card_of(paged(pattern(name)).completed(34)).readiness == "not ready"


def test_only_one_of_a_pool_takes_an_incident() -> None:
    story = prompt(paged(pattern("shared-pool"), environment=TWO)).acknowledged(6.5, "responder-4")
    assert modes(story.completed(12)) == ["F2"]
    story = prompt(paged(environment=TWO)).acknowledged(6.5, "responder-4")
    assert modes(story.completed(12)) == []


def test_a_gatekeeper_must_approve_what_acts_by_itself() -> None:
    def automated(at: float, name: str = "gatekeeper", by: str = "robot") -> Story:
        story = prompt(paged(pattern(name)))
        story.add(8, DecisionAnswered, step="lift", person=SECONDARY, choice="lift it")
        return story.add(
            at,
            ActionSeen,
            record="r",
            person=by,
            action="restart",
            object="shop/checkout",
            parameters={},
            allowed=True,
        )

    assert modes(automated(7.5).completed(12)) == ["F5"]
    assert modes(automated(8.5).completed(12)) == []
    assert modes(automated(7.5, "hot-backup").completed(12)) == []
    assert modes(automated(7.5, by=BYSTANDER).completed(12)) == []
    assert modes(automated(3).completed(12)) == []


@pytest.mark.parametrize("name", ["hot-backup", "gatekeeper", "shared-pool"])
def test_an_automation_that_alone_takes_the_page_has_no_gate(name: str) -> None:
    assert modes(paged(pattern(name)).acknowledged(6, None).completed(34)) == ["F5"]


def test_an_automation_beside_a_person_is_no_automation_bug() -> None:
    assert modes(prompt(paged().acknowledged(5, None)).completed(12)) == []
    assert modes(paged().acknowledged(5, None).acknowledged(6, BYSTANDER).completed(34)) == ["F2"]
    assert modes(paged().acknowledged(5, None).acknowledged(6).completed(34)) == ["F6"]


def test_a_target_never_disappears_whatever_the_pattern() -> None:
    wanted = {
        "secondary_response": "10s",
        "first_mitigation": "10s",
        "access_failures": 0,
        "alert_noise": 5.0,
        "escalation_latency": "10s",
        "delivery": "90%",
        "detection_time": "10s",
        "hand_over_time": "10s",
        "runbook_adherence": "50%",
        "recovery_time": "10s",
        "undo_time": "10s",
    }
    for story in (
        Story(targets(**wanted)),
        Story(targets(**wanted)).ended(1, "refused", faults=()),
    ):
        required = {row.id for row in card_of(story).metrics if row.required}
        assert len(required) == len(wanted)
        assert {row.verdict for row in card_of(story).metrics} == {"unverified"}
