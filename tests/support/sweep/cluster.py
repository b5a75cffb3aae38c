"""A namespace of a real cluster, as the place of a drill that is killed."""

from pathlib import Path
from typing import Any

from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.writing.marks import RUN
from tests.support.cluster import as_it_was
from tests.support.cluster_drills import project
from tests.support.controlplane import ControlPlane
from tests.support.sandbox import eventually


class ClusterPlace:
    """A namespace with four ready pods, which many drills use one after another."""

    soon = 10.0

    def __init__(
        self, controlplane: ControlPlane, namespace: str, fault: str, resource: Resource
    ) -> None:
        self._controlplane = controlplane
        self._namespace = namespace
        self._fault = fault
        self._bears = resource.path(namespace)
        self._before = self._now()

    def project(self, folder: Path) -> Path:
        eventually(lambda: len(self._controlplane.ready(self._namespace)) == 4)
        path = project(folder, self._controlplane, self._namespace, self._fault)
        path.write_text(path.read_text().replace("duration: 2m", "duration: 4s"))
        return path

    def arguments(self) -> list[str]:
        return ["--yes"]

    def find(self, address: dict[str, Any]) -> None:
        """It is known."""

    def look(self) -> bool:
        params = {"labelSelector": RUN}
        return bool(self._controlplane.admin.get(self._bears, params=params).json()["items"])

    def problems(self) -> list[str]:
        now = self._now()
        keys = sorted({*now, *self._before})
        changed = [key for key in keys if now.get(key) != self._before.get(key)]
        return [f"{key} is not as it was: {now.get(key)}" for key in changed]

    def close(self) -> None:
        """The next drill begins where this one ended."""

    def _now(self) -> dict[str, Any]:
        path = f"/apis/coordination.k8s.io/v1/namespaces/{self._namespace}/leases"
        leases = self._controlplane.admin.get(path).json()["items"]
        names = [lease["metadata"]["name"] for lease in leases]
        return {**as_it_was(self._controlplane, self._namespace), "leases": names}
