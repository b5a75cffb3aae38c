"""A namespace that may be drilled, and Drillmaster's own connection to it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import yaml

from drillmaster.targets.kubernetes.objects.resources import (
    HISTORY,
    MARKED,
    NETWORK_POLICIES,
    QUOTAS,
    VIRTUAL_SERVICES,
)
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.controlplane import ControlPlane
from tests.support.shipped import ROOT

_ROLES = yaml.safe_load_all((ROOT / "docs" / "examples" / "kubernetes" / "rbac.yaml").read_text())

OURS, EVERYWHERE = (role["rules"] for role in _ROLES)
"""What Drillmaster needs in each namespace, and in the whole cluster: as its users are told."""


@contextmanager
def drillable(
    controlplane: ControlPlane, annotations: dict[str, str] | None = None
) -> Iterator[str]:
    """A namespace that says that it may be drilled, for the block."""
    labels = {"drillmaster.dev/drillable": "true", "drillmaster.dev/disposable": "true"}
    with controlplane.namespace(labels=labels, annotations=annotations) as namespace:
        yield namespace


def address(controlplane: ControlPlane, *namespaces: str, who: str = "admin") -> dict[str, Any]:
    """The address of namespaces, as somebody."""
    return {
        "kind": "kubernetes",
        "context": controlplane.context(who),
        "kubeconfig": str(controlplane.kubeconfig(who)),
        "namespaces": list(namespaces),
    }


@contextmanager
def connected(
    controlplane: ControlPlane, *namespaces: str, who: str = "admin", timeout: float = 4.0
) -> Iterator[KubernetesTarget]:
    """A connection to namespaces, as somebody, for the block."""
    target = KubernetesTarget(address(controlplane, *namespaces, who=who), timeout)
    with closing(target):
        yield target


@contextmanager
def drillable_node(controlplane: ControlPlane, pool: str) -> Iterator[str]:
    """A node that says that it may be drained, for the pods of a pool alone."""
    labels = {"drillmaster.test/pool": pool, "drillmaster.dev/drillable": "true"}
    with controlplane.node(labels) as node:
        yield node


def in_pool(pool: str) -> dict[str, Any]:
    """The part of a pod's spec that brings it to the nodes of a pool."""
    return {
        "nodeSelector": {"drillmaster.test/pool": pool},
        "tolerations": [{"key": "drillmaster.test/own", "operator": "Exists"}],
    }


def copied(controlplane: ControlPlane, namespace: str) -> list[str]:
    """What is left of marks in the histories of workloads."""
    return [
        part["metadata"]["name"]
        for resource in HISTORY
        for part in controlplane.admin.get(resource.path(namespace)).json()["items"]
        if any("drillmaster" in key for key in part["metadata"].get("annotations") or {})
    ]


def remove_marked(controlplane: ControlPlane, namespace: str) -> None:
    """Delete what a fault has created in a namespace, as somebody would who finds it."""
    for resource in (NETWORK_POLICIES, VIRTUAL_SERVICES, QUOTAS):
        answer = controlplane.admin.get(
            resource.path(namespace), params={"labelSelector": "drillmaster.dev/run"}
        ).raise_for_status()
        for thing in answer.json()["items"]:
            path = resource.path(namespace, thing["metadata"]["name"])
            controlplane.admin.delete(path).raise_for_status()


def as_it_was(controlplane: ControlPlane, namespace: str) -> dict[str, Any]:
    """All that a fault may create or change in a namespace, without what the cluster itself
    counts or writes: to be compared with what it was before."""
    found: dict[str, Any] = {}
    for resource in MARKED:
        if not resource.namespaced:
            continue
        answer = controlplane.admin.get(resource.path(namespace))
        for thing in answer.json().get("items", []) if answer.is_success else []:
            metadata = thing["metadata"]
            annotations = {
                name: value
                for name, value in (metadata.get("annotations") or {}).items()
                if not name.startswith("deployment.kubernetes.io/")
            }
            found[f"{resource.plural}/{metadata['name']}"] = {
                "labels": metadata.get("labels") or {},
                "annotations": annotations,
                **{part: thing.get(part) for part in ("spec", "data", "stringData")},
            }
    return found
