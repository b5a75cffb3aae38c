"""Whether all pods of a workload are as they should be."""

from typing import Any

from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import DAEMON_SETS, STATEFUL_SETS, Resource


def rollout_of(kind: Resource, workload: Object) -> str:
    """`complete` when every pod is of the newest revision and available; `stuck` when the
    controller has given up; `progressing` otherwise."""
    status = workload.get("status") or {}
    if status.get("observedGeneration", 0) < workload["metadata"]["generation"]:
        return "progressing"  # the controller has not seen the change yet
    if _given_up(status):
        return "stuck"
    return "complete" if _complete(kind, workload["spec"], status) else "progressing"


def _given_up(status: dict[str, Any]) -> bool:
    return any(
        one["type"] == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded"
        for one in status.get("conditions") or []
    )


def _complete(kind: Resource, spec: dict[str, Any], status: dict[str, Any]) -> bool:
    if kind == DAEMON_SETS:
        wanted = status.get("desiredNumberScheduled", 0)
        counts = ("updatedNumberScheduled", "numberAvailable")
        return all(status.get(count, 0) == wanted for count in counts)
    wanted = spec.get("replicas", 1)
    if kind == STATEFUL_SETS and status.get("currentRevision") == status.get("updateRevision"):
        updated = wanted  # once all is new, nothing counts as updated any more
    else:
        updated = status.get("updatedReplicas", 0)
    counted = [updated, *(status.get(one, 0) for one in ("replicas", "availableReplicas"))]
    return all(count == wanted for count in counted)
