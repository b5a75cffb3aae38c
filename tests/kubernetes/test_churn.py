"""Pods that keep dying, under a budget that says no."""

from collections.abc import Iterator

import pytest

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import BUDGET, AnsweredError
from tests.support.cluster_shops import Shop, budget, shop
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
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
