"""Killing one pod, and no other that has taken its name meanwhile."""

from drillmaster.targets.kubernetes.connection.api import (
    AnsweredError,
    ConflictError,
    KubernetesApi,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import PODS
from drillmaster.targets.kubernetes.objects.workloads import name_of


def evict(api: KubernetesApi, pod: Object, *, dry_run: bool = False) -> bool:
    """Evict a pod, as a drain does; whether it was there.

    Raises:
        AnsweredError: a PodDisruptionBudget says no (429, with the cause `DisruptionBudget`), or
            the identity in use may not.
    """
    metadata = pod["metadata"]
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
        "deleteOptions": _only(pod),
    }
    try:
        api.create(
            PODS.path(metadata["namespace"], name_of(pod), "eviction"), body, dry_run=dry_run
        )
    except AnsweredError as error:
        if _was_gone(error):
            return False
        raise
    return True


def delete(api: KubernetesApi, pod: Object) -> bool:
    """Delete a pod; whether it was there. Nothing asks its PodDisruptionBudget."""
    try:
        return api.delete(PODS.path(pod["metadata"]["namespace"], name_of(pod)), _only(pod))
    except ConflictError:
        return False  # another pod has its name by now


def _only(pod: Object) -> Object:
    """Nothing but this very pod."""
    return {"preconditions": {"uid": pod["metadata"]["uid"]}}


def _was_gone(error: AnsweredError) -> bool:
    return error.status in (404, 409)
