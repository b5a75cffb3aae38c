"""What the single faults do to the sandbox, beyond what all faults must."""

from collections import Counter
from collections.abc import Iterator

import pytest

from drillmaster.faults.registry import kind_of
from drillmaster.targets.sandbox import SandboxTarget
from tests.faults.stagings import SandboxStaging
from tests.support.sandbox import eventually


@pytest.fixture
def shop(sandbox_staging: SandboxStaging) -> Iterator[SandboxStaging]:
    sandbox_staging.restore()
    yield sandbox_staging
    for mark in list(sandbox_staging.running.target.marks()):
        sandbox_staging.running.target.delete_fault(mark.fault)


def test_churn_kills_its_share_rounded_down_oldest_first(shop: SandboxStaging) -> None:
    churn, target = kind_of("pod-churn", "sandbox"), shop.target
    fault = shop.fault("pod-churn", kill="74%")
    before = [pod.name for pod in target.pods("shop", {})]
    assert churn.radius(fault, target).takes_down == 2
    assert churn.inject(fault, target, 1).touched == before[:2]
    assert [pod.name for pod in target.pods("shop", {})][:2] == before[2:]
    assert churn.radius(fault, target).ready == 2


def test_churn_spares_pods_that_are_down_already(shop: SandboxStaging) -> None:
    churn, target = kind_of("pod-churn", "sandbox"), shop.target
    fault = shop.fault("pod-churn", kill="100%")
    pods = target.pods("shop", {})
    assert set(churn.inject(fault, target, 1).touched) == {pod.name for pod in pods}
    assert churn.inject(fault, target, 2).touched == []
    eventually(lambda: churn.radius(fault, target).ready == 4)


def test_churn_of_a_share_that_is_no_whole_pod_kills_nothing(shop: SandboxStaging) -> None:
    churn, target = kind_of("pod-churn", "sandbox"), shop.target
    fault = shop.fault("pod-churn", kill="24%")
    assert churn.radius(fault, target).takes_down == 0
    assert churn.inject(fault, target, 1).touched == []
    assert churn.effect(fault, target) is None


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("throttle", {"share": "0%"}),
        ("latency", {"share": "0%"}),
        ("unreachable-dependency", {"dependency": "database-standby"}),
    ],
)
def test_a_fault_that_does_nothing_has_no_effect(
    shop: SandboxStaging, kind: str, changes: dict[str, str]
) -> None:
    fault = shop.fault(kind, **changes)
    kind_of(kind, "sandbox").inject(fault, shop.target, 1)
    assert kind_of(kind, "sandbox").present(fault, shop.target)
    assert kind_of(kind, "sandbox").effect(fault, shop.target) is None


def test_a_small_share_is_seen_too(shop: SandboxStaging) -> None:
    fault = shop.fault("throttle", share="2%")
    kind_of("throttle", "sandbox").inject(fault, shop.target, 1)
    assert kind_of("throttle", "sandbox").effect(fault, shop.target) == "requests answered 429: 1"


def test_effects_are_told_apart(shop: SandboxStaging) -> None:
    cut, throttle = shop.fault("unreachable-dependency"), shop.fault("throttle", share="60%")
    for fault in (cut, throttle):
        kind_of(fault.kind, "sandbox").inject(fault, shop.target, 1)
    codes = Counter(shop.running.shop.get("/checkout").status_code for _ in range(10))
    assert codes == {429: 6, 503: 4}
    mark = shop.running.target.mark(cut.id)
    assert mark is not None
    assert mark.effects.refused == 4


def test_a_page_that_is_held_hides_no_other_effect(shop: SandboxStaging) -> None:
    latency, throttle = shop.fault("latency", delay="5s", share="100%"), shop.fault("throttle")
    for fault in (latency, throttle):
        kind_of(fault.kind, "sandbox").inject(fault, shop.target, 1)
    quick = SandboxTarget(shop.target.address, timeout=0.3)
    kind = kind_of("throttle", "sandbox")
    assert kind.effect(throttle, quick) is None
    assert kind.effect(throttle, quick) == "requests answered 429: 1"
    quick.close()


def test_an_effect_that_was_seen_stays_seen_after_somebody_lifted_it(shop: SandboxStaging) -> None:
    throttle, fault = kind_of("throttle", "sandbox"), shop.fault("throttle")
    throttle.inject(fault, shop.target, 1)
    assert throttle.effect(fault, shop.target)
    shop.respond("throttle")
    assert not throttle.present(fault, shop.target)
    assert throttle.effect(fault, shop.target)


def test_after_a_failover_the_standby_serves_and_the_undo_leaves_it(shop: SandboxStaging) -> None:
    cut, fault = kind_of("unreachable-dependency", "sandbox"), shop.fault("unreachable-dependency")
    cut.inject(fault, shop.target, 1)
    shop.respond("unreachable-dependency")
    assert shop.running.shop.get("/checkout").json()["database"] == "standby"
    cut.undo(fault, shop.target, "injected")
    state = shop.target.state("shop", "checkout")
    assert state is not None
    assert state.database == "standby"
