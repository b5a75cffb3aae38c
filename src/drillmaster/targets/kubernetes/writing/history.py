"""The histories of workloads, and the copies of marks in them.

The controllers copy the annotations of a workload into its history, and so our marks: a
Deployment's to its newest ReplicaSet, a StatefulSet's to a new ControllerRevision. `kubectl
rollout undo` writes those of an earlier ReplicaSet over the Deployment's, which takes a mark
away while the change that it stands for may stay. The copy then says how to undo it.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress

from drillmaster.clock import SteadyClock
from drillmaster.targets.base import UnreachableError
from drillmaster.targets.kubernetes.connection.api import (
    KubernetesApi,
    MissingError,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import (
    DEPLOYMENTS,
    REPLICA_SETS,
    REVISIONS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.objects.workloads import name_of, owner_of
from drillmaster.targets.kubernetes.writing.fields import ABSENT, value_at
from drillmaster.targets.kubernetes.writing.marks import ObjectMark, key_of, marks_of

OF = {DEPLOYMENTS: REPLICA_SETS, STATEFUL_SETS: REVISIONS}
"""What the history of a workload consists of."""

_LOOKS = 40
_PAUSE = 0.025  # seconds between two; controllers see a change within some milliseconds


def look(api: KubernetesApi, namespace: str) -> None:
    """Raises ForbiddenError where the identity in use may not look at histories: nobody could say
    that no copy of a mark is left in them, or no release that must not be rolled out again."""
    for kind in OF.values():
        api.items(kind.path(namespace))


def marked_owners(
    api: KubernetesApi, namespace: str, fault: str
) -> Iterator[tuple[Resource, Object, ObjectMark]]:
    """The workloads in whose history there is a copy of a fault's mark, and the copy."""
    for resource, part, mark in _copies(api, namespace, fault):
        owner = owner_of(part)
        if owner is not None and owner["kind"] == resource.kind:
            with suppress(MissingError):
                yield resource, api.get(resource.path(namespace, owner["name"])), mark


def take_copies(api: KubernetesApi, namespace: str, fault: str) -> None:
    """Take all copies of a fault's mark away."""
    without = {"metadata": {"annotations": {key_of(fault): None}}}
    for resource, part, _ in list(_copies(api, namespace, fault)):
        with suppress(MissingError):  # the controllers tidy up by themselves
            api.patch(OF[resource].path(namespace, name_of(part)), without)


def made_by(
    api: KubernetesApi, resource: Resource, workload: Object, mark: ObjectMark
) -> list[Object]:
    """The parts of a workload's history with the pod template that a fault made."""
    namespace, uid = workload["metadata"]["namespace"], workload["metadata"]["uid"]
    return [
        part
        for kind, part, _ in _copies(api, namespace, mark.fault)
        if kind == resource and (owner_of(part) or {}).get("uid") == uid and _has(part, mark)
    ]


def is_of(pod: Object, part: Object) -> bool:
    """Whether a pod was made from a part of its workload's history."""
    if (owner_of(pod) or {}).get("uid") == part["metadata"]["uid"]:
        return True
    labels = pod["metadata"].get("labels") or {}
    return bool(labels.get("controller-revision-hash") == name_of(part))


def forget(api: KubernetesApi, resource: Resource, part: Object) -> None:
    """Delete a part of the history of a workload of a kind, with the pods that it still has."""
    api.delete(OF[resource].path(part["metadata"]["namespace"], name_of(part)))


def wait_observed(api: KubernetesApi, resource: Resource, namespace: str, name: str) -> None:
    """Wait until a workload's controller has seen it as it is now.

    Raises:
        MissingError: the workload is gone.
        UnreachableError: the controller has not seen it within a second.
    """
    clock = SteadyClock()
    for _ in range(_LOOKS):
        now = api.get(resource.path(namespace, name))
        if (now.get("status") or {}).get("observedGeneration", 0) >= now["metadata"]["generation"]:
            return
        clock.wait(threading.Event(), _PAUSE)
    raise UnreachableError(f"the controller of {resource.kind} {name} has not seen its undo yet")


def _copies(
    api: KubernetesApi, namespace: str, fault: str
) -> Iterator[tuple[Resource, Object, ObjectMark]]:
    """The parts of histories that bear a copy, under the kind of workload."""
    for resource, kind in OF.items():
        for part in api.items(kind.path(namespace)):
            for mark in (one for one in marks_of(part) if one.fault == fault):
                yield resource, part, mark


def _has(part: Object, mark: ObjectMark) -> bool:
    inside = part.get("data") or part
    return any(
        change.path[:2] == ("spec", "template")
        and change.ours is not ABSENT
        and value_at(inside, change.path) == change.ours
        for change in mark.changes
    )
