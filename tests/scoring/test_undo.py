"""Undo and recovery."""

import pytest

from drillmaster.scoring.causes import ADVICE
from drillmaster.timeline.events import (
    FaultInjected,
    FaultStuck,
    FaultUndone,
    RunSealed,
    SteadyStateLost,
    SteadyStateReturned,
    UndoOrdered,
)
from tests.scoring.cards import card_of, metric, paged, prompt, shown, targets
from tests.support.timelines import Story

BOTH = targets(undo_time="1s", recovery_time="2s", secondary_response="10s")


def undone(at: float, *, fault: str = "throttle", by: str = "supervisor") -> Story:
    story = prompt(paged(BOTH)).add(12, UndoOrdered, ended="completed", why="done")
    return story.add(at, FaultUndone, fault=fault, by=by)


def sealed(story: Story, at: float = 20) -> Story:
    return story.add(at, RunSealed, ended="completed", settled=True)


@pytest.mark.parametrize(("at", "verdict"), [(12.98, "met"), (13, "unverified"), (13.1, "missed")])
def test_from_the_order_to_the_last_fault_gone(at: float, verdict: str) -> None:
    story = sealed(undone(12.5).add(at, FaultUndone, fault="latency", by="runner"))
    row = metric(story, "undo_time")
    assert (row.value, row.verdict) == (round(at - 12, 6), verdict)


def test_a_fault_that_was_gone_before_takes_no_time() -> None:
    row = metric(sealed(undone(9, by="expiry")), "undo_time")
    assert (row.value, row.bound, row.verdict) == (0.0, 0.0, "met")


def test_a_fault_that_was_not_seen_gone_is_missed() -> None:
    story = sealed(undone(12.5).add(10, FaultInjected, fault="latency", round=1, touched=[]))
    row = metric(story, "undo_time")
    assert (row.value, row.verdict) == (None, "missed")
    card = card_of(story)
    assert not card.settled
    assert card.readiness == "not ready"


def test_nothing_is_said_of_recovery_while_a_fault_is_in() -> None:
    story = undone(12.5).add(10, FaultInjected, fault="latency", round=1, touched=[])
    story.add(72, FaultStuck, fault="latency", reason="no answer")
    row = metric(story, "recovery_time")
    assert (row.verdict, row.cause) == ("unverified", ADVICE["not-undone"].cause)


def test_a_stuck_fault_that_was_undone_later_is_gone() -> None:
    story = undone(30).add(14, FaultStuck, fault="throttle", reason="no answer")
    story.add(31, SteadyStateReturned)
    row = metric(sealed(story, 32), "undo_time")
    assert (row.value, row.verdict) == (18.0, "missed")
    assert card_of(story).settled


def test_a_fault_that_is_stuck_after_its_undo_is_in() -> None:
    story = sealed(undone(12.5).add(13, FaultStuck, fault="throttle", reason="it is back"))
    assert not card_of(story).settled


def test_without_a_fault_there_is_nothing_to_undo() -> None:
    story = Story().opened(1).ended(12, "completed", faults=())
    assert "undo_time" not in shown(story)
    assert (
        metric(Story(BOTH).ended(12, "completed", faults=()), "undo_time").verdict == "unverified"
    )


def test_from_the_undo_to_steady_state() -> None:
    row = metric(sealed(undone(12.5).add(14, SteadyStateReturned)), "recovery_time")
    assert (row.value, row.verdict) == (1.5, "met")
    row = metric(sealed(undone(12.5).add(15, SteadyStateReturned)), "recovery_time")
    assert (row.value, row.verdict) == (2.5, "missed")


def test_without_a_fault_recovery_begins_with_the_order() -> None:
    row = metric(Story().opened(1).ended(12, "completed", faults=()), "recovery_time")
    assert row.value == 0.8


def test_steady_state_that_did_not_return_is_missed() -> None:
    story = sealed(undone(12.5).add(18, SteadyStateLost, names=["checkout answers"]))
    row = metric(story, "recovery_time")
    assert (row.value, row.verdict) == (None, "missed")


def test_steady_state_that_came_back_at_last_has_a_time() -> None:
    story = undone(12.5).add(18, SteadyStateLost, names=["x"]).add(40, SteadyStateReturned)
    assert metric(sealed(story, 41), "recovery_time").value == 27.5


def test_steady_state_that_was_lost_again_did_not_return() -> None:
    story = undone(12.5).add(14, SteadyStateReturned).add(18, SteadyStateLost, names=["x"])
    assert metric(sealed(story), "recovery_time").verdict == "missed"


def test_steady_state_that_nobody_looked_at_is_unverified() -> None:
    assert metric(sealed(undone(12.5)), "recovery_time").verdict == "unverified"


def test_a_refused_run_has_nothing_to_recover_from() -> None:
    story = Story(targets(secondary_response="10s")).ended(1, "refused", faults=())
    assert "recovery_time" not in shown(story)
