"""What every fault must do, on every kind of target."""

from typing import get_args

import pytest

from drillmaster.faults.base import FaultKind, Injection, Known
from drillmaster.targets.base import RUN, ClosedError, DeclinedError, GoneError
from drillmaster.targets.gone import gone_target
from tests.faults.stagings import Staging
from tests.support.sandbox import eventually

Entry = tuple[str, str]


def test_a_fault_comes_in_is_seen_and_goes(entry: Entry, kind: FaultKind, staging: Staging) -> None:
    fault, target = staging.fault(entry[0]), staging.target
    assert not kind.present(fault, target)
    assert kind.effect(fault, target) is None
    assert kind.hindrance(fault, target) is None
    assert not kind.present(fault, target), "asking whether it can be undone changes nothing"
    radius = kind.radius(fault, target)
    assert (radius.selected, radius.ready) == ((4, 4) if staging.marked(entry[0]) else (0, 0))
    assert 0 <= radius.takes_down <= radius.selected
    touched = kind.inject(fault, target, 1).touched
    assert touched
    assert kind.present(fault, target)
    if staging.visible(entry[0]):
        eventually(lambda: kind.effect(fault, target))
    else:
        assert kind.effect(fault, target) is None
    done = kind.undo(fault, target, "injected")
    assert (done.was_present, done.residue) == (True, None)
    assert not kind.present(fault, target)
    assert kind.effect(fault, target) is None
    eventually(staging.well)


def test_an_undo_may_be_repeated(entry: Entry, kind: FaultKind, staging: Staging) -> None:
    fault, target = staging.fault(entry[0]), staging.target
    kind.inject(fault, target, 1)
    assert kind.undo(fault, target, "injected").was_present
    again = kind.undo(fault, target, "undone")
    assert (again.was_present, again.residue) == (False, None)
    assert again.ended_by in {None, RUN}
    assert not kind.undo(fault, target, "intent").was_present
    assert not kind.present(fault, target)


def test_an_undo_needs_no_injection(entry: Entry, kind: FaultKind, staging: Staging) -> None:
    fault, target = staging.fault(entry[0]), staging.target
    for known in get_args(Known):
        assert not kind.undo(fault, target, known).was_present
        assert not kind.present(fault, target)
    eventually(staging.well)


@pytest.mark.parametrize("came", [True, False], ids=["after-it-was-in", "before-it-was-in"])
def test_an_injection_that_comes_after_the_undo_is_refused(
    entry: Entry, kind: FaultKind, staging: Staging, came: bool
) -> None:
    if not kind.closes_door():
        pytest.skip("this target remembers nothing; the settlement looks again")
    fault, target = staging.fault(entry[0]), staging.target
    if came:
        kind.inject(fault, target, 1)
    kind.undo(fault, target, "injected")
    for round_ in (1, 2):
        with pytest.raises(ClosedError):
            kind.inject(fault, target, round_)
    assert not kind.present(fault, target)


def test_what_a_responder_changed_is_left_and_reported(
    entry: Entry, kind: FaultKind, staging: Staging
) -> None:
    fault, target = staging.fault(entry[0]), staging.target
    kind.inject(fault, target, 1)
    words = staging.respond(entry[0])
    lifted = staging.lifts(entry[0])
    assert kind.present(fault, target) is not lifted
    done = kind.undo(fault, target, "injected")
    assert done.was_present is not lifted
    assert words in (done.residue or "")
    assert bool(done.residue) == bool(words)
    if kind.closes_door():  # else it does not remember either who had lifted it
        assert kind.undo(fault, target, "injected").residue == done.residue


def test_every_round_can_be_repeated(entry: Entry, kind: FaultKind, staging: Staging) -> None:
    fault, target = staging.fault(entry[0]), staging.target
    for round_ in (1, 1, 2):
        if "every" in fault.arguments:  # a pod that is down already is not killed
            eventually(staging.all_ready)
        assert kind.inject(fault, target, round_).touched
    marks = [fault.id] if staging.marked(entry[0]) else []
    assert [mark.fault for mark in target.marks()] == marks
    assert kind.undo(fault, target, "injected").was_present
    assert not kind.present(fault, target)


def test_a_target_that_is_gone_took_with_it_what_it_showed(
    entry: Entry, kind: FaultKind, staging: Staging
) -> None:
    fault, gone = staging.fault(entry[0]), gone_target(staging.target.address)
    kind.inject(fault, staging.target, 1)
    if staging.marked(entry[0]):
        asked = [kind.effect] if staging.visible(entry[0]) else []
        for ask in (kind.present, kind.hindrance, *asked):
            with pytest.raises(GoneError):
                ask(fault, gone)
        with pytest.raises(GoneError):
            kind.undo(fault, gone, "injected")
    else:
        assert kind.undo(fault, gone, "injected").was_present
        assert not kind.present(fault, gone)


def test_two_faults_of_one_kind_are_undone_apart(
    entry: Entry, kind: FaultKind, staging: Staging
) -> None:
    one, other, target = staging.fault(entry[0]), staging.fault(entry[0]), staging.target
    theirs, others = kind.exclusive(one, target), kind.exclusive(other, target)
    assert (theirs != others) == staging.excludes(entry[0]), "the guard tells beforehand"
    kind.inject(one, target, 1)
    if staging.excludes(entry[0]):
        with pytest.raises(DeclinedError):
            kind.inject(other, target, 1)
        assert not kind.present(other, target)
        kind.undo(one, target, "injected")
        eventually(staging.well)
        kind.inject(other, target, 1)
    else:
        kind.inject(other, target, 1)
        kind.undo(one, target, "injected")
    assert not kind.present(one, target)
    assert kind.present(other, target)
    kind.undo(other, target, "injected")
    eventually(staging.well)


def test_its_mark_is_enough_to_find_and_undo_it(
    entry: Entry, kind: FaultKind, staging: Staging
) -> None:
    if not staging.marked(entry[0]):
        pytest.skip("nothing at the target shows it")
    fault, target = staging.fault(entry[0]), staging.target
    kind.inject(fault, target, 1)
    (mark,) = target.marks()
    assert (mark.fault, mark.run, mark.kind) == (fault.id, fault.run, fault.kind)
    assert mark.expires.timestamp() == pytest.approx(fault.expires)
    assert kind.undo(Injection.of_mark(mark), target, "intent").was_present
    assert not kind.present(fault, target)
    assert list(target.marks()) == []
    eventually(staging.well)


@pytest.mark.parametrize(
    "nothing",
    [{"selector": "app=payments"}, {"namespace": "prod"}, {"selector": "app=checkout,x=y"}],
)
def test_a_selector_without_a_pod_touches_nothing(
    entry: Entry, kind: FaultKind, staging: Staging, nothing: dict[str, str]
) -> None:
    if "selector" not in staging.fault(entry[0]).arguments:
        pytest.skip("it selects no pods")
    fault, target = staging.fault(entry[0], **nothing), staging.target
    strange = target.kind == "kubernetes" and "namespace" in nothing
    if strange:
        with pytest.raises(DeclinedError, match="namespace prod is none of the environment's"):
            kind.radius(fault, target)
    else:
        radius = kind.radius(fault, target)
        assert (radius.selected, radius.takes_down) == (0, 0)
    with pytest.raises(DeclinedError, match="none of the environment's" if strange else "no pod"):
        kind.inject(fault, target, 1)
    assert not kind.present(fault, target)
