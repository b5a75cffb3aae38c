"""The state of a workload: its replicas, its rollout, its nodes, and the warnings about it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drillmaster.definitions.probes import Aspect
from drillmaster.targets.base import WorkloadState
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import EVENTS, NODES, PODS, Resource
from drillmaster.targets.kubernetes.objects.selectors import matches
from drillmaster.targets.kubernetes.objects.workloads import find_workload, name_of
from drillmaster.targets.kubernetes.seeing.pod_names import belongs_to
from drillmaster.targets.kubernetes.seeing.rollouts import rollout_of

RECENT = timedelta(minutes=10)
"""How long a warning counts."""


def state_of(
    api: KubernetesApi, namespace: str, name: str, what: Aspect | None = None
) -> WorkloadState | None:
    """A workload's state; what is in other objects only where it is asked for."""
    found = find_workload(api, namespace, name)
    if found is None:
        return None
    kind, workload = found
    status = workload.get("status") or {}
    containers = workload["spec"]["template"]["spec"]["containers"]
    state = WorkloadState(
        desired=workload["spec"].get("replicas", status.get("desiredNumberScheduled", 0)),
        ready=status.get("readyReplicas", status.get("numberReady", 0)),
        rollout=rollout_of(kind, workload),
        image=containers[0]["image"],
    )
    look = _ELSEWHERE.get(what) if what is not None else None
    return state if look is None else look(api, kind, workload, state)


def _cordoned(
    api: KubernetesApi, _kind: Resource, workload: Object, state: WorkloadState
) -> WorkloadState:
    pods = api.items(PODS.path(workload["metadata"]["namespace"]))
    selector = workload["spec"]["selector"]
    nodes = {
        pod["spec"].get("nodeName")
        for pod in pods
        if matches(selector, pod["metadata"].get("labels") or {})
    }
    cordoned = sum(_is_cordoned(api, node) for node in nodes if node)
    return replace(state, cordoned_nodes=cordoned)


def _is_cordoned(api: KubernetesApi, node: str) -> bool:
    try:
        return bool(api.get(NODES.path(None, node))["spec"].get("unschedulable"))
    except MissingError:  # it went, and its pods are about to
        return False


def _warnings(
    api: KubernetesApi, kind: Resource, workload: Object, state: WorkloadState
) -> WorkloadState:
    since = datetime.now(UTC) - RECENT
    path = EVENTS.path(workload["metadata"]["namespace"])
    told = api.items(path, fieldSelector="type=Warning")
    about = [one for one in told if _is_about(kind, name_of(workload), one["involvedObject"])]
    return replace(state, warnings=sum(_last(event) >= since for event in about))


def _is_about(kind: Resource, workload: str, thing: Mapping[str, str]) -> bool:
    name = thing.get("name", "")
    if thing.get("kind") == kind.kind:
        return name == workload
    return thing.get("kind") in ("Pod", "ReplicaSet") and belongs_to(kind, workload, name)


def _last(event: Object) -> datetime:
    """When it was last seen; an event that happens again and again is one object."""
    series = event.get("series") or {}
    times = (
        series.get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event["metadata"]["creationTimestamp"],
    )
    return datetime.fromisoformat(next(filter(None, times)))


_Look = Callable[[KubernetesApi, Resource, Object, WorkloadState], WorkloadState]

_ELSEWHERE: dict[Aspect, _Look] = {"cordoned-nodes": _cordoned, "warnings": _warnings}
