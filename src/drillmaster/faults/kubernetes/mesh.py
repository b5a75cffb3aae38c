"""Requests that a service mesh refuses or delays: Istio's own faults, in its routes."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar

from drillmaster.definitions.placed import Scoped
from drillmaster.faults.base import Injection, Radius
from drillmaster.faults.kubernetes.base import ClusterFault
from drillmaster.faults.kubernetes.creating import edited
from drillmaster.faults.kubernetes.marked import Attempt, Touched, cluster_of
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.kubernetes.rivals import keepers_of
from drillmaster.faults.kubernetes.routes import (
    Part,
    change,
    has_fault,
    path_of,
    put_fault,
    serves,
    take_fault,
)
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import ConflictError, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import VIRTUAL_SERVICES
from drillmaster.targets.kubernetes.objects.workloads import name_of, workload_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import Restored
from drillmaster.targets.kubernetes.writing.fields import ABSENT, Change
from drillmaster.targets.kubernetes.writing.marks import (
    ObjectMark,
    Where,
    is_name_of_ours,
    name_for,
)
from drillmaster.targets.kubernetes.writing.rewrites import Rewriting

S = TypeVar("S", bound=Scoped)


class MeshFault(ClusterFault[S]):
    """A fault in the HTTP routes of the hosts that are named like the selected pods' workloads.
    A host that has no VirtualService gets one of ours.

    The API server stores it whether or not a mesh obeys: its effect is seen by the drill's
    `effect` alone.
    """

    resources = (VIRTUAL_SERVICES,)
    part: ClassVar[Part]

    def radius(self, fault: Injection, target: Target) -> Radius:
        """The pods, and who keeps the VirtualServices as they are."""
        rivals = [
            words
            for _, found in self._hosts(fault, cluster_of(target))
            for service in found
            for words in keepers_of(service, f"VirtualService {name_of(service)}")
        ]
        return replace(super().radius(fault, target), rivals=tuple(rivals))

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        """The routes of each host, by their VirtualServices where there are some."""
        namespace = self.spec(fault).namespace
        services = {
            f"VirtualService {name}"
            for host, found in self._hosts(fault, cluster_of(target))
            for name in (map(name_of, found) if found else [f"for {host}"])
        }
        return {f"{one} in {namespace}: fault.{self.part}": fault.id for one in sorted(services)}

    def is_in(self, thing: Object, mark: ObjectMark) -> bool:
        """Whether a VirtualService is ours, or a route of another has the fault."""
        return mark.created or any(has_fault(thing, told) for told in mark.changes)

    def foreign(self, fault: Injection, mark: ObjectMark, where: Where) -> str | None:
        """Nothing of one of ours, nor where everything was given back already."""
        ours = mark.created and is_name_of_ours(where.name)
        return super().foreign(fault, mark, where) if mark.changes and not ours else None

    def may_change(self, fault: Injection, change: Change) -> bool:  # noqa: ARG002  # every fault of its kind does
        """Its part of the routes."""
        return change.path == path_of(self.part) and change.ours is not ABSENT

    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:  # noqa: ARG002  # it has one round
        """Put the fault into the routes of each host."""
        touched: list[str] = []
        for host, found in self._hosts(fault, cluster):
            for service in found:
                self._change(fault, cluster, name_of(service))
            names = map(name_of, found) if found else [self._create(fault, cluster, host)]
            touched += [f"VirtualService {name}" for name in names]
        return touched

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:  # noqa: ARG002  # other kinds see more
        """Nothing: the mesh does not say what it does to requests."""
        return None

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """The pods, and the VirtualServices."""
        listed = rights("list", VIRTUAL_SERVICES, self.place(fault))
        return [*super().reads(fault, cluster), *listed]

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """The VirtualServices of each host, and one of ours: theirs may be gone by then."""
        place = self.place(fault)
        needs = rights("create delete", VIRTUAL_SERVICES, place)
        for _, found in self._hosts(fault, cluster):
            for name in map(name_of, found) if found else [""]:
                needs += rights("get update", VIRTUAL_SERVICES, place, name=name)
        return needs

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """VirtualServices are written, as the fault makes them, and one of ours goes."""
        namespace = self.spec(fault).namespace
        tried: list[Attempt] = []
        for host, found in self._hosts(fault, cluster):
            ours = VIRTUAL_SERVICES.path(namespace, _name(fault, host))
            tried.append(partial(cluster.api.delete, ours, dry_run=True))
            for service in found:
                path = VIRTUAL_SERVICES.path(namespace, name_of(service))
                put_fault(service, self.part, self.value(fault))
                tried.append(partial(cluster.api.replace, path, service, dry_run=True))
        return tried

    def restore(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Take the fault out of the routes."""
        _, thing, mark = touched
        return _one(cluster, thing["metadata"]["namespace"], name_of(thing)).give_back(
            mark.fault, _taken
        )

    def remove(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Delete one of ours, unless another fault is in it."""
        _, thing, mark = touched
        one = _one(cluster, thing["metadata"]["namespace"], name_of(thing))
        done = one.leave(mark.fault, _taken)
        return Restored(done.in_force, [*done.residue, *edited(touched)])

    def has_made(self, fault: Injection, touched: Touched) -> bool:  # noqa: ARG002  # it is shared
        """One of a name of ours, also for a host that somebody has changed since."""
        _, thing, mark = touched
        return mark.created and is_name_of_ours(name_of(thing))

    @abstractmethod
    def value(self, fault: Injection) -> dict[str, Any]:
        """The fault, as Istio writes it."""

    def _hosts(
        self, fault: Injection, cluster: KubernetesTarget
    ) -> Iterator[tuple[str, list[Object]]]:
        """The hosts of the selected pods, each with its VirtualServices."""
        namespace = self.spec(fault).namespace
        try:
            there = cluster.api.items(VIRTUAL_SERVICES.path(namespace))
        except MissingError:
            raise DeclinedError(
                "the cluster has no VirtualService of Istio (networking.istio.io/v1), so nothing "
                "in it could refuse or delay requests"
            ) from None
        for host in sorted({workload_of(pod) for pod in self.objects(fault, cluster)}):
            yield host, [one for one in there if serves(one, host, namespace)]

    def _change(self, fault: Injection, cluster: KubernetesTarget, name: str) -> None:
        edit = partial(put_fault, part=self.part, value=self.value(fault))
        one = _one(cluster, self.spec(fault).namespace, name)
        one.change(self.mark(fault), path_of(self.part), edit)

    def _create(self, fault: Injection, cluster: KubernetesTarget, host: str) -> str:
        """One for a host. All faults of a run share it: of two for one host a mesh obeys one."""
        namespace, name, value = self.spec(fault).namespace, _name(fault, host), self.value(fault)
        route = {"route": [{"destination": {"host": host}}], "fault": {self.part: value}}
        body = {
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"hosts": [host], "http": [route]},
        }
        mark = replace(self.mark(fault), changes=(change(self.part, value),))
        try:
            cluster.changes.create(VIRTUAL_SERVICES, namespace, body, mark)
        except ConflictError:  # another fault was faster
            self._change(fault, cluster, name)
        return name


def _one(cluster: KubernetesTarget, namespace: str, name: str) -> Rewriting:
    return Rewriting(cluster.api, VIRTUAL_SERVICES, namespace, name)


def _name(fault: Injection, host: str) -> str:
    return name_for(f"{fault.run} {host}")


def _taken(service: Object, mark: ObjectMark) -> Restored:
    done = [take_fault(service, told) for told in mark.changes]
    residue = [words for one in done for words in one.residue]
    return Restored(any(one.in_force for one in done), residue)
