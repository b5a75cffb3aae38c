"""What a cluster tells of a workload's state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import StateProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.kubernetes.objects.resources import (
    DAEMON_SETS,
    DEPLOYMENTS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.seeing.pod_names import belongs_to
from drillmaster.targets.kubernetes.seeing.rollouts import rollout_of
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, on_node
from tests.support.sandbox import eventually


def put(target: KubernetesTarget, what: str, workload: str = "checkout", **bound: Any) -> Answer:
    where = {"namespace": target.namespaces[0], "workload": workload}
    probe = StateProbe.model_validate({**where, "what": what, **(bound or {"at_least": 0})})
    return ask(probe, Asking(SteadyClock(), target))


def value(target: KubernetesTarget, what: str) -> Any:
    return put(target, what, equals="?").value


def test_a_rollout_is_followed_from_its_beginning_to_its_end(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    controlplane.apply(deployment(replicas=2), namespace=shop)
    eventually(lambda: put(target, "rollout", equals="complete").met, 60)
    assert put(target, "image", equals="registry.example/checkout:1.0").met
    bad = deployment(replicas=2, image="checkout:does-not-exist")
    bad["spec"]["progressDeadlineSeconds"] = 1
    controlplane.apply(bad, namespace=shop)
    assert put(target, "rollout", equals="complete").outcome == "no"
    assert value(target, "image") == "checkout:does-not-exist"
    eventually(lambda: value(target, "rollout") == "stuck", 60)
    assert put(target, "ready-replicas", at_least=2).met  # the old pods stay
    controlplane.apply(deployment(replicas=2, image="checkout:1.1"), namespace=shop)
    eventually(lambda: put(target, "rollout", equals="complete").met, 60)


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_other_workloads_are_followed_too(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget, kind: str
) -> None:
    with controlplane.node() as node:
        wanted = {**deployment(replicas=1, **on_node(node)), "kind": kind}
        if kind == "DaemonSet":
            del wanted["spec"]["replicas"]
        controlplane.apply(wanted, namespace=shop)
        eventually(lambda: put(target, "rollout", equals="complete").met, 60)
        assert (value(target, "desired-replicas"), value(target, "ready-replicas")) == (1, 1)
        wanted["spec"]["template"]["spec"]["containers"][0]["image"] = "checkout:does-not-exist"
        controlplane.apply(wanted, namespace=shop)
        eventually(lambda: value(target, "rollout") == "progressing", 60)


def test_cordoned_nodes_are_those_with_pods_of_the_workload(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    with controlplane.node() as node, controlplane.node() as other:
        controlplane.apply(
            deployment(replicas=2, **on_node(node)),
            deployment("elsewhere", 1, **on_node(other)),
            namespace=shop,
        )
        controlplane.wait_ready(shop, 3)
        cordon(controlplane, other)
        assert put(target, "cordoned-nodes", at_most=0).met
        cordon(controlplane, node)
        assert value(target, "cordoned-nodes") == 1


def test_warnings_are_the_recent_ones_about_the_workload_and_its_pods(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    controlplane.apply(deployment(replicas=1), namespace=shop)
    [pod] = controlplane.wait_ready(shop, 1)
    assert put(target, "warnings", at_most=0).met
    warn(controlplane, shop, "Pod", pod)
    warn(controlplane, shop, "Deployment", "checkout")
    warn(controlplane, shop, "ReplicaSet", pod.rpartition("-")[0])
    warn(controlplane, shop, "Pod", pod, kind="Normal")
    warn(controlplane, shop, "Pod", pod, ago=timedelta(minutes=11))
    warn(controlplane, shop, "Pod", "checkout-db-0")
    warn(controlplane, shop, "Deployment", "cart")
    assert value(target, "warnings") == 3


def test_a_warning_of_the_cluster_itself_counts(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    controlplane.apply(deployment(replicas=1, **on_node("no-such-node")), namespace=shop)
    eventually(lambda: put(target, "warnings", at_least=1).met, 60)  # FailedScheduling


def test_what_a_cluster_cannot_tell_is_unclear(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    controlplane.apply(deployment(replicas=0), namespace=shop)
    answer = put(target, "database", equals="primary")
    assert (answer.outcome, answer.detail) == (
        "unclear",
        "a kubernetes target cannot tell the database of a workload",
    )
    assert put(target, "rollout", workload="cart", equals="complete").outcome == "unclear"


def test_a_change_that_the_controller_has_not_seen_is_under_way() -> None:
    done = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "observedGeneration": 1}
    thing = {"metadata": {"generation": 1}, "spec": {"replicas": 2}, "status": done}
    assert rollout_of(DEPLOYMENTS, thing) == "complete"
    assert rollout_of(DEPLOYMENTS, {**thing, "metadata": {"generation": 2}}) == "progressing"
    old = {**thing, "status": {**done, "replicas": 3}}
    assert rollout_of(DEPLOYMENTS, old) == "progressing"


@pytest.mark.parametrize(
    ("kind", "name", "whose"),
    [
        (DEPLOYMENTS, "checkout-5d8f7c9b4d-x2x9z", True),
        (DEPLOYMENTS, "checkout-5d8f7c9b4d", True),
        (DEPLOYMENTS, "checkout-worker-5d8f7c9b4d-x2x9z", False),
        (DEPLOYMENTS, "checkout-db-x2x9z", False),
        (STATEFUL_SETS, "checkout-0", True),
        (STATEFUL_SETS, "checkout-db-0", False),
        (DAEMON_SETS, "checkout-x2x9z", True),
        (DAEMON_SETS, "checkout-5d8f7c9b4d-x2x9z", False),
    ],
)
def test_a_pods_name_tells_whose_it_was(kind: Resource, name: str, whose: bool) -> None:
    assert belongs_to(kind, "checkout", name) == whose


def cordon(controlplane: ControlPlane, node: str) -> None:
    controlplane.merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}})


def warn(
    controlplane: ControlPlane,
    namespace: str,
    about: str,
    name: str,
    *,
    kind: str = "Warning",
    ago: timedelta = timedelta(),
) -> None:
    """Have an event about something."""
    at = f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%SZ}"
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"generateName": "test-", "namespace": namespace},
        "involvedObject": {"kind": about, "name": name, "namespace": namespace},
        "type": kind,
        "reason": "Test",
        "message": "a test says so",
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }
    path = f"/api/v1/namespaces/{namespace}/events"
    controlplane.admin.post(path, json=event).raise_for_status()
