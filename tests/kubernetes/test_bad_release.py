"""Releases that cannot start."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from drillmaster.definitions.workload_faults import IMAGE
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import ForbiddenError
from drillmaster.targets.kubernetes.objects.resources import REPLICA_SETS
from tests.support.cluster import OURS
from tests.support.cluster_shops import Shop, kubectl, shop, stateful_set
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    """A Deployment of four."""
    with shop(controlplane) as found:
        found.put(deployment(replicas=4))
        yield found


def images(found: Shop, plural: str = "replicasets") -> list[str]:
    """The images of all parts of the histories."""
    path = found.path("", plural).rstrip("/")
    parts = found.controlplane.admin.get(path).json()["items"]
    return [
        container["image"]
        for part in parts
        for container in (part.get("data") or part)["spec"]["template"]["spec"]["containers"]
    ]


def test_new_pods_wait_for_an_image_that_nobody_has(checkout: Shop) -> None:
    before, fault = checkout.all(), checkout.fault("bad-release")
    assert fault.inject().touched == ["Deployment checkout"]
    eventually(fault.effect)
    effect = fault.effect()
    assert effect is not None
    assert effect.startswith("cannot start: checkout-")
    assert "(ImagePullBackOff)" in effect
    eventually(lambda: checkout.ready() == 3)  # the rollout may take one of four down, and is stuck
    assert fault.undo().was_present
    eventually(lambda: checkout.ready() == 4)
    assert checkout.all() == before


def test_nobody_rolls_back_to_it_afterwards(checkout: Shop) -> None:
    """`kubectl rollout undo` takes the newest release before the present one."""
    fault = checkout.fault("bad-release")
    fault.inject()
    eventually(lambda: IMAGE in images(checkout))
    fault.undo()
    eventually(lambda: IMAGE not in images(checkout))
    assert "registry.example/checkout:1.0" in images(checkout)


def may_not_look_at_histories(found: Shop) -> bool:
    try:
        found.target.api.items(REPLICA_SETS.path(found.namespace))
    except ForbiddenError:
        return True
    return False


def test_who_may_not_look_at_histories_any_more_is_stuck_until_it_may(
    controlplane: ControlPlane,
) -> None:
    """Else the release would stay in the history, and the next rollback would bring it back."""
    who = controlplane.add_person()
    with shop(controlplane, who) as found:
        found.put(deployment(replicas=4))
        parts = [rule for rule in OURS if "replicasets" in rule["resources"]]
        controlplane.grant(who, found.namespace, *[rule for rule in OURS if rule not in parts])
        before, fault = found.all(), found.fault("bad-release")
        assert "replicasets" in (fault.hindrance() or "")
        right = controlplane.grant(who, found.namespace, *parts)
        eventually(lambda: fault.hindrance() is None)
        fault.inject()
        eventually(lambda: IMAGE in images(found))
        controlplane.revoke(found.namespace, right)
        eventually(lambda: may_not_look_at_histories(found))
        for _ in range(2):
            with pytest.raises(ForbiddenError, match="replicasets"):
                fault.undo()
        assert found.get()["spec"]["template"]["spec"]["containers"][0]["image"] != IMAGE
        controlplane.grant(who, found.namespace, *parts)
        eventually(lambda: fault.hindrance() is None)
        fault.undo()
        assert found.all() == before
        assert IMAGE not in images(found)


@pytest.mark.parametrize(
    ("strategy", "down"),
    [
        ({}, 1),
        ({"type": "Recreate"}, 4),
        pytest.param({"rollingUpdate": {"maxUnavailable": "50%"}}, 2, marks=pytest.mark.soak),
        pytest.param({"rollingUpdate": {"maxUnavailable": 3}}, 3, marks=pytest.mark.soak),
        ({"rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 1}}, 0),
        pytest.param(
            {"rollingUpdate": {"maxUnavailable": "10%", "maxSurge": "0%"}},
            1,
            marks=pytest.mark.soak,
        ),
    ],
)
def test_it_takes_down_what_its_rollout_may(
    controlplane: ControlPlane, strategy: dict[str, Any], down: int
) -> None:
    manifest = deployment(replicas=4)
    manifest["spec"]["strategy"] = strategy
    with shop(controlplane) as found:
        found.put(manifest)
        fault = found.fault("bad-release")
        assert fault.radius().takes_down == down
        fault.inject()
        eventually(fault.effect)
        eventually(lambda: found.ready() == 4 - down)


@pytest.mark.parametrize(
    ("update", "down"),
    [
        ({}, 1),
        ({"rollingUpdate": {"partition": 3}}, 0),
        ({"type": "OnDelete"}, 0),
    ],
)
def test_a_set_is_updated_pod_by_pod(
    controlplane: ControlPlane, update: dict[str, Any], down: int
) -> None:
    with shop(controlplane) as found:
        found.put(stateful_set(updateStrategy=update))
        assert found.fault("bad-release").radius().takes_down == down


def test_the_pod_for_which_a_set_would_wait_for_ever_goes(controlplane: ControlPlane) -> None:
    with shop(controlplane) as found:
        found.put(stateful_set())
        before, fault = found.all(), found.fault("bad-release")
        fault.inject()
        eventually(fault.effect)
        assert fault.undo().was_present
        eventually(lambda: found.ready() == 3, 10)
        assert found.all() == before
        assert IMAGE not in images(found, "controllerrevisions")


def test_a_release_that_somebody_rolled_out_meanwhile_stays(checkout: Shop) -> None:
    fault = checkout.fault("bad-release")
    fault.inject()
    eventually(fault.effect)
    fixed = {"name": "checkout", "image": "registry.example/checkout:1.1"}
    checkout.controlplane.merge(
        checkout.path(),
        {"spec": {"template": {"spec": {"containers": [fixed]}}}},
        kind="strategic-merge",
    )
    assert not fault.present()
    assert fault.effect() is None
    done = fault.undo()
    assert not done.was_present
    assert "image is 'registry.example/checkout:1.1' by now" in (done.residue or "")
    eventually(lambda: checkout.ready() == 4)
    now = checkout.get()["spec"]["template"]["spec"]["containers"]
    assert [one["image"] for one in now] == [fixed["image"]]
    eventually(lambda: IMAGE not in images(checkout))
    assert checkout.all()["copies"] == []


@pytest.mark.parametrize("workload", [deployment(replicas=4), stateful_set(replicas=4)])
def test_kubectl_rollout_undo_is_the_responders_own_fix(
    controlplane: ControlPlane, workload: dict[str, Any]
) -> None:
    """It takes our mark off a Deployment, too."""
    kind = workload["kind"]
    with shop(controlplane) as found:
        found.put(workload)
        before, fault = found.all(), found.fault("bad-release")
        fault.inject()
        eventually(fault.effect)
        kubectl(found, "rollout", "undo", f"{kind}/checkout")
        assert not fault.present()
        done = fault.undo()
        assert (done.was_present, done.by_others) == (False, True)
        assert (done.residue or "").startswith(f"{kind} checkout had been put back (written by ")
        eventually(lambda: found.ready() == 4, 10)
        assert found.all() == before
        assert IMAGE not in images(found) + images(found, "controllerrevisions")


def test_a_release_that_starts_after_all_has_no_effect_and_is_taken_back_gently(
    checkout: Shop,
) -> None:
    image = "registry.example/checkout:0.9"
    fault = checkout.fault("bad-release", image=image)
    fault.inject()
    counted = ("updatedReplicas", "readyReplicas", "replicas")  # no pod of the former is left
    eventually(lambda: {checkout.get()["status"].get(one) for one in counted} == {4})
    eventually(lambda: checkout.ready() == 4)
    assert fault.effect() is None
    hold = partial(checkout.controlplane.merge, checkout.path())
    hold({"spec": {"paused": True}})  # or the others may serve before anybody looks
    fault.undo()
    assert image in images(checkout)  # its pods serve until the others do
    assert checkout.ready() >= 4  # a paused rollout may surge
    hold({"spec": {"paused": False}})
    assert "drillmaster" not in json.dumps(checkout.get()["metadata"]["annotations"])
    eventually(lambda: checkout.ready() == 4)


def test_of_several_containers_one_must_be_named(controlplane: ControlPlane) -> None:
    manifest = deployment(replicas=1)
    sidecar = {"name": "proxy", "image": "registry.example/proxy:1"}
    manifest["spec"]["template"]["spec"]["containers"].append(sidecar)
    with shop(controlplane) as found:
        found.put(manifest)
        for container, told in ((None, "needs `container`"), ("x", "has no container x")):
            chosen = {} if container is None else {"container": container}
            fault = found.fault("bad-release", **chosen)
            with pytest.raises(DeclinedError, match=f"{told}: there is checkout, proxy"):
                fault.inject()
        fault = found.fault("bad-release", container="proxy")
        fault.inject()
        now = found.get()["spec"]["template"]["spec"]["containers"]
        assert [one["image"] for one in now] == ["registry.example/checkout:1.0", IMAGE]
