"""Marks that somebody has copied or changed: an undo touches nothing that the fault did not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cluster_shops import Shop, shop, tried
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, virtual_service
from tests.support.sandbox import eventually


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    """A Deployment of four."""
    with shop(controlplane) as found:
        found.put(deployment(replicas=4))
        yield found


def policies(found: Shop) -> str:
    return f"/apis/networking.k8s.io/v1/namespaces/{found.namespace}/networkpolicies"


def copy_of(thing: dict[str, Any], name: str) -> dict[str, Any]:
    """What somebody makes of `kubectl get -o yaml`."""
    told = {part: thing["metadata"].get(part) for part in ("labels", "annotations")}
    return {**thing, "metadata": {"name": name, **told}}


def change_mark(found: Shop, path: str, **fields: Any) -> None:
    """As anybody may who may write the object."""
    annotations = found.controlplane.admin.get(path).json()["metadata"]["annotations"]
    ((key, text),) = [one for one in annotations.items() if "/fault-" in one[0]]
    told = {key: json.dumps({**json.loads(text), **fields})}
    found.controlplane.merge(path, {"metadata": {"annotations": told}})


def test_a_policy_with_a_copy_of_our_labels_and_annotations_stays(checkout: Shop) -> None:
    fault = checkout.fault("network-cut", direction="both")
    fault.inject()
    (ours,) = checkout.controlplane.admin.get(policies(checkout)).json()["items"]
    theirs = copy_of({**ours, "kind": "NetworkPolicy"}, "deny-from-outside")
    theirs["apiVersion"] = "networking.k8s.io/v1"
    theirs["spec"]["podSelector"] = {"matchLabels": {"app": "db"}}
    checkout.controlplane.apply(theirs, namespace=checkout.namespace)
    done = fault.undo()
    assert (done.was_present, fault.present()) == (True, False)
    told = "NetworkPolicy deny-from-outside is not what the fault has touched, and was left"
    assert (done.residue or "").startswith(f"{told}; its label drillmaster.dev/run and annotation ")
    (left,) = checkout.controlplane.admin.get(policies(checkout)).json()["items"]
    assert left["metadata"]["name"] == "deny-from-outside"


def test_no_mark_makes_an_undo_delete_what_was_there_before(checkout: Shop) -> None:
    checkout.controlplane.apply(secret("cfg", key="v", other="w"), namespace=checkout.namespace)
    path = f"/api/v1/namespaces/{checkout.namespace}/secrets/cfg"
    before = checkout.all()
    one = {"namespace": checkout.namespace, "secret": "cfg", "key": "key", "how": "remove"}
    fault = tried(checkout.target, "config-break", **one)
    fault.inject()
    change_mark(checkout, path, created=True)
    assert fault.undo().was_present
    assert checkout.all() == before


def test_nor_a_workload(checkout: Shop) -> None:
    before, fault = checkout.all(), checkout.fault("scale", to=2)
    fault.inject()
    change_mark(checkout, checkout.path(), created=True)
    assert fault.undo().was_present
    assert checkout.all() == before


def test_nor_a_route(checkout: Shop) -> None:
    checkout.controlplane.install_virtual_services()
    routes = virtual_service("checkout", {"name": "all", "route": [{"destination": {}}]}, {})
    checkout.put(routes)
    before, fault = checkout.all(), checkout.fault("latency", delay="1s")
    fault.inject()
    services = f"/apis/networking.istio.io/v1/namespaces/{checkout.namespace}/virtualservices"
    change_mark(checkout, f"{services}/checkout", created=True)
    assert fault.undo().was_present
    assert checkout.all() == before


def test_a_virtual_service_of_ours_goes_whatever_its_hosts_are_by_now(checkout: Shop) -> None:
    checkout.controlplane.install_virtual_services()
    before, fault = checkout.all(), checkout.fault("latency", delay="1s")
    (touched,) = fault.inject().touched
    services = f"/apis/networking.istio.io/v1/namespaces/{checkout.namespace}/virtualservices"
    name = touched.removeprefix("VirtualService ")
    checkout.controlplane.merge(f"{services}/{name}", {"spec": {"hosts": ["other"]}})
    assert fault.present()
    assert fault.undo().was_present
    assert checkout.all() == before


def test_a_workload_that_was_made_anew_is_left_alone(checkout: Shop) -> None:
    """It takes over the pods, and the copy of the mark in the history with them."""
    fault = checkout.fault("scale", to=2)
    fault.inject()
    eventually(lambda: checkout.all()["copies"] and checkout.ready() == 2)
    admin = checkout.controlplane.admin
    keep = {"propagationPolicy": "Orphan"}
    admin.request("DELETE", checkout.path(), json=keep).raise_for_status()
    eventually(lambda: admin.get(checkout.path()).is_error)
    checkout.put(deployment(replicas=2))
    eventually(lambda: checkout.get()["status"].get("readyReplicas") == 2)
    assert not fault.present()
    done = fault.undo()
    assert (done.was_present, done.by_others) == (False, True)
    told = "Deployment checkout is not what the fault has touched, and was left"
    assert done.residue == f"somebody had taken it away; {told}"
    assert checkout.get()["spec"]["replicas"] == 2
    assert list(checkout.target.marks()) == []


def test_a_workload_that_was_made_anew_from_what_somebody_had_saved_is_left_alone(
    checkout: Shop,
) -> None:
    fault = checkout.fault("scale", to=2)
    fault.inject()
    saved = copy_of(checkout.get(), "checkout")
    admin = checkout.controlplane.admin
    admin.delete(checkout.path()).raise_for_status()
    eventually(lambda: admin.get(checkout.path()).is_error)
    checkout.put(saved)
    assert not fault.present()
    assert "are copies: take them away" in (fault.undo().residue or "")
    assert checkout.get()["spec"]["replicas"] == 2
