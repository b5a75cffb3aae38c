"""A namespace of a real cluster, on which every fault can be tried."""

import time
from contextlib import ExitStack
from itertools import count
from typing import Any

from drillmaster.faults.base import Injection
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import (
    as_it_was,
    connected,
    copied,
    drillable,
    drillable_node,
    in_pool,
    remove_marked,
)
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, with_secret
from tests.support.sandbox import eventually

TRAFFIC = ("network-cut", "unreachable-dependency", "throttle", "latency")
CREATING = (*TRAFFIC, "quota-exhaustion")
"""Faults that are an object of their own."""


class KubernetesStaging:
    """A Deployment of four pods, in a namespace and on two nodes of its own."""

    ARGUMENTS: dict[str, dict[str, Any]] = {
        "pod-churn": {"kill": "50%", "every": "1s"},
        "scale": {"to": 5},
        "bad-release": {},
        "resource-throttle": {"cpu": "50m"},
        "node-drain": {"count": 2},
        "network-cut": {"direction": "both"},
        "unreachable-dependency": {"dependency": "database-primary"},
        "throttle": {"share": "60%"},
        "latency": {"delay": "60ms", "share": "50%"},
        "config-break": {"secret": "checkout", "key": "password", "how": "remove"},
        "quota-exhaustion": {},
    }
    UNSEEN = frozenset({"resource-throttle", "config-break", *TRAFFIC})
    """Nothing here obeys what they write, or nothing that runs notices it."""
    EXCLUDING = frozenset(
        {"scale", "bad-release", "resource-throttle", "node-drain"}
        | {"throttle", "latency", "config-break"}
    )
    """They change fields of others, which can be given back by one fault alone."""

    def __init__(self, controlplane: ControlPlane) -> None:
        self._controlplane = controlplane
        self._number = count()
        self._open = ExitStack()
        self.namespace = self._open.enter_context(drillable(controlplane))
        self.nodes = [
            self._open.enter_context(drillable_node(controlplane, self.namespace)) for _ in range(2)
        ]
        self.target: KubernetesTarget = self._open.enter_context(
            connected(controlplane, self.namespace)
        )
        self.target.address["dependencies"] = {
            "database-primary": {"address": "10.20.0.7", "ports": [5432]}
        }
        controlplane.install_virtual_services()
        self._secret = secret("checkout", password="of the database")
        workload = with_secret(deployment(replicas=4, **in_pool(self.namespace)), "password")
        controlplane.apply(self._secret, workload, namespace=self.namespace)
        controlplane.wait_ready(self.namespace, 4)
        self._path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/checkout"
        self._spec = self._get(self._path)["spec"]
        self._before = self._all()

    def close(self) -> None:
        self._open.close()

    def fault(self, kind: str, **changes: Any) -> Injection:
        name = f"{kind}-{next(self._number)}"
        where = {"namespace": self.namespace, "selector": "app=checkout"}
        if kind in ("config-break", "quota-exhaustion"):
            del where["selector"]
        if kind == "node-drain":
            where = {"nodes": f"drillmaster.test/pool={self.namespace}"}
        return Injection(
            id=f"r1-{name}",
            run="r1",
            name=name,
            kind=kind,
            arguments={**where, **self.ARGUMENTS[kind], **changes},
            expires=float(int(time.time())) + 60,
        )

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._controlplane.admin.get(path).raise_for_status().json()
        return found

    def _all(self) -> dict[str, Any]:
        found = as_it_was(self._controlplane, self.namespace)
        found["copies"] = copied(self._controlplane, self.namespace)
        for node in self.nodes:
            thing = self._get(f"/api/v1/nodes/{node}")
            metadata = thing["metadata"]
            found[node] = [thing["spec"], metadata["labels"], metadata.get("annotations")]
        return found

    def well(self) -> bool:
        return self.all_ready() and self._all() == self._before

    def all_ready(self) -> bool:
        return len(self._controlplane.ready(self.namespace)) == 4

    def marked(self, kind: str) -> bool:
        return True

    def visible(self, kind: str) -> bool:
        return kind not in self.UNSEEN

    def excludes(self, kind: str) -> bool:
        return kind in self.EXCLUDING

    def respond(self, kind: str) -> str:
        container: dict[str, Any] = {"name": "checkout"}
        template = {"spec": {"containers": [container]}}
        if kind == "scale":
            self._merge(self._path, {"spec": {"replicas": 6}})
            return "Deployment checkout: spec.replicas is 6 by now (written by python-httpx)"
        if kind == "bad-release":
            container["image"] = "registry.example/checkout:1.1"
            self._merge(self._path, {"spec": {"template": template}})
            return "image is 'registry.example/checkout:1.1' by now (written by python-httpx)"
        if kind == "resource-throttle":
            container["resources"] = {"limits": {"cpu": "2"}}
            self._merge(self._path, {"spec": {"template": template}})
            return "resources.limits.cpu is '2' by now (written by python-httpx)"
        if kind == "node-drain":
            for node in self.nodes:
                self._merge(f"/api/v1/nodes/{node}", {"spec": {"unschedulable": None}})
            return f"Node {min(self.nodes)} had been put back"
        return self._respond_to_objects(kind)

    def _respond_to_objects(self, kind: str) -> str:
        if kind == "config-break":
            path = f"/api/v1/namespaces/{self.namespace}/secrets/checkout"
            self._merge(path, {"data": {"password": "bWluZQ=="}})
            return "Secret checkout: data.password is something else by now"
        if kind in CREATING:
            remove_marked(self._controlplane, self.namespace)
            return "somebody had taken it away"
        return ""

    def _merge(self, path: str, change: dict[str, Any]) -> None:
        self._controlplane.merge(path, change, kind="strategic-merge")

    def lifts(self, kind: str) -> bool:
        return kind != "pod-churn"

    def restore(self) -> None:
        if self._get(self._path)["spec"] != self._spec:
            self._controlplane.rewrite(self._path, lambda thing: thing.update(spec=self._spec))
        self._controlplane.apply(self._secret, namespace=self.namespace)
        eventually(self.well)
