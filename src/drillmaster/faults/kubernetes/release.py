"""A release that cannot start."""

from functools import partial
from typing import Any

from drillmaster.definitions.workload_faults import BadRelease
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.kill import delete
from drillmaster.faults.kubernetes.marked import Attempt, Touched
from drillmaster.faults.kubernetes.owners import pods_under
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.kubernetes.templates import CONTAINERS, TemplateFault, container_path
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import PODS, STATEFUL_SETS
from drillmaster.targets.kubernetes.objects.workloads import is_ready, name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing import history
from drillmaster.targets.kubernetes.writing.fields import Path
from drillmaster.targets.kubernetes.writing.marks import name_for

_CANNOT_START = {
    *("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"),
    *("CreateContainerError", "RunContainerError", "CrashLoopBackOff"),
}
"""Why a container waits, in the words of a kubelet."""


class BadReleaseOnKubernetes(TemplateFault[BadRelease]):
    """Puts an image into the pod template of the workloads."""

    model = BadRelease
    fields = ((*CONTAINERS, "*", "image"),)

    def contained(
        self, spec: BadRelease, called: str, container: dict[str, Any]
    ) -> dict[Path, Any]:
        """The image."""
        if container["image"] == spec.image:
            raise DeclinedError(f"{called} has the image {spec.image} already")
        return {container_path(container, "image"): spec.image}

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """The pods that wait for the image."""
        image = self.spec(fault).image
        waiting = [
            f"{name_of(pod)} ({reason})"
            for _, thing, _ in self.in_force(fault, cluster)
            for pod in pods_under(cluster.api, thing)
            if (reason := _cannot_start(pod, image)) is not None
        ]
        return f"cannot start: {', '.join(waiting)}" if waiting else None

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """Also pods and parts of the history go."""
        kinds = {history.OF[one.resource] for one in self.workloads(fault, cluster)}
        place = self.place(fault)
        gone = [right for kind in (PODS, *kinds) for right in rights("delete", kind, place)]
        return [*super().writes(fault, cluster), *gone]

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> list[Attempt]:
        """Also pods and parts of the history go."""
        namespace, name = self.spec(fault).namespace, name_for(fault.id)
        kinds = {history.OF[one.resource] for one in self.workloads(fault, cluster)}
        gone = [kind.path(namespace, name) for kind in (PODS, *kinds)]
        deleted = [partial(cluster.api.delete, path, dry_run=True) for path in gone]
        return [*super().attempts(fault, cluster), *deleted]

    def tidy(self, cluster: KubernetesTarget, touched: Touched) -> None:
        """A StatefulSet waits for a pod of the release for ever, so such a pod is deleted. And
        the release goes from the history: `kubectl rollout undo` would bring it back."""
        resource, thing, mark = touched
        pods = pods_under(cluster.api, thing)
        made = history.made_by(cluster.api, resource, thing, mark)
        for part in made:
            stuck = [pod for pod in pods if history.is_of(pod, part) and not is_ready(pod)]
            if len(stuck) < sum(history.is_of(pod, part) for pod in pods):
                continue  # it could start after all, and serves
            if resource == STATEFUL_SETS:
                for pod in stuck:
                    delete(cluster.api, pod)
            history.forget(cluster.api, resource, part)


def _cannot_start(pod: Object, image: str) -> str | None:
    """Why a container of a pod with an image does not start."""
    names = {one["name"] for one in pod["spec"]["containers"] if one["image"] == image}
    for status in (pod.get("status") or {}).get("containerStatuses") or []:
        waiting = (status.get("state") or {}).get("waiting") or {}
        if status["name"] in names and waiting.get("reason") in _CANNOT_START:
            return str(waiting["reason"])
    return None
