"""Workloads that are scaled to nothing, or far up."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.errors import ExitCode
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import kind_of
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import ForbiddenError
from drillmaster.timeline.store import Store
from tests.support.cluster import OURS
from tests.support.cluster_drills import drilling, project
from tests.support.cluster_drills import shop as drilled_shop
from tests.support.cluster_shops import Shop, kubectl, labelled, shop, stateful_set
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.guarded import at_target, environment, refusal
from tests.support.sandbox import eventually

SIZES = {"checkout": 4, "search": 2}
"""Two workloads."""


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    """A Deployment of four."""
    with shop(controlplane) as found:
        found.put(deployment(replicas=4))
        yield found


def test_to_zero_is_undone_by_the_marks_when_no_pod_is_left(checkout: Shop) -> None:
    before, fault = checkout.all(), checkout.fault("scale", to=0)
    assert fault.radius().takes_down == 4
    assert fault.inject().touched == ["Deployment checkout"]
    eventually(lambda: not checkout.controlplane.pods(checkout.namespace))
    assert fault.effect() == "Deployment checkout has 0 ready pods, not 4"
    (mark,) = checkout.target.marks()
    kind = kind_of(mark.kind, "kubernetes")
    assert kind.undo(Injection.of_mark(mark), checkout.target, "intent").was_present
    eventually(lambda: checkout.ready() == 4)
    assert checkout.all() == before


def test_a_set_is_scaled_and_given_back_too(controlplane: ControlPlane) -> None:
    with shop(controlplane) as found:
        found.put(stateful_set(replicas=2))
        before, fault = found.all(), found.fault("scale", to=1)
        assert fault.inject().touched == ["StatefulSet checkout"]
        eventually(lambda: fault.effect() == "StatefulSet checkout has 1 ready pod, not 2")
        fault.undo()
        assert found.all() == before


def test_a_set_whose_volumes_would_go_is_not_scaled_down(controlplane: ControlPlane) -> None:
    retention = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    with shop(controlplane) as found:
        found.put(stateful_set(replicas=2, persistentVolumeClaimRetentionPolicy=retention))
        down, up = found.fault("scale", to=0), found.fault("scale", to=3)
        assert "no undo brings them back" in (down.hindrance() or "")
        with pytest.raises(DeclinedError, match="deletes the volumes"):
            down.inject()
        assert found.ready() == 2
        assert up.hindrance() is None


def test_up_is_seen_only_when_the_pods_are_ready(checkout: Shop) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}}
    checkout.put({**quota, "spec": {"hard": {"pods": "4"}}})
    fault = checkout.fault("scale", to=6)
    assert (fault.radius().takes_down, fault.radius().grows_to) == (0, 6)
    fault.inject()

    def refused() -> bool:
        conditions = checkout.get()["status"].get("conditions", [])
        return any(one["type"] == "ReplicaFailure" for one in conditions)

    eventually(refused, 20)
    assert fault.present()
    assert fault.effect() is None


def test_a_runaway_has_a_cap(checkout: Shop, store: Store) -> None:
    scale = {"namespace": checkout.namespace, "selector": "app=checkout", "to": 11}
    for limits, where, limit in (
        ({}, {"replicas": 30}, 10),
        ({"replicas": 30}, {"replicas": 5}, 5),
    ):
        verdicts = at_target(
            store,
            checkout.target,
            environment(limits=where),
            faults=[{"scale": scale}],
            limits={"duration": "1m", **limits},
        )
        told = f"scale would scale to 11 replicas; the limit is {limit} (limits.replicas)"
        assert refusal(verdicts) == ("blast-radius", told)


def test_a_drill_that_would_run_away_is_refused(controlplane: ControlPlane, tmp_path: Path) -> None:
    fault = "scale: {{namespace: {namespace}, selector: app=checkout, to: 50}}"
    with drilled_shop(controlplane) as namespace:
        drill = project(tmp_path, controlplane, namespace, fault)
        with drilling(tmp_path, str(drill)) as running:
            assert running.process.wait(60) == ExitCode.REFUSED, running.output()
            assert "would scale to 50 replicas; the limit is 10" in running.output()
        assert len(controlplane.ready(namespace)) == 4


def test_the_limit_holds_for_each_workload_apart(controlplane: ControlPlane, store: Store) -> None:
    with shop(controlplane) as found:
        found.put(*(labelled(deployment(*one), team="shop") for one in SIZES.items()))
        scale = {"namespace": found.namespace, "selector": "team=shop", "to": 1}
        verdicts = at_target(
            store,
            found.target,
            environment(limits={"pods": "50%"}),
            faults=[{"scale": scale}],
            limits={"pods": "50%"},
        )
    told = f"would leave 3 of 4 pods of Deployment checkout in {found.namespace} unavailable"
    assert f"{told}; the limit is 2" in refusal(verdicts)[1]


def test_all_pods_of_the_workload_count_not_only_the_selected(controlplane: ControlPlane) -> None:
    with shop(controlplane) as found:
        found.put(stateful_set(replicas=3))
        one = found.fault("scale", to=0, selector="statefulset.kubernetes.io/pod-name=checkout-0")
        assert (one.radius().selected, one.radius().takes_down) == (3, 3)


def test_what_is_owned_by_something_else_is_declined(checkout: Shop) -> None:
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "labels": {"app": "x"}}}
    spec = {"containers": [{"name": "x", "image": "registry.example/x:1"}]}
    checkout.controlplane.apply({**bare, "spec": spec}, namespace=checkout.namespace)
    fault = checkout.fault("scale", to=0, selector="app=x")
    with pytest.raises(DeclinedError, match="pod bare belongs to nothing"):
        fault.inject()
    assert not fault.present()


@pytest.mark.parametrize("name", ["checkout", "checkout-abc"])
def test_a_replica_set_of_its_own_is_no_deployment_of_its_name(checkout: Shop, name: str) -> None:
    alone = labelled(deployment(name, replicas=2), app="legacy", **{"pod-template-hash": "abc"})
    alone["metadata"]["labels"] = {"app": "legacy"}  # or the Deployment would take it over
    alone["spec"]["selector"] = {"matchLabels": {"app": "legacy"}}
    checkout.controlplane.apply({**alone, "kind": "ReplicaSet"}, namespace=checkout.namespace)
    checkout.controlplane.wait_ready(checkout.namespace, 6)
    fault = checkout.fault("scale", to=1, selector="app=legacy")
    told = f"belongs to ReplicaSet {name}; this fault changes Deployments and StatefulSets alone"
    assert told in (fault.hindrance() or "")
    with pytest.raises(DeclinedError, match=told):
        fault.inject()
    ours = checkout.fault("scale", to=1)
    assert (ours.radius().selected, ours.radius().takes_down) == (4, 3)
    ours.inject()
    eventually(lambda: ours.effect() == "Deployment checkout has 1 ready pod, not 4")
    ours.undo()


def test_a_second_fault_on_the_same_field_is_declined(checkout: Shop) -> None:
    first, second = checkout.fault("scale", to=3), checkout.fault("scale", to=2)
    first.inject()
    told = f"Deployment checkout: spec.replicas is changed by {first.fault.id} already"
    with pytest.raises(DeclinedError, match=told):
        second.inject()
    assert checkout.get()["spec"]["replicas"] == 3
    assert second.undo("intent").residue is None
    assert first.undo().was_present


def test_what_would_change_nothing_is_declined(checkout: Shop) -> None:
    with pytest.raises(DeclinedError, match="Deployment checkout has 4 replicas already"):
        checkout.fault("scale", to=4).inject()


def test_what_somebody_scaled_meanwhile_stays_and_is_told(checkout: Shop) -> None:
    fault = checkout.fault("scale", to=2)
    fault.inject()
    path = f"{checkout.path()}/scale"
    checkout.controlplane.merge(path, {"spec": {"replicas": 5}}, by="kubectl/v1")
    assert not fault.present()
    told = "Deployment checkout: spec.replicas is 5 by now (written by kubectl)"
    assert fault.undo().residue == told
    assert checkout.get()["spec"]["replicas"] == 5
    assert list(checkout.target.marks()) == []


def test_a_workload_that_was_deleted_meanwhile_is_told(checkout: Shop) -> None:
    fault = checkout.fault("scale", to=2)
    fault.inject()
    checkout.controlplane.admin.delete(checkout.path()).raise_for_status()
    done = fault.undo()
    assert not done.was_present
    assert done.residue in ("somebody had taken it away", "Deployment checkout was deleted")


def test_a_mark_that_kubectl_rollout_undo_wiped_is_found_in_the_history(checkout: Shop) -> None:
    """It writes the annotations of an earlier ReplicaSet over those of the Deployment."""
    checkout.put(deployment(replicas=4, image="registry.example/checkout:2.0"))
    eventually(lambda: checkout.get()["status"].get("updatedReplicas") == 4)
    eventually(lambda: checkout.ready() == 4)
    fault = checkout.fault("scale", to=1)
    fault.inject()
    eventually(lambda: checkout.all()["copies"])
    kubectl(checkout, "rollout", "undo", "deployment/checkout")
    assert "drillmaster.dev/fault" not in json.dumps(checkout.get()["metadata"]["annotations"])
    (mark,) = checkout.target.marks()
    again = Injection.of_mark(mark)
    assert kind_of("scale", "kubernetes").present(again, checkout.target)
    assert fault.undo().was_present
    now = checkout.get()
    assert now["spec"]["replicas"] == 4
    assert now["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":1.0")
    assert "drillmaster" not in json.dumps([now["metadata"]["labels"], checkout.all()["copies"]])


def test_nobody_is_told_of_a_conflict_with_us_afterwards(checkout: Shop) -> None:
    fault = checkout.fault("scale", to=2)
    fault.inject()
    fault.undo()
    answer = checkout.controlplane.admin.patch(
        checkout.path(),
        params={"fieldManager": "drill-test"},
        headers={"Content-Type": "application/apply-patch+yaml"},
        content=json.dumps(deployment(replicas=3)),
    )
    assert answer.status_code == 200, answer.text
    managers = {one["manager"] for one in checkout.get()["metadata"]["managedFields"]}
    assert "drillmaster" not in managers


def test_a_right_that_is_lost_in_the_middle_leaves_what_can_be_undone(
    controlplane: ControlPlane,
) -> None:
    """The second of two workloads may not be written any more."""
    who = controlplane.add_person()
    with shop(controlplane, who) as found:
        found.put(*(labelled(deployment(*one), team="shop") for one in SIZES.items()))
        writes = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["update"]}
        rules = [
            {**rule, "verbs": [verb for verb in rule["verbs"] if verb != "update"]} for rule in OURS
        ]
        controlplane.grant(who, found.namespace, *[rule for rule in rules if rule["verbs"]])
        before = found.all()
        fault = found.fault("scale", to=0, selector="team=shop")
        right = controlplane.grant(who, found.namespace, writes)
        assert fault.hindrance() is None
        controlplane.revoke(found.namespace, right)
        controlplane.grant(who, found.namespace, {**writes, "resourceNames": ["checkout"]})
        eventually(lambda: "may not update deployments.apps search" in (fault.hindrance() or ""))
        with pytest.raises(ForbiddenError, match="search"):
            fault.inject()
        assert fault.present()
        assert fault.undo("intent").was_present
        assert found.all() == before
