"""Killing one pod, and no other that has taken its name meanwhile."""

from drillmaster.targets.kubernetes.connection.api import (
    BUDGET,
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


def delete(api: KubernetesApi, pod: Object, *, dry_run: bool = False) -> bool:
    """Delete a pod; whether it was there. Nothing asks its PodDisruptionBudget."""
    path = PODS.path(pod["metadata"]["namespace"], name_of(pod))
    try:
        return api.delete(path, _only(pod), dry_run=dry_run)
    except ConflictError:
        return False  # another pod has its name by now


def may_evict(api: KubernetesApi, pod: Object) -> None:
    """Try an eviction. A PodDisruptionBudget that lets no pod go now may do so later.

    Raises:
        AnsweredError: the identity in use may not, or admission refuses.
    """
    try:
        evict(api, pod, dry_run=True)
    except AnsweredError as error:
        if BUDGET not in error.causes:
            raise


def may_delete(api: KubernetesApi, pod: Object) -> None:
    """Try a deletion. Raises AnsweredError as `may_evict`."""
    delete(api, pod, dry_run=True)


def _only(pod: Object) -> Object:
    """Nothing but this very pod."""
    return {"preconditions": {"uid": pod["metadata"]["uid"]}}


def _was_gone(error: AnsweredError) -> bool:
    return error.status in (404, 409)
