"""How the runbook was followed."""

from drillmaster.timeline.events import FaultUndone
from tests.scoring.cards import (
    GOOD,
    TOLD,
    card_of,
    metric,
    outcomes,
    paged,
    prompt,
    ratio,
    rows,
    targets,
)
from tests.support.timeline_definitions import DRILL, RUNBOOK, SECONDARY, changed
from tests.support.timelines import Story


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
