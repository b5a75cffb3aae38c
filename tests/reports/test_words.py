"""Each event in one line for people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.reports.plain import JOINERS
from drillmaster.reports.words import say
from drillmaster.timeline.events import Event
from tests.reports.hostile import KINDS, a_few, events
from tests.reports.sample import action, event, records


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@a_few
@given(data=st.data())
def test_every_event_is_one_safe_line_whatever_it_holds(kind: type[Event], data: Any) -> None:
    line = say(data.draw(events(kind)))
    assert line
    assert line == " ".join(line.split())
    assert all(char.isprintable() or char in JOINERS for char in line)


def test_a_run_reads_as_a_story() -> None:
    lines = [say(record.event) for record in records()]
    assert (
        lines[0] == "Drill checkout-degraded started on sandbox by ada, with a simulated responder"
    )
    assert "Fault pod-churn injected, round 2: checkout-3" in lines
    assert "responder-2 acknowledged through link, as secondary" in lines
    assert "responder-2 was denied scale on shop/checkout (replicas=6)" in lines
    assert "Step lift-the-throttle done by responder-2 (proved, seen by audit)" in lines
    assert "Fault throttle was gone already: a responder had ended it" in lines
    assert lines[-1] == "Run sealed: completed, everything undone"


def test_an_automation_is_no_person() -> None:
    bot = event(
        1, "acknowledged", "oncall", incident="i", person=None, role=None,
        agent="automation", via="api",
    )  # fmt: skip
    assert say(bot) == "An automation acknowledged through api"


def test_somebody_who_is_not_on_call_is_named_so() -> None:
    stranger = event(
        1, "acknowledged", "oncall", incident="i", person="responder-9", role=None,
        agent="person", via="cli",
    )  # fmt: skip
    assert say(stranger) == "responder-9 acknowledged through cli, who is not on call"


def test_what_was_left_at_the_undo_is_said() -> None:
    undone = event(9, "fault-undone", "runner", fault="f", by="watchdog", residue="scaled to 6")
    assert say(undone) == "Fault f undone by the watchdog; left as it was found: scaled to 6"


def test_a_step_that_was_met_before_anybody_did_it() -> None:
    baseline = event(
        2, "step-already-met", "target", step="scale-out", how="state",
        detail="desired-replicas of shop/checkout is 6",
    )  # fmt: skip
    assert say(baseline) == (
        "Step scale-out cannot be seen: its evidence was there already "
        "(state: desired-replicas of shop/checkout is 6)"
    )


def test_a_step_of_which_the_record_cannot_tell() -> None:
    unseen = event(2, "step-unseen", "target", step="scale-out", how="audit", detail="no log")
    assert say(unseen) == "Step scale-out cannot be seen: no log"


def test_an_action_without_settings_has_no_brackets() -> None:
    assert say(action(1, "a", "view")) == "responder-2 did view on shop/checkout"
