"""A control plane as tests use it: namespaces and nodes of their own, pods, the audit log."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.controlplane.identity import Identity
from tests.support.controlplane.keeper import PART, Keeper
from tests.support.controlplane.manifests import VIRTUAL_SERVICES
from tests.support.controlplane.people import People
from tests.support.require import missing
from tests.support.sandbox import eventually


class ControlPlane(People):
    """A Kubernetes API server, with all that makes pods run or seem to."""

    def __init__(self, admin: Identity, folder: Path, audit_log: Path | None) -> None:
        super().__init__(admin, folder)
        self.audit_log = audit_log
        """The audit log, a record a line; None where the server is somebody else's."""

    @contextmanager
    def namespace(
        self,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        prefix: str = "shop",
    ) -> Iterator[str]:
        """A new namespace for the block, in which pods can be made. Its name."""
        name = f"{prefix}-{secrets.token_hex(4)}"
        metadata = {"name": name, "labels": labels or {}, "annotations": annotations or {}}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        eventually(lambda: self.admin.get(account).is_success, 60)
        try:
            yield name
        finally:
            self._forget(f"/api/v1/namespaces/{name}")

    def install_virtual_services(self) -> None:
        """Let Istio's VirtualServices be stored; there is no mesh that would obey them."""
        kind = "/apis/networking.istio.io/v1/virtualservices"
        if not self.admin.get(kind).is_success:
            self.apply(VIRTUAL_SERVICES)
            eventually(lambda: self.admin.get(kind).is_success, 60)

    @contextmanager
    def node(self, labels: Mapping[str, str] | None = None) -> Iterator[str]:
        """A new node for the block, on which only those pods run that ask for it with
        `nodeName`, or with what `on_node` gives. Its name."""
        if self.audit_log is None:
            missing(PART, "a cluster of somebody else takes no node that is none")
        name = f"node-{secrets.token_hex(4)}"
        own = {"drillmaster.test/fake": "true", "kubernetes.io/hostname": name}
        taint = {"key": "drillmaster.test/own", "value": name, "effect": "NoSchedule"}
        metadata = {"name": name, "labels": {**own, **(labels or {})}}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
        self.apply({**node, "spec": {"taints": [taint]}})

        def usable() -> bool:
            """Ready, and not marked as new any more, which would keep pods away."""
            now = self.admin.get(f"/api/v1/nodes/{name}").json()
            return is_ready(now) and now["spec"]["taints"] == [taint]

        eventually(usable, 60)
        try:
            yield name
        finally:
            self._forget(f"/api/v1/nodes/{name}")

    def pods(self, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """The pods of a namespace, those that are about to go among them."""
        answer = self.admin.get(
            f"/api/v1/namespaces/{namespace}/pods", params={"labelSelector": selector}
        ).raise_for_status()
        pods: list[dict[str, Any]] = answer.json()["items"]
        return pods

    def ready(self, namespace: str, selector: str = "") -> list[str]:
        """The names of the pods that are Ready and stay."""
        return [
            pod["metadata"]["name"]
            for pod in self.pods(namespace, selector)
            if "deletionTimestamp" not in pod["metadata"] and is_ready(pod)
        ]

    def wait_ready(self, namespace: str, count: int, selector: str = "") -> list[str]:
        """Wait until exactly so many pods are Ready. Their names."""
        eventually(lambda: len(self.ready(namespace, selector)) == count, 60)
        return self.ready(namespace, selector)

    def audited(self, who: str) -> list[dict[str, Any]]:
        """The records of what a person did, from the audit log."""
        if self.audit_log is None:
            missing(PART, "the audit log of somebody else's cluster cannot be read")
        records = map(json.loads, self.audit_log.read_text(encoding="utf-8").splitlines())
        return [one for one in records if one["user"]["username"] == self.user(who)]


class OwnControlPlane(ControlPlane):
    """A control plane of one test, which may take its API away.

    The controllers and the kubelet end with the API and come back with it.
    """

    def __init__(self, admin: Identity, folder: Path, keeper: Keeper) -> None:
        super().__init__(admin, folder, Path(keeper.news["audit"]))
        self._keeper = keeper
        self.keeper = int(keeper.news["keeper"])
        """The process that is the parent of all parts."""

    def stop_api(self) -> None:
        """Kill the API server. Connections are refused from now on."""
        self._keeper.order("stop-api")

    def start_api(self) -> None:
        """Start it again, on the same port. Returns when it is ready."""
        self._keeper.order("start-api")

    def call_api_with(self, *arguments: str) -> None:
        """Give the API server more arguments; it takes them when it starts."""
        assert self.audit_log is not None
        file = self.audit_log.with_name("kube-apiserver.arguments")
        file.write_text("\n".join(arguments), encoding="utf-8")

    def pause(self) -> None:
        """Let the API server hang: connections are accepted by the kernel, and not answered."""
        self._keeper.order("pause-api")

    def resume(self) -> None:
        """Let it go on."""
        self._keeper.order("resume-api")


def is_ready(thing: Mapping[str, Any]) -> bool:
    """Whether a pod or a node says that it is Ready."""
    conditions = thing["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
