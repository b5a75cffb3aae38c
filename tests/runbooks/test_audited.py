"""Evidence from the target's own record of who did what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillmaster.clock import SteadyClock
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.targets.base import DeclinedError, GoneError
from drillmaster.timeline.events import ActionSeen, AnyEvent, StepEvidenced, StepUnseen
from tests.runbooks.books import audit, runbook, step
from tests.support.target import MemoryTarget

BOOK = runbook(
    step("look", audit("view")),
    step("lift", audit("lift-throttle")),
    step("scale-out", audit("scale", replicas=6)),
    step("look-again", audit("view"), optional=True),
    step("tell", {"self-report": {}}, optional=True),
)
PEOPLE = ("responder-2", "responder-3")


def watch(target: MemoryTarget) -> EvidenceWatch:
    return EvidenceWatch(BOOK, target, PEOPLE, SteadyClock())


def brief(events: list[AnyEvent]) -> list[tuple[str, str | None, str]]:
    """Kind, person, and step or action."""
    said: list[tuple[str, str | None, str]] = []
    for event in events:
        if isinstance(event, ActionSeen):
            said.append(("seen", event.person, event.action))
        else:
            assert isinstance(event, StepEvidenced)
            said.append(("step", event.person, event.step))
    return said


def test_a_step_that_is_done_is_proved() -> None:
    target = MemoryTarget()
    watching = watch(target)
    assert watching.poll() == []
    record = target.did("responder-2", "scale", parameters={"replicas": 6})
    seen, evidenced = watching.poll()
    assert isinstance(seen, ActionSeen)
    assert (seen.record, seen.person, seen.action) == (record.id, "responder-2", "scale")
    assert (seen.object, seen.parameters, seen.allowed) == ("shop/checkout", {"replicas": 6}, True)
    assert isinstance(evidenced, StepEvidenced)
    assert (evidenced.step, evidenced.person) == ("scale-out", "responder-2")
    assert (evidenced.grade, evidenced.how, evidenced.record) == ("proved", "audit", record.id)
    for event in (seen, evidenced):
        assert (event.occurred_at, event.precision) == (record.at, record.precision)
        assert event.observed_at >= event.occurred_at
        assert event.source == "target"
    assert watching.poll() == []


def test_what_was_done_before_the_page_is_nobodys_step() -> None:
    target = MemoryTarget()
    target.did("responder-2", "view")
    watching = watch(target)
    assert watching.poll() == []
    target.did("responder-2", "lift-throttle")
    assert brief(watching.poll()) == [
        ("seen", "responder-2", "lift-throttle"),
        ("step", "responder-2", "lift"),
    ]


def told(target: MemoryTarget, watching: EvidenceWatch, shift: timedelta) -> list[AnyEvent]:
    """What is told of a step whose record has another time than now."""
    target.did("responder-2", "lift-throttle", at=datetime.now(UTC) + shift)
    return watching.poll()


@pytest.mark.parametrize(
    ("shift", "why"),
    [
        (timedelta(seconds=-20), " s before the page: late, or the target's clock is behind"),
        (timedelta(seconds=30), "30.0 s after it was seen: the target's clock is ahead"),
        (timedelta(hours=2), "7200.0 s after it was seen: the target's clock is ahead"),
    ],
)
def test_a_record_of_another_time_is_told_once_and_proves_nothing(
    shift: timedelta, why: str
) -> None:
    target = MemoryTarget()
    watching = watch(target)
    (unseen,) = told(target, watching, shift)
    assert isinstance(unseen, StepUnseen)
    assert unseen.step == "lift"
    assert why in unseen.detail
    assert unseen.occurred_at <= datetime.now(UTC)
    assert told(target, watching, shift) == []
    assert brief(told(target, watching, timedelta())) == [
        ("seen", "responder-2", "lift-throttle"),
        ("step", "responder-2", "lift"),
    ]


def test_a_record_of_long_ago_that_comes_late_is_nobodys_step() -> None:
    target = MemoryTarget()
    assert told(target, watch(target), timedelta(days=-1)) == []


def test_a_time_that_may_be_since_the_page_is_believed() -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("responder-2", "view", at=datetime.now(UTC) - timedelta(seconds=5), precision=10.0)
    assert ("step", "responder-2", "look") in brief(watching.poll())
    assert ("step", "responder-2", "lift") in brief(told(target, watching, timedelta(seconds=1)))


def test_others_are_not_watched() -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("somebody-else", "view")
    assert watching.poll() == []


@pytest.mark.parametrize(("allowed", "succeeded"), [(False, False), (True, False)])
def test_an_attempt_is_seen_but_proves_no_step(allowed: bool, succeeded: bool) -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("responder-2", "view", allowed=allowed, succeeded=succeeded)
    (seen,) = watching.poll()
    assert isinstance(seen, ActionSeen)
    assert seen.allowed == allowed
    target.did("responder-2", "view")
    assert ("step", "responder-2", "look") in brief(watching.poll())


@pytest.mark.parametrize(
    ("action", "parameters", "workload"),
    [("restart", {}, "checkout"), ("scale", {"replicas": 5}, "checkout"), ("view", {}, "cart")],
)
def test_another_action_is_seen_but_is_no_step(
    action: str, parameters: dict[str, object], workload: str
) -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("responder-2", action, parameters=parameters, workload=workload)
    assert brief(watching.poll()) == [("seen", "responder-2", action)]


def test_a_repeat_is_no_second_evidence() -> None:
    target = MemoryTarget()
    watching = watch(target)
    for _ in range(2):
        target.did("responder-2", "lift-throttle")
    assert brief(watching.poll()) == [
        ("seen", "responder-2", "lift-throttle"),
        ("step", "responder-2", "lift"),
        ("seen", "responder-2", "lift-throttle"),
    ]


def test_steps_with_the_same_evidence_are_taken_in_order() -> None:
    target = MemoryTarget()
    watching = watch(target)
    for _ in range(3):
        target.did("responder-2", "view")
    assert [one for one in brief(watching.poll()) if one[0] == "step"] == [
        ("step", "responder-2", "look"),
        ("step", "responder-2", "look-again"),
    ]


def test_two_people_who_do_one_step_are_two_pieces_of_evidence() -> None:
    target = MemoryTarget()
    watching = watch(target)
    for who in PEOPLE:
        target.did(who, "lift-throttle")
    assert [one for one in brief(watching.poll()) if one[0] == "step"] == [
        ("step", "responder-2", "lift"),
        ("step", "responder-3", "lift"),
    ]


def test_a_target_that_does_not_answer_loses_nothing() -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("responder-2", "view")
    target.unplug()
    assert watching.poll() == []
    target.fails = GoneError("gone")
    assert watching.poll() == []
    target.fails = None
    assert len(watching.poll()) == 2


def test_a_record_that_cannot_be_read_is_told_once_for_each_step() -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.fails = DeclinedError("the environment names no audit_log")
    told = [*watching.poll(), *watching.poll()]
    assert all(isinstance(event, StepUnseen) for event in told)
    assert [(event.step, event.detail) for event in told if isinstance(event, StepUnseen)] == [
        (step, "the environment names no audit_log")
        for step in ("look", "lift", "scale-out", "look-again")
    ]
    target.fails = None
    target.did("responder-2", "view")
    assert ("step", "responder-2", "look") in brief(watching.poll())


def test_a_doubtful_record_is_no_step_and_says_why() -> None:
    target = MemoryTarget()
    watching = watch(target)
    target.did("responder-2", "scale", doubt="the number is not known", allowed=False)
    target.did("responder-2", "restart", doubt="no step asks for it")
    target.did("responder-2", "scale", doubt="the number is not known")
    refused, unseen = watching.poll()
    assert isinstance(refused, ActionSeen)
    assert not refused.allowed
    assert isinstance(unseen, StepUnseen)
    assert (unseen.step, unseen.detail) == ("scale-out", "scale: the number is not known")


def test_a_baseline_that_could_not_be_taken_goes_by_the_time() -> None:
    target = MemoryTarget()
    target.did("responder-2", "view", at=datetime.now(UTC) - timedelta(seconds=5))
    target.unplug()
    watching = watch(target)
    target.did("responder-2", "lift-throttle", at=datetime.now(UTC) + timedelta(milliseconds=1))
    assert watching.poll() == []
    target.fails = None
    assert brief(watching.poll()) == [
        ("seen", "responder-2", "lift-throttle"),
        ("step", "responder-2", "lift"),
    ]


def test_the_runbook_is_done_when_every_required_step_has_evidence() -> None:
    watching = watch(MemoryTarget())
    assert not watching.complete(set())
    assert not watching.complete({"look", "lift", "tell", "look-again"})
    assert watching.complete({"look", "lift", "scale-out"})
    assert watching.complete({"look", "lift", "scale-out", "tell", "unheard-of"})


ACTIONS = st.tuples(
    st.sampled_from([*PEOPLE, "somebody-else"]),
    st.sampled_from(["view", "lift-throttle", "restart"]),
    st.booleans(),
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.lists(ACTIONS, max_size=5), max_size=5))
def test_each_action_is_told_once_and_each_step_once_a_person(
    batches: list[list[tuple[str, str, bool]]],
) -> None:
    target = MemoryTarget()
    watching = watch(target)
    events: list[AnyEvent] = []
    for batch in batches:
        for who, action, allowed in batch:
            target.did(who, action, allowed=allowed, succeeded=allowed)
        events.extend(watching.poll())
    done = [action for batch in batches for action in batch if action[0] in PEOPLE]
    told = [event for event in events if isinstance(event, ActionSeen)]
    assert [(event.person, event.action, event.allowed) for event in told] == done
    steps = [(e.person, e.step) for e in events if isinstance(e, StepEvidenced)]
    assert len(steps) == len(set(steps))
    allowed_ones = [(who, action) for who, action, allowed in done if allowed]
    for who in PEOPLE:
        assert ((who, "lift") in steps) == ((who, "lift-throttle") in allowed_ones)
        assert ((who, "look-again") in steps) == (allowed_ones.count((who, "view")) > 1)
