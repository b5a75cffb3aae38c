"""The probes that ask the target itself: state, permission and audit."""

import threading
import time
from collections.abc import Iterator

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import AuditProbe, PermissionProbe, Probe, StateProbe
from drillmaster.errors import InvalidError
from drillmaster.probes.audit import matches, records
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.base import GoneError, Identity, UnreachableError
from tests.support.target import MemoryTarget

CHECKOUT = {"namespace": "shop", "workload": "checkout"}
STATE = StateProbe.model_validate(CHECKOUT | {"what": "ready-replicas", "at_least": 1})
PERMISSION = PermissionProbe.model_validate(CHECKOUT | {"can": "scale"})
AUDIT = AuditProbe.model_validate(CHECKOUT | {"action": "scale"})
ME = Identity("responder-2")


def put(body: Probe, target: MemoryTarget | None, identity: Identity | None = None) -> Answer:
    return ask(body, Asking(SteadyClock(), target, identity))


@pytest.mark.parametrize(
    ("shape", "outcome", "value", "seen"),
    [
        ({"what": "desired-replicas", "at_least": 4}, "yes", 4, "is 4"),
        ({"what": "ready-replicas", "at_least": 4}, "no", 3, "is 3"),
        ({"what": "ready-replicas", "at_most": 3}, "yes", 3, "is 3"),
        ({"what": "ready-replicas", "equals": "3"}, "yes", 3, "is 3"),
        ({"what": "throttled-share", "at_most": 0}, "no", 0.6, "is 0.6"),
        ({"what": "throttled-share", "equals": "0.6"}, "yes", 0.6, "is 0.6"),
        ({"what": "added-delay", "at_least": 0.25}, "yes", 0.25, "is 0.25"),
        ({"what": "database", "equals": "standby"}, "yes", "standby", "is standby"),
        ({"what": "database", "equals": "primary"}, "no", "standby", "is standby"),
        ({"what": "database", "at_least": 1}, "unclear", "standby", "equals"),
    ],
)
def test_state(shape: dict[str, object], outcome: str, value: object, seen: str) -> None:
    answer = put(StateProbe.model_validate(CHECKOUT | shape), MemoryTarget())
    assert (answer.outcome, answer.value) == (outcome, value)
    assert seen in answer.detail


def test_the_state_of_no_workload_is_unclear() -> None:
    answer = put(STATE, MemoryTarget(states={}))
    assert (answer.outcome, answer.detail) == ("unclear", "there is no workload checkout in shop")


def test_permission() -> None:
    target = MemoryTarget(may={("responder-2", "scale")})
    assert put(PERMISSION, target, ME).outcome == "yes"
    answer = put(PERMISSION, target, Identity("nobody"))
    assert (answer.outcome, answer.value) == ("denied", False)
    assert answer.detail == "nobody may not scale shop/checkout"


def test_a_permission_is_somebodys() -> None:
    assert put(PERMISSION, MemoryTarget()).outcome == "unclear"


def test_audit() -> None:
    target = MemoryTarget()
    assert put(AUDIT, target).outcome == "no"
    target.did("responder-3", "scale", allowed=False, succeeded=False)
    assert put(AUDIT, target).outcome == "no"
    done = target.did("responder-3", "scale")
    answer = put(AUDIT, target)
    assert (answer.outcome, answer.value) == ("yes", done.id)
    assert put(AUDIT, target, ME).outcome == "no"
    assert put(AUDIT, target, Identity("responder-3")).outcome == "yes"


@pytest.mark.parametrize(
    ("expected", "had", "same"),
    [
        ({}, {"replicas": 6}, True),
        ({"replicas": 6}, {"replicas": 6, "why": "load"}, True),
        ({"replicas": 6}, {"replicas": 6.0}, True),
        ({"replicas": 6}, {"replicas": 5}, False),
        ({"replicas": 6}, {"replicas": "6"}, False),
        ({"replicas": 6}, {}, False),
    ],
)
def test_parameters_are_equal_where_they_are_given(
    expected: dict[str, object], had: dict[str, object], same: bool
) -> None:
    probe = AuditProbe.model_validate(CHECKOUT | {"action": "scale", "parameters": expected})
    assert matches(probe, MemoryTarget().did("responder-2", "scale", parameters=had)) == same


def test_only_a_deed_on_that_workload_matches() -> None:
    target = MemoryTarget()
    assert matches(AUDIT, target.did("responder-2", "scale"))
    assert not matches(AUDIT, target.did("responder-2", "restart"))
    assert not matches(AUDIT, target.did("responder-2", "scale", workload="cart"))
    assert not matches(AUDIT, target.did("responder-2", "scale", succeeded=False))
    assert not matches(AUDIT, target.did("responder-2", "scale", allowed=False))
    assert [record.id for record in records(target, "3")] == ["4", "5"]


@pytest.fixture
def hanging() -> Iterator[MemoryTarget]:
    stop = threading.Event()
    yield MemoryTarget(hangs=stop)
    stop.set()


@pytest.mark.parametrize("body", [STATE, PERMISSION, AUDIT], ids=lambda body: type(body).__name__)
class TestNoAnswer:
    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (UnreachableError("the target does not answer"), "unreachable"),
            (GoneError("the target is gone"), "unreachable"),
            (InvalidError("the token is wrong"), "unclear"),
        ],
    )
    def test_the_target_raises(self, body: Probe, error: Exception, outcome: str) -> None:
        answer = put(body, MemoryTarget(fails=error), ME)
        assert (answer.outcome, answer.detail) == (outcome, str(error))

    def test_the_target_hangs(self, body: Probe, hanging: MemoryTarget) -> None:
        begun = time.monotonic()
        answer = put(body.model_copy(update={"timeout": 0.1}), hanging, ME)
        assert time.monotonic() - begun < 2
        assert answer.outcome == "unreachable"

    def test_there_is_no_target(self, body: Probe) -> None:
        assert put(body, None, ME).outcome == "unclear"
