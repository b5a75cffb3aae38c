"""Steps of which the record cannot tell: neither followed nor skipped."""

from tests.scoring.cards import GOOD, card_of, metric, outcomes, paged, prompt, ratio, rows
from tests.support.timeline_definitions import DRILL, changed
from tests.support.timelines import Story

WHY = "the environment names no audit_log"


def blind() -> Story:
    """A drill in which no record shows what anybody did."""
    story = paged().acknowledged(6)
    for step in ("look", "lift", "scale"):
        story.unseen(step, WHY)
    return story


def test_a_step_that_no_record_shows_is_unverified() -> None:
    story = blind().completed(34)
    unverified = dict.fromkeys(("look", "lift", "scale"), "unverified")
    assert outcomes(story) == GOOD | unverified | {"tell": "skipped"}
    assert ratio(story) == (None, "unverified")
    assert card_of(story).readiness == "unverified"
    [unseen] = [
        r.seq for r in story.records() if r.event.type == "step-unseen" and r.event.step == "look"
    ]
    look = rows(story)[0]
    assert (look.after, look.by, look.grade, look.events) == (None, [], None, [unseen])


def test_an_ack_after_which_nothing_can_be_seen_is_not_hollow() -> None:
    assert card_of(blind().completed(34)).acknowledgement.outcome == "expected"
    assert metric(blind().completed(34), "M1").verdict == "unverified"
    assert card_of(paged().acknowledged(6).completed(34)).acknowledgement.outcome == "hollow"


def test_it_says_why_and_what_to_do() -> None:
    story = blind().completed(34)
    row = metric(story, "runbook_adherence")
    assert f"(not to be seen, because {WHY}: look, lift, scale)" in row.seen
    assert "audit record" in (row.next_step or "")
    first = metric(story, "M3")
    assert (first.verdict, first.value) == ("unverified", None)
    assert first.seen.endswith(f"cannot be seen: {WHY}")
    assert first.cause == row.cause


def test_what_the_record_shows_after_all_counts_as_ever() -> None:
    story = prompt().unseen("look", WHY).unseen("lift", WHY).completed(12)
    assert outcomes(story) == GOOD


def test_one_step_that_cannot_be_seen_leaves_the_others_as_they_are() -> None:
    story = paged().acknowledged(6).step(7, "look").step(9, "scale")
    assert outcomes(story.unseen("lift", "no body").completed(34)) == GOOD | {"lift": "unverified"}


def test_a_lower_target_is_met_without_it() -> None:
    drill = changed(DRILL, targets__runbook_adherence="60%")
    story = paged(drill).acknowledged(6).step(7, "look").step(8, "lift").unseen("scale", WHY)
    assert ratio(story.completed(34)) == (0.666667, "met")
