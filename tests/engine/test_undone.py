"""Who ended a fault, and when, as its timeline tells."""

from datetime import UTC, datetime, timedelta

import pytest

from drillmaster.engine.books.undone import told_of
from drillmaster.faults.base import Known, Undone
from drillmaster.timeline.events.machine import GONE

SINCE = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(seconds=8)
THEN = SINCE + timedelta(seconds=3)


@pytest.mark.parametrize(
    ("done", "known", "by"),
    [
        (Undone(was_present=True), "injected", "supervisor"),
        (Undone(was_present=True, residue="scaled meanwhile"), "injected", "supervisor"),
        (Undone(False, "lifted by responder-2 meanwhile"), "injected", "responder"),
        (Undone(False, ended_by="sweep of sre on a"), "injected", "sweep of sre on a"),
        (
            Undone(False, "scaled meanwhile", ended_by="sweep of sre on a"),
            "injected",
            "sweep of sre on a",
        ),
        (Undone(False, ended_by="run"), "injected", "supervisor"),
        (Undone(False), "injected", "unknown"),
        (Undone(False), "intent", "supervisor"),
        (Undone(False, GONE), "injected", "supervisor"),
        (Undone(False, by_itself=True), "injected", "expiry"),
    ],
)
def test_who_ended_a_fault(done: Undone, known: Known, by: str) -> None:
    assert told_of(done, known, "supervisor", SINCE, UNTIL)["by"] == by


def test_when_a_fault_ended() -> None:
    seen = told_of(Undone(False), "injected", "supervisor", SINCE, UNTIL)
    assert (seen["occurred_at"], seen["precision"]) == (SINCE + timedelta(seconds=4), 4.0)
    known = told_of(Undone(False, ended_at=THEN), "injected", "supervisor", SINCE, UNTIL)
    assert (known["occurred_at"], known["precision"]) == (THEN, 0.001)
