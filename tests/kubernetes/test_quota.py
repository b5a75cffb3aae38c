"""A namespace that admits no more pods: real admission, by a quota of ours."""

from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.objects.resources import DEPLOYMENTS, QUOTAS
from drillmaster.timeline.store import Store
from tests.support.cluster import OURS, connected, drillable
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.guarded import at_target, environment, refusal
from tests.support.sandbox import eventually

QUOTA = on_kubernetes("quota-exhaustion")


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    with shop_of(controlplane, deployment(replicas=2), pods=2) as made:
        yield made


def scale(shop: Shop, replicas: int) -> None:
    shop.edit(DEPLOYMENTS, "checkout", {"spec": {"replicas": replicas}})


def quota(**hard: str) -> dict[str, Any]:
    metadata = {"name": "theirs"}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": hard},
    }


def pods(shop: Shop) -> int:
    return len(shop.controlplane.pods(shop.namespace))


def refused(shop: Shop) -> bool:
    """Whether the Deployment says that a pod of it was refused."""
    conditions = shop.get(DEPLOYMENTS, "checkout")["status"].get("conditions", [])
    return any("exceeded quota: drillmaster-" in one.get("message", "") for one in conditions)


def test_nothing_is_admitted_until_it_is_undone(shop: Shop) -> None:
    fault = shop.fault("quota-exhaustion")
    assert QUOTA.hindrance(fault, shop.target) is None
    (touched,) = QUOTA.inject(fault, shop.target, 1).touched
    name = touched.removeprefix("ResourceQuota ")
    assert shop.get(QUOTAS, name)["spec"] == {"hard": {"pods": "2"}}
    eventually(lambda: QUOTA.effect(fault, shop.target))
    assert QUOTA.effect(fault, shop.target) == (
        f"no pod is admitted: it would exceed the quota {name}"
    )
    scale(shop, 3)
    eventually(lambda: refused(shop), 20)
    assert pods(shop) == 2
    assert QUOTA.undo(fault, shop.target, "injected").was_present
    assert QUOTA.effect(fault, shop.target) is None
    shop.controlplane.wait_ready(shop.namespace, 3)


def test_so_many_more_are_admitted_as_the_drill_says(shop: Shop) -> None:
    fault = shop.fault("quota-exhaustion", pods=1)
    QUOTA.inject(fault, shop.target, 1)
    assert QUOTA.effect(fault, shop.target) is None, "there is room for one"
    scale(shop, 4)
    eventually(lambda: QUOTA.effect(fault, shop.target), 20)
    assert pods(shop) == 3


def test_what_another_quota_refuses_is_no_effect_of_ours(shop: Shop) -> None:
    shop.controlplane.apply(quota(pods="2"), namespace=shop.namespace)
    fault = shop.fault("quota-exhaustion", pods=5)
    eventually(lambda: "exceeded quota: theirs" in (QUOTA.hindrance(fault, shop.target) or ""))
    QUOTA.inject(fault, shop.target, 1)
    assert QUOTA.effect(fault, shop.target) is None


def test_a_pod_is_only_tried(shop: Shop) -> None:
    fault = shop.fault("quota-exhaustion", pods=1)
    QUOTA.hindrance(fault, shop.target)
    QUOTA.inject(fault, shop.target, 1)
    QUOTA.effect(fault, shop.target)
    assert pods(shop) == 2


def test_who_may_not_try_a_pod_cannot_see_an_effect(controlplane: ControlPlane, shop: Shop) -> None:
    who = controlplane.add_person()
    rules = [rule for rule in OURS if (rule["resources"], rule["verbs"]) != (["pods"], ["create"])]
    controlplane.grant(who, shop.namespace, *rules)
    with connected(controlplane, shop.namespace, who=who) as target:
        hindrance = QUOTA.hindrance(shop.fault("quota-exhaustion"), target)
    assert f"Drillmaster itself may not create pods in {shop.namespace}: " in (hindrance or "")


def test_a_quota_that_somebody_raised_is_deleted_and_told(shop: Shop) -> None:
    fault = shop.fault("quota-exhaustion")
    (touched,) = QUOTA.inject(fault, shop.target, 1).touched
    shop.edit(QUOTAS, touched.removeprefix("ResourceQuota "), {"spec": {"hard": {"pods": "9"}}})
    eventually(lambda: QUOTA.effect(fault, shop.target) is None)
    done = QUOTA.undo(fault, shop.target, "injected")
    assert done.was_present
    assert done.residue == f"{touched} was changed by python-httpx"


def test_an_empty_namespace_is_the_wrong_one(controlplane: ControlPlane, store: Store) -> None:
    with drillable(controlplane) as namespace, connected(controlplane, namespace) as target:
        shop = Shop(controlplane, namespace, target)
        fault = shop.fault("quota-exhaustion")
        assert QUOTA.radius(fault, target).selected == 0
        written = {"quota-exhaustion": fault.arguments}
        refused = refusal(at_target(store, target, environment(), faults=[written]))
        told = f"quota-exhaustion may not be injected: there is no pod in {namespace}"
        assert refused == ("undoable", told)
        with pytest.raises(DeclinedError, match="there is no pod in"):
            QUOTA.inject(fault, target, 1)
        elsewhere = shop.fault("quota-exhaustion", namespace="prod")
        for ask in (QUOTA.radius, lambda one, at: QUOTA.inject(one, at, 1)):
            with pytest.raises(DeclinedError, match="namespace prod is none of"):
                ask(elsewhere, target)
