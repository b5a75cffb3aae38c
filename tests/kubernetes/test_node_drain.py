"""Nodes that are drained: what goes, what stays, who says no, and that they take pods again."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from drillmaster.faults.base import Injection
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import ForbiddenError
from drillmaster.timeline.store import Store
from tests.support.cluster import EVERYWHERE, connected, drillable_node, in_pool
from tests.support.cluster_shops import Shop, Tried, budget, shop, tried
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, job, on_node
from tests.support.guarded import at_target, environment, refusal
from tests.support.sandbox import eventually

EVICTIONS = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}


class Pool:
    """Nodes of a test's own, and a namespace whose pods run there."""

    def __init__(self, found: Shop, nodes: list[str]) -> None:
        self.shop = found
        self.nodes = sorted(nodes)

    def drain(self, **arguments: Any) -> Tried:
        selector = f"drillmaster.test/pool={self.shop.namespace}"
        return tried(self.shop.target, "node-drain", **{"nodes": selector, **arguments})

    def node(self, name: str) -> dict[str, Any]:
        path = f"/api/v1/nodes/{name}"
        found: dict[str, Any] = self.shop.controlplane.admin.get(path).raise_for_status().json()
        return found

    def cordoned(self) -> list[str]:
        return [name for name in self.nodes if self.node(name)["spec"].get("unschedulable")]

    def left(self) -> str:
        """What is left of ours on the nodes."""
        metadata = [self.node(name)["metadata"] for name in self.nodes]
        return json.dumps([[one["labels"], one.get("annotations")] for one in metadata])

    def on(self, node: str) -> list[str]:
        """The pods on a node that stay."""
        return [
            pod["metadata"]["name"]
            for pod in self.shop.controlplane.pods(self.shop.namespace)
            if pod["spec"].get("nodeName") == node and "deletionTimestamp" not in pod["metadata"]
        ]

    def one_each(self) -> None:
        """A Deployment of one pod for each node, so that it is known where a pod is."""
        self.shop.put(
            *(deployment(f"of-{node}", replicas=1, **on_node(node)) for node in self.nodes)
        )


@pytest.fixture
def pool(controlplane: ControlPlane) -> Iterator[Pool]:
    """Two nodes."""
    with ExitStack() as stack:
        found = stack.enter_context(shop(controlplane))
        nodes = [
            stack.enter_context(drillable_node(controlplane, found.namespace)) for _ in range(2)
        ]
        yield Pool(found, nodes)


def pod(name: str, node: str, **spec: Any) -> dict[str, Any]:
    """A pod that nothing brings back, right on a node."""
    containers = [{"name": "app", "image": "registry.example/app:1"}]
    everything = {"containers": containers, "nodeName": node, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": everything}


def test_it_goes_from_node_to_node_as_an_upgrade_does(pool: Pool) -> None:
    pool.one_each()
    one, other = pool.nodes
    fault = pool.drain(every="1s")
    assert fault.hindrance() is None
    assert fault.inject(1).touched == [one]
    assert pool.cordoned() == [one]
    eventually(lambda: fault.effect() == f"drained: {one}")
    assert pool.on(one) == []
    assert fault.inject(2).touched == [other]
    assert pool.cordoned() == [other]
    assert fault.inject(3).touched == [one]
    assert fault.undo().was_present
    assert pool.cordoned() == []
    assert "drillmaster.dev/run" not in pool.left()
    assert "drillmaster.dev/fault" not in pool.left()
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 2)


def test_the_pods_that_would_go_count_of_all_pods_of_their_workloads(
    pool: Pool, store: Store
) -> None:
    first, second = pool.nodes
    pool.shop.put(deployment("alone", replicas=1, **on_node(first)))
    pool.shop.controlplane.apply(
        deployment("many", replicas=2, **on_node(first)), namespace=pool.shop.namespace
    )
    pool.shop.controlplane.apply(
        deployment("elsewhere", replicas=3, **on_node(second)), namespace=pool.shop.namespace
    )
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 6)
    radius = pool.drain().radius()
    assert (radius.selected, radius.ready, radius.takes_down) == (3, 3, 3)
    assert pool.drain(count=2).radius().takes_down == 6
    nodes = f"drillmaster.test/pool={pool.shop.namespace}"
    verdicts = at_target(
        store, pool.shop.target, environment(), faults=[{"node-drain": {"nodes": nodes}}]
    )
    rule, told = refusal(verdicts)
    assert rule == "blast-radius"
    assert told.startswith("node-drain would leave 1 of 1 pod of ")


def test_what_a_drain_does_not_evict_stays(pool: Pool) -> None:
    node = pool.nodes[0]
    labels = {"app": "agent"}
    finished = pod("finished", node)
    finished["metadata"]["annotations"] = {"drillmaster.test/start": "1h"}
    pool.shop.controlplane.apply(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "agent"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "containers": [{"name": "agent", "image": "registry.example/agent:1"}],
                        **in_pool(pool.shop.namespace),
                    },
                },
            },
        },
        finished,
        deployment(replicas=1, **on_node(node)),
        namespace=pool.shop.namespace,
    )
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 3)
    path = f"/api/v1/namespaces/{pool.shop.namespace}/pods/finished/status"
    pool.shop.controlplane.merge(path, {"status": {"phase": "Succeeded"}})
    fault = pool.drain()
    assert fault.radius().takes_down == 1
    fault.inject()
    eventually(lambda: fault.effect() == f"drained: {node}")
    assert {name.split("-")[0] for name in pool.on(node)} == {"agent", "finished"}


def test_a_node_that_does_not_say_so_is_refused_by_name(pool: Pool, store: Store) -> None:
    pool.one_each()
    node = pool.nodes[0]
    label = {"metadata": {"labels": {"drillmaster.dev/drillable": None}}}
    pool.shop.controlplane.merge(f"/api/v1/nodes/{node}", label)
    fault = pool.drain()
    told = (
        f"these nodes do not say that they may be drained: {node}; "
        f"`kubectl label node {node} drillmaster.dev/drillable=true`"
    )
    assert fault.hindrance() == told
    with pytest.raises(DeclinedError, match="do not say that they may be drained"):
        fault.inject()
    assert pool.cordoned() == []
    faults = [{"node-drain": fault.fault.arguments}]
    verdicts = at_target(store, pool.shop.target, environment(), faults=faults)
    assert refusal(verdicts) == ("undoable", f"node-drain may not be injected: {told}")


@pytest.mark.parametrize("label", ["env=prod", "tier=live", "example.org/production=yes"])
def test_a_node_that_looks_like_production_is_refused(pool: Pool, label: str) -> None:
    pool.one_each()
    name, _, value = label.partition("=")
    path = f"/api/v1/nodes/{pool.nodes[0]}"
    pool.shop.controlplane.merge(path, {"metadata": {"labels": {name: value}}})
    assert pool.drain().hindrance() == f"{label!r} of a node looks like production"
    with pytest.raises(DeclinedError, match="looks like production"):
        pool.drain().inject()


def test_a_pod_of_another_namespace_is_refused_by_name(
    controlplane: ControlPlane, pool: Pool
) -> None:
    node = pool.nodes[0]
    with controlplane.namespace(prefix="theirs") as theirs:
        controlplane.apply(deployment(replicas=1, **on_node(node)), namespace=theirs)
        (name,) = controlplane.wait_ready(theirs, 1)
        fault = pool.drain()
        assert f"none of the environment's: {theirs}/{name}" in (fault.hindrance() or "")
        with pytest.raises(DeclinedError, match=f"{theirs}/{name}"):
            fault.inject()
        assert pool.cordoned() == []
        assert controlplane.ready(theirs) == [name]


def test_a_pod_that_nothing_would_bring_back_is_refused_by_name(pool: Pool) -> None:
    bare = pod("bare", pool.nodes[0])
    pool.shop.controlplane.apply(bare, namespace=pool.shop.namespace)
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 1)
    told = f"nothing would bring these pods back: {pool.shop.namespace}/bare"
    assert pool.drain().hindrance() == told


def test_a_job_would_be_given_up(pool: Pool) -> None:
    pool.shop.controlplane.apply(
        job("migrate", **on_node(pool.nodes[0])), namespace=pool.shop.namespace
    )
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 1)
    fault = pool.drain()
    told = f"these pods belong to Jobs, which may fail for good: {pool.shop.namespace}/migrate-"
    assert told in (fault.hindrance() or "")
    with pytest.raises(DeclinedError, match=told):
        fault.inject()
    assert pool.cordoned() == []
    assert len(pool.on(pool.nodes[0])) == 1


def test_with_every_all_nodes_must_say_so(pool: Pool) -> None:
    label = {"metadata": {"labels": {"drillmaster.dev/drillable": None}}}
    pool.shop.controlplane.merge(f"/api/v1/nodes/{pool.nodes[1]}", label)
    assert pool.drain().hindrance() is None
    assert pool.nodes[1] in (pool.drain(every="1s").hindrance() or "")


def test_without_a_node_or_a_pod_it_is_declined(pool: Pool) -> None:
    with pytest.raises(DeclinedError, match="no node has the labels pool=nowhere"):
        pool.drain(nodes="pool=nowhere").inject()
    with pytest.raises(DeclinedError, match=f"there is no pod on {pool.nodes[0]}"):
        pool.drain().inject()
    assert pool.cordoned() == []


def test_a_budget_that_says_no_fails_the_drain_and_all_is_undone(pool: Pool) -> None:
    node = pool.nodes[0]
    pool.shop.put(deployment(replicas=2, **on_node(node)))
    pool.shop.put(budget(maxUnavailable=0))
    before = sorted(pool.on(node))
    fault = pool.drain(give_up="800ms")
    with pytest.raises(DeclinedError, match="have not let these pods go for 800ms: checkout-"):
        fault.inject()
    assert pool.cordoned() == [node]
    assert fault.effect() is None
    assert fault.undo("intent").was_present
    assert pool.cordoned() == []
    assert sorted(pool.on(node)) == before


def test_a_budget_that_lets_one_go_at_a_time_is_waited_for(pool: Pool) -> None:
    """The pods come up elsewhere, as they do where a cluster is upgraded."""
    pool.shop.put(deployment(replicas=4, **in_pool(pool.shop.namespace)))
    pool.shop.put(budget(maxUnavailable=1))

    def allowed() -> bool:
        path = f"/apis/policy/v1/namespaces/{pool.shop.namespace}/poddisruptionbudgets/checkout"
        status = pool.shop.controlplane.admin.get(path).json().get("status", {})
        return bool(status.get("disruptionsAllowed") == 1)

    eventually(allowed, 20)
    fault = pool.drain(give_up="20s")
    assert fault.inject().touched == pool.nodes[:1]
    eventually(fault.effect)
    assert pool.on(pool.nodes[0]) == []
    pool.shop.controlplane.wait_ready(pool.shop.namespace, 4)


def test_a_node_that_was_cordoned_before_stays_so(pool: Pool) -> None:
    pool.one_each()
    node = pool.nodes[0]
    pool.shop.controlplane.merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}})
    fault = pool.drain()
    fault.inject()
    fault.undo()
    assert pool.cordoned() == [node]
    assert "drillmaster.dev/run" not in pool.left()


def test_a_second_drain_of_the_same_node_is_declined(pool: Pool) -> None:
    pool.shop.put(deployment(replicas=1, **on_node(pool.nodes[0])))
    pool.shop.put(budget(maxUnavailable=0))
    first, second = pool.drain(give_up="0s"), pool.drain(give_up="0s")
    with pytest.raises(DeclinedError, match="have not let"):
        first.inject()
    told = f"Node {pool.nodes[0]}: spec.unschedulable is changed by {first.fault.id} already"
    with pytest.raises(DeclinedError, match=told):
        second.inject()
    second.undo("intent")
    assert pool.cordoned() == pool.nodes[:1]


def test_a_right_that_is_lost_in_the_middle_leaves_what_can_be_undone(
    controlplane: ControlPlane, pool: Pool
) -> None:
    """The node is cordoned, and no pod may be evicted."""
    who = controlplane.add_person()
    pool.one_each()
    with (
        controlplane.grant_everywhere(who, *EVERYWHERE),
        connected(controlplane, pool.shop.namespace, who=who) as target,
    ):
        right = controlplane.grant(who, pool.shop.namespace, EVICTIONS)
        fault = tried(target, "node-drain", **pool.drain().fault.arguments)
        assert fault.hindrance() is None
        controlplane.revoke(pool.shop.namespace, right)
        eventually(lambda: "pods/eviction" in (fault.hindrance() or ""))
        with pytest.raises(ForbiddenError, match="pods/eviction"):
            fault.inject()
        assert pool.cordoned() == pool.nodes[:1]
        (mark,) = target.marks()
        again = Injection.of_mark(mark)
        assert fault.kind.undo(again, target, "intent").was_present
    assert pool.cordoned() == []


def test_nobody_who_may_not_write_nodes_drains_one(controlplane: ControlPlane, pool: Pool) -> None:
    who = controlplane.add_person()
    looks = {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list"]}
    with (
        controlplane.grant_everywhere(who, looks),
        connected(controlplane, pool.shop.namespace, who=who) as target,
    ):
        fault = tried(target, "node-drain", **pool.drain().fault.arguments)
        told = fault.hindrance() or ""
        assert told.startswith(
            f"Drillmaster itself may not get nodes {pool.nodes[0]}, update nodes"
        )


def test_a_drain_is_found_by_whoever_shares_a_namespace_alone(
    controlplane: ControlPlane, pool: Pool
) -> None:
    """A node is in no namespace, and others drill the same cluster."""
    pool.one_each()
    pool.drain().inject()
    with shop(controlplane) as other, connected(controlplane, pool.shop.namespace) as same:
        assert list(other.target.marks()) == []
        assert len(list(same.marks())) == 1


def test_a_node_that_is_gone_by_then_takes_the_fault_with_it(
    controlplane: ControlPlane, pool: Pool
) -> None:
    pool.one_each()
    fault = pool.drain()
    fault.inject()
    controlplane.admin.delete(f"/api/v1/nodes/{pool.nodes[0]}").raise_for_status()
    assert not fault.present()
    assert fault.undo().residue == "somebody had taken it away"
