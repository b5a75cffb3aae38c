"""Readiness, the trend, changes and the sentence."""

from typing import Any

import pytest

from drillmaster.scoring import trend
from drillmaster.scoring.causes import ADVICE
from drillmaster.timeline.events import (
    GuardChecked,
    HistoryRecorded,
    RunSealed,
    SteadyStateLost,
    UndoOrdered,
)
from tests.scoring.cards import card_of, paged, prompt, targets
from tests.support.timeline_definitions import BYSTANDER, DRILL, PRIMARY, SECONDARY, changed
from tests.support.timelines import Story

PEOPLE = ("M1", "M3", "M7", "runbook_adherence")
"""Figures that need an escalation."""


def readiness(story: Story) -> str:
    return card_of(story).readiness


def test_ready() -> None:
    card = card_of(prompt().completed(12))
    assert (card.readiness, card.trend, card.costs, card.settled) == ("ready", 100, [], True)
    assert card.sentence == (
        "READY: the secondary acknowledged in 2.0 s, had access and followed 3 of 3 steps; "
        "everything was undone (simulated)."
    )


def test_with_real_people_the_sentence_says_nothing_of_simulation() -> None:
    card = card_of(prompt(paged(simulated=False)).completed(12))
    assert card.sentence.endswith("everything was undone.")
    assert not card.simulated


def test_a_figure_that_is_not_required_gates_nothing() -> None:
    drill = targets(escalation_latency="10s")
    card = card_of(paged(drill).acknowledged(6).step(7, "look").completed(34))
    assert card.readiness == "ready"
    assert card.sentence == (
        "READY: the secondary acknowledged in 2.0 s and had access; everything was undone; "
        "beside its targets the run exposed F6 (knowledge gap) (simulated)."
    )
    assert card.trend is not None
    assert card.trend < 100


def test_nobody_is_ready_who_was_not_seen_to_answer() -> None:
    drill = targets(escalation_latency="10s")
    silent = card_of(paged(drill).completed(34))
    assert silent.readiness == "unverified", "five minutes are not over"
    assert "it was not seen that the secondary answered" in silent.sentence
    lapsed = card_of(paged(drill).completed(400))
    assert lapsed.readiness == "not ready"
    assert lapsed.sentence.startswith("NOT READY: the secondary did not acknowledge")
    hollow = card_of(paged(drill).acknowledged(6).completed(400))
    assert hollow.readiness == "not ready"
    never = card_of(Story(drill).fault(0.5).opened(1).suppressed(1).completed(34))
    assert never.readiness != "ready"


def test_one_required_miss_is_never_averaged_away() -> None:
    story = prompt(paged(changed(DRILL, targets__secondary_response="1s"))).completed(12)
    card = card_of(story)
    assert (card.readiness, card.trend) == ("not ready", 75)
    assert card.sentence == (
        "NOT READY: the secondary acknowledged in 2.00 s ± 0.02 s, where 1 s were allowed; "
        "everything was undone (simulated)."
    )


def test_a_required_figure_that_is_unverified() -> None:
    story = paged().acknowledged(14, precision=0.5).step(15, "look")
    card = card_of(story.step(16, "lift").step(17, "scale").completed(34))
    assert card.readiness == "unverified"
    assert card.sentence.startswith("UNVERIFIED: the secondary acknowledged in 10.0 s ± 0.6 s")


def test_a_miss_outweighs_what_is_unverified() -> None:
    assert readiness(paged().acknowledged(18, precision=0.5).ended(19, "aborted")) == "not ready"


def test_no_target_proves_nothing() -> None:
    card = card_of(prompt(paged(targets())).completed(12))
    assert card.readiness == "unverified"
    assert "lists no target" in card.sentence


@pytest.mark.parametrize("how", ["aborted", "interrupted"])
def test_an_early_end_is_never_ready(how: str) -> None:
    assert readiness(prompt().ended(12, how)) == "unverified"


def test_what_the_seal_says_of_the_end_counts() -> None:
    story = prompt().completed(12)
    story.events[-1] = story.events[-1].model_copy(update={"ended": "aborted"})
    card = card_of(story)
    assert (card.ended, card.readiness) == ("aborted", "unverified")


def test_a_fault_without_an_effect() -> None:
    story = prompt(Story().opened(1).suppressed(1).escalated(4).checked(4.2)).completed(12)
    card = card_of(story)
    assert card.readiness == "unverified"
    assert "no effect of the fault throttle was seen" in card.sentence


def test_every_planned_fault_must_have_an_effect() -> None:
    second = {"latency": {"namespace": "shop", "selector": "app=checkout", "delay": "1s"}}
    drill = changed(DRILL, faults=[*DRILL["faults"], second | {"name": "slow"}])
    assert readiness(prompt(paged(drill)).completed(12)) == "unverified"
    story = prompt(paged(drill).fault(0.6, "slow"))
    assert readiness(story.completed(12, faults=["throttle", "slow"])) == "ready"


def test_a_drill_without_a_fault_needs_no_effect() -> None:
    drill = changed(DRILL, faults=[])
    story = prompt(Story(drill).opened(1).suppressed(1).escalated(4).checked(4.2))
    assert readiness(story.completed(12, faults=())) == "ready"


def test_not_settled() -> None:
    card = card_of(prompt().completed(12, settled=False))
    assert (card.readiness, card.settled) == ("not ready", False)
    assert card.sentence == "NOT READY: not everything was undone (simulated)."


def test_a_run_without_a_seal_is_not_settled() -> None:
    story = prompt().completed(12)
    assert isinstance(story.events.pop(), RunSealed)
    card = card_of(story)
    assert (card.settled, card.ended, card.readiness) == (False, "completed", "not ready")


def test_a_run_that_just_stops_was_aborted() -> None:
    card = card_of(paged())
    assert (card.ended, card.settled, card.readiness) == ("aborted", False, "not ready")


def test_a_stuck_run_that_was_settled_later_is_judged_by_its_first_end() -> None:
    story = prompt().add(12, UndoOrdered, ended="completed", why="done")
    assert readiness(story.completed(60)) == "ready"


def test_steady_state_that_was_lost() -> None:
    story = prompt().completed(12).add(12.85, SteadyStateLost, names=["checkout answers"])
    assert readiness(story) == "unverified"


def test_a_refused_run_is_unverified() -> None:
    story = Story().add(0.2, GuardChecked, rule="drillable", passed=True, message="it is")
    story.add(0.3, GuardChecked, rule="steady-state", passed=False, message=f"{SECONDARY} is out")
    card = card_of(story.ended(0.5, "refused", faults=()))
    assert (card.readiness, card.ended) == ("unverified", "refused")
    assert (card.trend, card.costs) == (None, []), "it says nothing of a trend"
    assert card.sentence == (
        "UNVERIFIED: the guard refused the drill: the secondary is out (steady-state); nothing was "
        "touched (simulated)."
    )
    required = [row for row in card.metrics if row.required]
    assert {row.verdict for row in required} == {"unverified"}
    assert {row.cause for row in required} == {ADVICE["ended-early"].cause}
    assert {row.value for row in required} == {None}, "nothing was measured, not even a zero"


def test_a_refusal_that_no_rule_made_says_why_too() -> None:
    story = Story().add(0.4, UndoOrdered, ended="refused", why=f"did you mean {PRIMARY}?")
    card = card_of(story.add(0.5, RunSealed, ended="refused", settled=True))
    assert card.sentence.startswith(
        "UNVERIFIED: the drill was refused: did you mean the primary?; nothing was touched"
    )


def test_an_aborted_drill_says_first_what_ended_it_and_what_it_hides_once() -> None:
    story = Story().fault(0.5).opened(1).add(2, UndoOrdered, ended="aborted", why="2 s are over")
    card = card_of(story.ended(2, "aborted"))
    assert card.sentence == (
        "UNVERIFIED: the drill was aborted: 2 s are over; everything was undone (simulated)."
    )
    assert {row.value for row in card.metrics if row.required} == {None}


def test_what_ended_a_drill_is_told_before_what_was_missed() -> None:
    card = card_of(paged().ended(34, "aborted"))
    assert card.sentence.startswith(
        "NOT READY: the drill was aborted: for the test; the secondary did not acknowledge"
    )


def test_a_drill_that_was_ended_before_the_escalation_says_nothing_of_the_policy() -> None:
    aborted = Story().fault(0.5).opened(1).ended(2, "aborted")
    causes = {row.id: row.cause for row in card_of(aborted).metrics}
    assert {causes[id_] for id_ in PEOPLE} == {ADVICE["ended-early"].cause}
    completed = {row.id: row.cause for row in card_of(Story().fault(0.5).completed(34)).metrics}
    assert completed["M1"] == ADVICE["not-escalated"].cause
    assert completed["M7"] == ADVICE["access-unclear"].cause


def test_the_sentence_tells_two_reasons_and_how_many_more() -> None:
    card = card_of(paged().completed(34))
    assert card.sentence == (
        "NOT READY: the secondary did not acknowledge within 10 s; the secondary did no step "
        "that eases the incident within 30 s; and 1 more reason; everything was undone (simulated)."
    )


def test_a_denial_is_told_first() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).escalated(4)
    card = card_of(story.checked(4.2, {"may scale": "denied"}).completed(34))
    assert card.sentence.startswith("NOT READY: the secondary was denied 1 access check")


def test_texts_speak_of_roles_alone() -> None:
    stories = [
        prompt().completed(12),
        paged().acknowledged(5, BYSTANDER).step(6, "lift", BYSTANDER).completed(34),
        paged().acknowledged(5, PRIMARY).action(7, "scale", allowed=False).completed(34),
        prompt().step(8.5, "lift", BYSTANDER).completed(12),
    ]
    for story in stories:
        card = card_of(story)
        texts = [card.sentence, *(cost.what for cost in card.costs)]
        texts += [
            text or "" for row in card.metrics for text in (row.seen, row.cause, row.next_step)
        ]
        for person in (PRIMARY, SECONDARY, BYSTANDER):
            assert not any(person in text for text in texts)


def test_what_is_not_met_has_a_cause_and_a_next_step_and_what_is_met_has_none() -> None:
    for story in (paged().completed(34), paged().ended(9, "aborted"), Story().completed(12)):
        for row in card_of(story).metrics:
            assert row.seen
            assert "\n" not in row.seen
            assert (row.cause is None) == (row.next_step is None) == (row.verdict == "met")


# Trend


def test_the_trend_counts_rows_at_fixed_costs() -> None:
    card = card_of(paged().completed(34))
    assert [(cost.what, cost.points) for cost in card.costs] == [
        ("secondary response missed", trend.REQUIRED["missed"]),
        ("first mitigation missed", trend.REQUIRED["missed"]),
        ("runbook adherence missed", trend.REQUIRED["missed"]),
    ]
    assert card.trend == 25


def test_the_trend_never_falls_below_zero() -> None:
    card = card_of(Story().ended(1, "aborted", settled=False))
    assert sum(cost.points for cost in card.costs) > 100
    assert card.trend == 0


def test_what_gates_nothing_costs_less() -> None:
    drill = targets(escalation_latency="10s", runbook_adherence="100%")
    costs = {cost.what: cost.points for cost in card_of(paged(drill).completed(34)).costs}
    assert costs == {
        "secondary response missed": trend.SHOWN["missed"],
        "first mitigation missed": trend.SHOWN["missed"],
        "runbook adherence missed": trend.REQUIRED["missed"],
    }


# Changes


def history(story: Story, **verdicts: Any) -> Story:
    return story.add(0.1, HistoryRecorded, run="run-0", readiness="not ready", verdicts=verdicts)


def test_the_first_run_has_nothing_to_compare() -> None:
    assert card_of(prompt().completed(12)).changes is None


def test_fixed_regressed_and_new() -> None:
    story = history(paged(), M1="met", M3="missed", M7="missed", M10="unverified")
    changes = card_of(story.completed(34)).changes
    assert changes is not None
    assert changes.since == "run-0"
    assert (changes.fixed, changes.regressed) == (["M7", "M10"], ["M1"])
    assert changes.new == [
        "M8",
        "delivery",
        "detection_time",
        "runbook_adherence",
        "recovery_time",
        "undo_time",
    ]


def test_between_missed_and_unverified_nothing_changed() -> None:
    changes = card_of(history(paged(), M1="unverified").completed(34)).changes
    assert changes is not None
    assert "M1" not in changes.fixed + changes.regressed + changes.new
