"""Which workload a pod belonged to that may be gone by now."""

from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import (
    DAEMON_SETS,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.objects.workloads import owner_of, workload_of
from drillmaster.targets.kubernetes.seeing.pod_names import belongs_to


class Owners:
    """The workloads of pods. What was found is remembered: a pod never changes hands."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api
        self._known: dict[tuple[str, str], str] = {}

    def workload(self, namespace: str, pod: str) -> str:
        """The workload of a pod, by the pod itself or else by its name; the pod's own name where
        nothing of that name is left. Raises UnreachableError."""
        key = (namespace, pod)
        if key not in self._known:
            self._known[key] = self._find(namespace, pod)
        return self._known[key]

    def _find(self, namespace: str, pod: str) -> str:
        there = self._get(PODS, namespace, pod)
        if there is not None:
            return workload_of(there)
        maker = pod.rpartition("-")[0]
        replicas = self._maker(REPLICA_SETS, namespace, maker, pod)
        if replicas is not None:
            owner = owner_of(replicas)
            return str(owner["name"]) if owner else maker
        for kind in (STATEFUL_SETS, DAEMON_SETS):
            if self._maker(kind, namespace, maker, pod) is not None:
                return maker
        return pod

    def _maker(self, kind: Resource, namespace: str, name: str, pod: str) -> Object | None:
        """What is there of a kind and a name, if it names its pods like this one."""
        return self._get(kind, namespace, name) if belongs_to(kind, name, pod) else None

    def _get(self, kind: Resource, namespace: str, name: str) -> Object | None:
        try:
            return self._api.get(kind.path(namespace, name))
        except MissingError:
            return None
