"""M3 and M7: first mitigation and access."""

import pytest

from drillmaster.timeline.events import FaultInjected, FaultIntended, FaultUndone
from tests.scoring.cards import card_of, metric, paged, prompt, shown, targets
from tests.support.timeline_definitions import BYSTANDER, DRILL, RUNBOOK, changed
from tests.support.timelines import Story

# First mitigation


def test_it_ends_at_the_first_step_that_mitigates() -> None:
    row = metric(prompt().completed(12), "M3")
    assert (row.value, row.bound, row.verdict, row.evidence) == (4.0, 0.02, "met", "proved")


@pytest.mark.parametrize(
    ("at", "precision", "verdict"),
    [
        (33.98, 0.01, "met"),
        (34.0, 0.01, "unverified"),
        (34.1, 0.01, "missed"),
        (33, 2, "unverified"),
    ],
)
def test_its_target(at: float, precision: float, verdict: str) -> None:
    story = paged().acknowledged(6).step(7, "look").step(at, "lift", precision=precision)
    assert metric(story.completed(40), "M3").verdict == verdict


def test_somebody_elses_mitigation_does_not_count() -> None:
    story = paged().acknowledged(6).step(8, "lift", BYSTANDER).step(11, "scale").completed(34)
    assert metric(story, "M3").value == 7.0


def test_a_mitigation_before_the_escalation_does_not_count() -> None:
    story = Story().fault(0.5).opened(1).suppressed(1).step(3, "lift").escalated(4)
    story.acknowledged(6).step(9, "scale").completed(34)
    assert metric(story, "M3").value == 5.0


def test_evidence_without_a_person_is_authorised_at_the_most() -> None:
    story = paged().acknowledged(6).step(8, "lift", None, grade="proved").completed(34)
    row = metric(story, "M3")
    assert (row.value, row.verdict, row.evidence) == (4.0, "met", "authorised")


def test_what_healed_by_itself_is_unverified() -> None:
    story = paged().acknowledged(6).add(7, FaultUndone, fault="throttle", by="expiry")
    row = metric(story.step(8, "lift", None).completed(34), "M3")
    assert (row.value, row.verdict) == (4.0, "unverified")


@pytest.mark.parametrize(
    ("returned", "verdict"), [(7, "met"), (8.5, "unverified"), (None, "unverified")]
)
def test_what_a_method_may_have_mended_itself_is_unverified(
    returned: float | None, verdict: str
) -> None:
    """An experiment breaks, waits and mends: its call returns when all that is done."""
    story = paged().add(0.5, FaultIntended, fault="ours", kind="experiment")
    if returned is not None:
        story.add(returned, FaultInjected, fault="ours", round=1, touched=[])
    story.acknowledged(6).step(8, "lift", None)
    assert metric(story.completed(34, faults=("throttle", "ours")), "M3").verdict == verdict


@pytest.mark.parametrize(
    ("by", "precision", "verdict"),
    [
        ("expiry", 0.0, "unverified"),  # there was nothing left to ease
        ("runner", 5.0, "unverified"),  # it was found gone, and had been so since any time
        ("responder", 5.0, "met"),
        ("runner", 0.0, "unverified"),
    ],
)
def test_after_the_last_fault_is_gone_nothing_is_eased(
    by: str, precision: float, verdict: str
) -> None:
    story = paged().acknowledged(6)
    story.add(7, FaultUndone, precision=precision, fault="throttle", by=by)
    row = metric(story.step(9, "scale").completed(34), "M3")
    assert (row.value, row.verdict) == (5.0, verdict)


def test_a_fault_that_is_still_in_can_be_eased() -> None:
    story = paged().fault(4.5, "churn").acknowledged(6)
    story.add(7, FaultUndone, fault="throttle", by="expiry")
    row = metric(story.step(9, "scale").completed(34), "M3")
    assert (row.value, row.verdict) == (5.0, "met")


@pytest.mark.parametrize(
    ("at", "how", "verdict"),
    [
        (33, "completed", "missed"),
        (33, "aborted", "unverified"),
        (33, "interrupted", "unverified"),
        (35, "aborted", "missed"),
    ],
)
def test_no_mitigation(at: float, how: str, verdict: str) -> None:
    row = metric(paged().acknowledged(6).step(7, "look").ended(at, how), "M3")
    assert (row.value, row.verdict) == (None, verdict)


def test_without_an_escalation_there_is_nothing_to_measure() -> None:
    assert metric(Story().opened(1).suppressed(1).completed(34), "M3").verdict == "unverified"


def test_a_runbook_that_mitigates_nothing() -> None:
    steps = [step | {"mitigates": False} for step in RUNBOOK["steps"]]
    runbook = changed(RUNBOOK, steps=steps)
    assert metric(prompt(paged(runbook=runbook)).completed(12), "M3").verdict == "unverified"
    drill = targets(secondary_response="10s")
    assert "M3" not in shown(prompt(paged(drill, runbook=runbook)).completed(12))


def test_the_cause_follows_what_was_seen() -> None:
    denied = paged().acknowledged(6).action(7, "lift-throttle", allowed=False).completed(34)
    silent = paged().completed(34)
    idle = paged().acknowledged(6).step(7, "look").completed(34)
    causes = [metric(story, "M3").cause for story in (denied, silent, idle)]
    assert len(set(causes)) == 3
    assert "permissions" in (causes[0] or "")


# Access

BOTH = {"may scale": "denied", "may lift-throttle": "denied"}


def checked(answers: dict[str, str]) -> Story:
    return prompt(Story().fault(0.5).opened(1).suppressed(1).escalated(4).checked(4.2, answers))


def test_controls_do_not_count() -> None:
    row = metric(checked({}).completed(12), "M7")
    assert (row.value, row.bound, row.verdict, row.evidence) == (0.0, 0.0, "met", "authorised")
    assert len(card_of(checked({}).completed(12)).access) == 2


@pytest.mark.parametrize(
    ("answers", "value", "verdict"),
    [
        ({"may scale": "denied"}, 1, "missed"),
        (BOTH, 2, "missed"),
        ({"may scale": "unreachable"}, 0, "unverified"),
        ({"may scale": "unverified"}, 0, "unverified"),
        ({"may scale": "denied", "may lift-throttle": "unreachable"}, 1, "missed"),
    ],
)
def test_answers(answers: dict[str, str], value: int, verdict: str) -> None:
    row = metric(checked(answers).completed(12), "M7")
    assert (row.value, row.verdict) == (value, verdict)
    assert (row.bound is None) == ("un" in str(answers))


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"may scale": "denied"}, "met"),
        (BOTH, "missed"),
        ({"may scale": "unreachable"}, "met"),
        ({"may scale": "denied", "may lift-throttle": "unreachable"}, "unverified"),
    ],
)
def test_a_target_above_zero(answers: dict[str, str], verdict: str) -> None:
    drill = changed(DRILL, targets__access_failures=1)
    story = Story(drill).fault(0.5).opened(1).suppressed(1).escalated(4).checked(4.2, answers)
    assert metric(prompt(story).completed(12), "M7").verdict == verdict


def test_an_action_that_was_denied_counts() -> None:
    story = prompt().action(9.5, "failover", allowed=False).completed(12)
    row = metric(story, "M7")
    assert (row.value, row.verdict) == (1.0, "missed")
    assert "failover" in row.seen


def test_what_is_denied_to_others_does_not_count() -> None:
    story = prompt().action(9.5, "failover", BYSTANDER, allowed=False).completed(12)
    assert metric(story, "M7").verdict == "met"


def test_an_answer_on_asking_again_counts() -> None:
    story = checked({"may scale": "unreachable"}).checked(10).completed(12)
    assert metric(story, "M7").verdict == "met"


def test_a_denial_stays_when_it_is_allowed_later() -> None:
    story = checked({"may scale": "denied"}).checked(10).completed(12)
    assert metric(story, "M7").verdict == "missed"


def test_checks_that_were_never_asked_are_unverified() -> None:
    story = prompt(Story().fault(0.5).opened(1).suppressed(1).escalated(4)).completed(12)
    row = metric(story, "M7")
    assert (row.value, row.verdict) == (None, "unverified")
    assert card_of(story).readiness == "unverified"


def test_no_profile_no_row() -> None:
    drill = targets(secondary_response="10s")
    assert "M7" not in shown(prompt(paged(drill, access=None)).completed(12))


def test_a_denied_action_shows_without_a_profile() -> None:
    drill = targets(secondary_response="10s")
    story = prompt(paged(drill, access=None)).action(9.5, "failover", allowed=False)
    row = metric(story.completed(12), "M7")
    assert (row.value, row.verdict, row.required, row.target) == (1.0, "missed", False, 0.0)
