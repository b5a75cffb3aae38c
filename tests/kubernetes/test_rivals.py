"""Controllers that fight a fault: told before, and named afterwards."""

from typing import Any

import pytest

from drillmaster.targets.kubernetes.writing.owners import writer_of
from drillmaster.timeline.store import Store
from tests.support.cluster_shops import Shop, shop
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.guarded import at_target, environment
from tests.support.sandbox import eventually

ARGO = "Argo CD keeps Deployment checkout as it is, and may undo the fault"
FLUX = "Flux keeps Deployment checkout as it is, and may undo the fault"


def autoscaler(name: str = "checkout", **spec: Any) -> dict[str, Any]:
    """A HorizontalPodAutoscaler over a Deployment."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": target,
            "metrics": [{"type": "Resource", "resource": metric}],
            **spec,
        },
    }


def told(found: Shop, store: Store, **fault: Any) -> str:
    """What the guard's rule says."""
    body = {"namespace": found.namespace, "selector": "app=checkout"}
    faults = [{kind: {**body, **arguments}} for kind, arguments in fault.items()]
    everything = {"pods": "100%"}
    verdicts = at_target(
        store, found.target, environment(limits=everything), faults=faults, limits=everything
    )
    verdict = verdicts["undisputed"]
    assert verdict.passed
    assert verdict.warns is verdict.message.startswith("scale: ")
    return verdict.message


@pytest.mark.parametrize(
    ("metadata", "rival"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:x"}}, ARGO),
        ({"labels": {"argocd.argoproj.io/instance": "shop"}}, ARGO),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}}, FLUX),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "shop"}}, FLUX),
    ],
)
def test_a_gitops_controller_is_told_before(
    controlplane: ControlPlane, store: Store, metadata: dict[str, Any], rival: str
) -> None:
    manifest = deployment(replicas=1)
    with shop(controlplane) as found:
        found.put(manifest)
        nothing = "nothing is known that would take a fault back by itself"
        assert told(found, store, scale={"to": 0}) == nothing
        controlplane.merge(found.path(), {"metadata": metadata})
        assert told(found, store, scale={"to": 0}) == f"scale: {rival}"


def test_an_autoscaler_is_told_before_where_it_would_fight(
    controlplane: ControlPlane, store: Store
) -> None:
    with shop(controlplane) as found:
        found.put(deployment(replicas=1))
        found.put(autoscaler("search", maxReplicas=3))
        assert "nothing is known" in told(found, store, scale={"to": 0})
        found.put(autoscaler(maxReplicas=3))
        rival = "HorizontalPodAutoscaler checkout scales Deployment checkout"
        assert told(found, store, scale={"to": 0}) == f"scale: {rival}, and may undo the fault"
        assert "nothing is known" in told(found, store, **{"bad-release": {}})


@pytest.mark.soak
def test_an_autoscaler_that_undoes_the_fault_is_named_afterwards(
    controlplane: ControlPlane,
) -> None:
    """The real one: it takes a Deployment down to its `maxReplicas`, without any metric."""
    with shop(controlplane) as found:
        found.put(deployment(replicas=1))
        found.put(autoscaler(minReplicas=1, maxReplicas=2))
        fault = found.fault("scale", to=4)
        fault.inject()
        eventually(lambda: found.get()["spec"]["replicas"] == 2, 40)
        assert not fault.present()
        assert fault.effect() is None
        done = fault.undo()
    assert not done.was_present
    assert not done.by_others
    assert done.residue is not None
    assert done.residue.startswith("Deployment checkout: spec.replicas is 2 by now (written by ")
    assert "controller-manager" in done.residue


@pytest.mark.parametrize(("writer", "person"), [("argocd-controller", False), ("kubectl", True)])
def test_whoever_put_a_field_back_is_named_and_a_controller_is_no_responder(
    controlplane: ControlPlane, writer: str, person: bool
) -> None:
    with shop(controlplane) as found:
        found.put(deployment(replicas=2))
        fault = found.fault("scale", to=1)
        fault.inject()
        controlplane.merge(found.path(), {"spec": {"replicas": 2}}, by=f"{writer}/v3")
        done = fault.undo()
    assert done.residue == f"Deployment checkout had been put back (written by {writer})"
    assert done.by_others is person


def test_the_last_writer_of_a_field_is_found_in_lists_and_in_what_is_owned_as_a_whole() -> None:
    def entry(manager: str, time: str, fields: Any) -> dict[str, Any]:
        return {"manager": manager, "time": time, "fieldsV1": {"f:spec": fields}}

    container: dict[str, Any] = {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}
    thing = {
        "metadata": {
            "managedFields": [
                entry("helm", "2026-11-01T00:00:00Z", container),
                entry("kubectl", "2026-11-02T00:00:00Z", container),
                entry("drillmaster", "2026-11-03T00:00:00Z", container),
                entry("other", "2026-11-04T00:00:00Z", {"f:limits": {}}),
            ]
        }
    }
    path = ("spec", "containers", "[name=app]", "image")
    assert writer_of(thing, path) == "kubectl"
    assert writer_of(thing, ("spec", "limits", "cpu")) == "other"
    assert writer_of(thing, ("spec", "containers", "[name=x]", "image")) is None
    assert writer_of({"metadata": {}}, path) is None
