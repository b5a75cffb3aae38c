"""Which faults there are, and what is said about one that is not."""

from importlib.metadata import EntryPoint

import pytest

from drillmaster.definitions.faults import Fault
from drillmaster.errors import InvalidError
from drillmaster.faults import registry
from drillmaster.faults.pods import SandboxPodChurn
from drillmaster.faults.registry import ANYWHERE, KINDS, kind_of


def test_every_fault_of_a_drill_can_be_injected_somewhere() -> None:
    written = {Fault.written(name) for name in Fault.kinds()} - {"unreachable-primary"}
    assert {kind for kind, _ in KINDS} | set(ANYWHERE) == written


def test_an_unreachable_primary_is_no_fault_of_a_target() -> None:
    with pytest.raises(InvalidError):
        kind_of("unreachable-primary", "sandbox")


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("pod-chrun", "did you mean pod-churn?"),
        ("meltdown", "there is chaos, experiment, latency, pod-churn"),
    ],
)
def test_an_unknown_fault_is_told_with_the_closest_one(kind: str, hint: str) -> None:
    with pytest.raises(InvalidError) as caught:
        kind_of(kind, "sandbox")
    assert f"no fault {kind} on a target of kind sandbox" in str(caught.value)
    assert hint in str(caught.value)


def test_an_unknown_target_has_only_the_faults_that_work_anywhere() -> None:
    with pytest.raises(InvalidError, match=r"there is chaos, experiment$"):
        kind_of("throttle", "mainframe")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("disk-full@sandbox", "tests.faults.test_registry:PLUGGED", registry.GROUP),
        EntryPoint("broken@sandbox", "tests.faults.no_such_module:KIND", registry.GROUP),
        EntryPoint("throttle@sandbox", "tests.faults.no_such_module:KIND", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry._plugged.cache_clear()
    monkeypatch.setattr(registry, "_plugged", registry._plugged.__wrapped__)


PLUGGED = SandboxPodChurn()


@pytest.mark.usefixtures("plugged")
def test_others_add_faults_through_entry_points_that_are_loaded_when_needed() -> None:
    assert kind_of("disk-full", "sandbox") is PLUGGED
    with pytest.raises(InvalidError, match="did you mean disk-full"):
        kind_of("disk-fill", "sandbox")


@pytest.mark.usefixtures("plugged")
def test_an_entry_point_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(InvalidError, match=r"broken@sandbox: .* \(ModuleNotFoundError\)"):
        kind_of("broken", "sandbox")


@pytest.mark.usefixtures("plugged")
def test_what_comes_with_drillmaster_is_not_replaced() -> None:
    assert kind_of("throttle", "sandbox") is KINDS["throttle", "sandbox"]
