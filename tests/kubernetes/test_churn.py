"""Pods that keep dying, under a budget that says no."""

from collections.abc import Iterator

import pytest

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import BUDGET, AnsweredError
from drillmaster.timeline.store import Store
from tests.support.cluster_shops import Shop, budget, labelled, shop
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, job
from tests.support.guarded import at_target, environment, refusal
from tests.support.sandbox import eventually


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    """A Deployment of two, of which none may go."""
    with shop(controlplane) as found:
        found.put(deployment(replicas=2))
        found.put(budget(maxUnavailable=0))
        path = f"/apis/policy/v1/namespaces/{found.namespace}/poddisruptionbudgets/checkout"
        eventually(lambda: controlplane.admin.get(path).json()["status"]["currentHealthy"] == 2, 20)
        yield found


def test_an_eviction_is_refused_by_the_cluster(checkout: Shop) -> None:
    before = checkout.controlplane.ready(checkout.namespace)
    churn = checkout.fault("pod-churn", kill="50%", every="1s")
    with pytest.raises(AnsweredError) as caught:
        churn.inject()
    assert (caught.value.status, caught.value.causes) == (429, [BUDGET])
    assert churn.effect() is None
    churn.undo("intent")
    assert checkout.controlplane.ready(checkout.namespace) == before
    assert list(checkout.target.marks()) == []


def test_a_deletion_which_the_cluster_would_let_pass_is_refused_by_us(checkout: Shop) -> None:
    before = checkout.controlplane.ready(checkout.namespace)
    churn = checkout.fault("pod-churn", kill="50%", every="1s", by="deletion")
    with pytest.raises(DeclinedError, match="PodDisruptionBudget checkout lets no pod go now"):
        churn.inject()
    assert churn.effect() is None
    churn.undo("intent")
    assert checkout.controlplane.ready(checkout.namespace) == before


def test_budgets_are_ignored_only_where_both_say_so(checkout: Shop) -> None:
    churn = checkout.fault(
        "pod-churn", kill="50%", every="1s", by="deletion", disruption_budgets="ignore"
    )
    assert "does not say `disruption_budgets: ignore`" in (churn.hindrance() or "")
    checkout.target.address["disruption_budgets"] = "ignore"
    assert churn.hindrance() is None
    (gone,) = churn.inject().touched
    eventually(lambda: churn.effect() == f"gone: {gone}")


@pytest.fixture
def uneven(controlplane: ControlPlane) -> Iterator[Shop]:
    """A small workload, whose pod is the oldest, and a large one, with one label in common."""
    with shop(controlplane) as found:
        found.put(labelled(deployment("small", 1), team="shop"))
        large = labelled(deployment("large", 9), team="shop")
        controlplane.apply(large, namespace=found.namespace)
        controlplane.wait_ready(found.namespace, 10)
        yield found


def test_no_workload_loses_more_than_the_share_of_its_own_pods(uneven: Shop) -> None:
    churn = uneven.fault("pod-churn", selector="team=shop", kill="20%", every="1s")
    assert churn.radius().takes_down == 1
    (gone,) = churn.inject().touched
    assert gone.startswith("large-")
    churn.undo()
    eventually(lambda: uneven.ready() == 10, 60)
    for share, taken in (("10%", 0), ("50%", 4), ("100%", 10)):
        other = uneven.fault("pod-churn", selector="team=shop", kill=share, every="1s")
        assert other.radius().takes_down == taken


@pytest.mark.parametrize(
    ("share", "told"),
    [
        ("10%", "would kill no pod: its share of 9 and of 1, rounded down, is 0"),
        ("100%", "would leave 9 of 9 pods of Deployment large in"),
    ],
)
def test_the_limit_holds_for_each_workload(
    uneven: Shop, store: Store, share: str, told: str
) -> None:
    where = {"namespace": uneven.namespace, "selector": "team=shop"}
    churn = {**where, "kill": share, "every": "5s"}
    limits = {"pods": "90%"}
    verdicts = at_target(
        *(store, uneven.target, environment(limits=limits)),
        faults=[{"pod-churn": churn}],
        limits=limits,
    )
    assert told in refusal(verdicts)[1]


def test_a_pod_that_nothing_brings_back_is_not_killed(checkout: Shop) -> None:
    spec = {"containers": [{"name": "x", "image": "registry.example/x:1"}]}
    metadata = {"name": "bare", "labels": {"app": "x"}}
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    checkout.controlplane.apply(bare, namespace=checkout.namespace)
    churn = checkout.fault("pod-churn", selector="app=x", kill="100%", every="1s")
    told = f"nothing would bring these pods back: {checkout.namespace}/bare"
    assert churn.hindrance() == told
    with pytest.raises(DeclinedError, match=told):
        churn.inject()
    churn.undo("intent")
    path = f"/api/v1/namespaces/{checkout.namespace}/pods/bare"
    assert "deletionTimestamp" not in checkout.controlplane.admin.get(path).json()["metadata"]


def test_nor_is_one_of_a_job_which_would_be_given_up(checkout: Shop) -> None:
    checkout.controlplane.apply(job("migrate"), namespace=checkout.namespace)
    eventually(lambda: checkout.controlplane.ready(checkout.namespace, "app=migrate"))
    churn = checkout.fault("pod-churn", selector="app=migrate", kill="100%", every="1s")
    told = f"these pods belong to Jobs, which may fail for good: {checkout.namespace}/migrate-"
    assert told in (churn.hindrance() or "")
    with pytest.raises(DeclinedError, match=told):
        churn.inject()
    churn.undo("intent")
    assert len(checkout.controlplane.ready(checkout.namespace, "app=migrate")) == 1
