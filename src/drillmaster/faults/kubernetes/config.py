"""Configuration of a cluster's pods that is broken."""

from collections.abc import Iterator, Sequence
from functools import partial

from drillmaster.definitions.object_faults import ConfigBreak
from drillmaster.definitions.units import count
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.faults.kubernetes.expired import expired
from drillmaster.faults.kubernetes.marked import Attempt, Found, MarkedFault, Touched, cluster_of
from drillmaster.faults.kubernetes.readers import reads
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.kubernetes.rivals import keepers_of
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import (
    CONFIG_MAPS,
    PODS,
    SECRETS,
    Resource,
)
from drillmaster.targets.kubernetes.objects.workloads import is_ready, name_of, pods_of, workload_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import Restored
from drillmaster.targets.kubernetes.writing.fields import ABSENT, Change, written
from drillmaster.targets.kubernetes.writing.marks import ObjectMark, Where, bears, marks_of
from drillmaster.targets.kubernetes.writing.rewrites import Edit, Rewriting
from drillmaster.targets.kubernetes.writing.stash import (
    FIELDS,
    PREFIX,
    is_kept,
    is_stashed,
    path_of,
    stash,
    unstash,
)

_REASON = "CreateContainerConfigError"


class ConfigBreakOnKubernetes(MarkedFault[ConfigBreak]):
    """The value of a key is gone, or a certificate in it has expired. Pods that run keep what
    they have read; the next ones cannot start, or start with what is broken."""

    model = ConfigBreak
    resources = (SECRETS, CONFIG_MAPS)

    def radius(self, fault: Injection, target: Target) -> Radius:
        """The pods that read the key; none is made unavailable."""
        cluster = cluster_of(target)
        pods, thing = self._readers(fault, cluster), self._object(fault, cluster)
        return Radius(
            selected=len(pods),
            ready=sum(map(is_ready, pods)),
            takes_down=0,
            elsewhere=not pods,
            rivals=tuple(keepers_of(thing, _called(self.spec(fault)))),
        )

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        """The key of the object."""
        spec, thing = self.spec(fault), self._object(fault, cluster_of(target))
        path = path_of(thing, spec.key)
        return {f"{_called(spec)} in {spec.namespace}: {written(path)}": fault.id}

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:  # noqa: ARG002  # it has one round
        """Move the value out of the way."""
        cluster, spec = cluster_of(target), self.spec(fault)
        resource, name = _named(spec)
        thing = self._object(fault, cluster)
        if not bears(thing, fault.id):
            one = Rewriting(cluster.api, resource, spec.namespace, name)
            one.change(self.mark(fault), path_of(thing, spec.key), _edit(spec))
        pods = self._readers(fault, cluster)
        by = f" (read by {_counted(pods)})" if pods else ""
        return Injected([f"{_called(spec)}{by}"])

    def is_in(self, thing: Object, mark: ObjectMark) -> bool:
        """Whether the key still has what we put in its place."""
        return any(is_stashed(thing, change) for change in mark.changes)

    def find(self, fault: Injection, target: Target) -> Found:
        """The object that the drill names. While a value is out of the way in it, the mark must
        say so: else the value would never come back."""
        found, spec = Found(), self.spec(fault)
        resource, name = _named(spec)
        for thing in cluster_of(target).changes.among(resource, spec.namespace, name):
            self.sort(found, fault, resource, thing)
            told = any(change for one in marks_of(thing) for change in one.changes)
            if is_kept(thing, spec.key) and not (told or found.spoiled):
                found.borne.clear()
                found.spoiled.append(
                    f"{_called(spec)} has lost the mark of {fault.id}, and its value is kept in "
                    f"{PREFIX}{spec.key}; move it back to {spec.key} by hand"
                )
        return found

    def foreign(self, fault: Injection, mark: ObjectMark, where: Where) -> str | None:
        """Also on another object than the drill names. Where the value was given back already,
        nothing is left to tell."""
        if (where.resource, where.name) != _named(self.spec(fault)):
            return f"{where} is not the object of {mark.fault}"
        return super().foreign(fault, mark, where) if mark.changes else None

    def may_change(self, fault: Injection, change: Change) -> bool:
        """The key, which is gone or has something else."""
        spec = self.spec(fault)
        at_key = change.path in [(field, spec.key) for field in FIELDS]
        return at_key and (change.ours is ABSENT) == (spec.how == "remove")

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """Pods whose containers cannot be made because this very key is not there."""
        if not self.present(fault, cluster):
            return None
        spec = self.spec(fault)
        _, name = _named(spec)
        waiting = [
            name_of(pod)
            for pod in self._readers(fault, cluster)
            if any(spec.key in told and name in told for told in _complaints(pod))
        ]
        return f"cannot start without {spec.key}: {', '.join(waiting)}" if waiting else None

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:  # noqa: ARG002  # nothing is looked at
        """The object, and the pods that may read it."""
        (resource, name), place = _named(self.spec(fault)), self.place(fault)
        return [*rights("get", resource, place, name=name), *rights("list", PODS, place)]

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:  # noqa: ARG002  # nothing is looked at
        """The object; what bears the mark is found by lists."""
        (resource, name), place = _named(self.spec(fault)), self.place(fault)
        listed = [right for kind in self.resources for right in rights("list", kind, place)]
        return [*rights("update", resource, place, name=name), *listed]

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The object is written, as the fault makes it: not every kind of Secret may lose a key."""
        spec, thing = self.spec(fault), self._object(fault, cluster)
        resource, name = _named(spec)
        path = resource.path(spec.namespace, name)
        _edit(spec)(thing)
        return [partial(cluster.api.replace, path, thing, dry_run=True)]

    def restore(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Put the value back."""
        resource, thing, mark = touched
        namespace, name = thing["metadata"]["namespace"], name_of(thing)
        return Rewriting(cluster.api, resource, namespace, name).give_back(mark.fault, _put_back)

    def place(self, fault: Injection) -> str:
        """The namespace of the object."""
        return self.spec(fault).namespace

    def _object(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        spec = self.spec(fault)
        cluster.require(spec.namespace)
        resource, name = _named(spec)
        try:
            return cluster.api.get(resource.path(spec.namespace, name))
        except MissingError:
            raise DeclinedError(f"there is no {resource.kind} {name} in {spec.namespace}") from None

    def _readers(self, fault: Injection, cluster: KubernetesTarget) -> list[Object]:
        spec = self.spec(fault)
        cluster.require(spec.namespace)
        resource, name = _named(spec)
        pods = pods_of(cluster.api, spec.namespace, {})
        return [pod for pod in pods if reads(pod, resource, name, spec.key)]


def _named(spec: ConfigBreak) -> tuple[Resource, str]:
    return (SECRETS, spec.secret) if spec.secret else (CONFIG_MAPS, str(spec.config_map))


def _called(spec: ConfigBreak) -> str:
    resource, name = _named(spec)
    return f"{resource.kind} {name}"


def _counted(pods: list[Object]) -> str:
    of = ", ".join(sorted({workload_of(pod) for pod in pods}))
    return f"{count(len(pods), 'pod')} of {of}"


def _edit(spec: ConfigBreak) -> Edit:
    return partial(stash, key=spec.key, instead=_gone if spec.how == "remove" else expired)


def _gone(_: bytes) -> None:
    return None


def _put_back(thing: Object, mark: ObjectMark) -> Restored:
    done = [unstash(thing, change) for change in mark.changes]
    return Restored(
        any(one.in_force for one in done), [word for one in done for word in one.residue]
    )


def _complaints(pod: Object) -> Iterator[str]:
    """What the kubelet says of containers that it cannot make."""
    status = pod.get("status") or {}
    for field in ("initContainerStatuses", "containerStatuses"):
        for container in status.get(field) or []:
            waiting = container["state"].get("waiting") or {}
            if waiting.get("reason") == _REASON:
                yield waiting.get("message", "")
