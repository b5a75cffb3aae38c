"""What faults have in common that are one object of their own in a namespace."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from drillmaster.definitions.placed import Placed
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.marked import (
    Attempt,
    Found,
    MarkedFault,
    Touched,
    cluster_of,
)
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.targets.base import Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import Restored
from drillmaster.targets.kubernetes.writing.marks import (
    ObjectMark,
    Where,
    bears,
    marks_of,
    name_for,
)
from drillmaster.targets.kubernetes.writing.owners import is_written_by_us, writer_of

P = TypeVar("P", bound=Placed)


class CreatingFault(MarkedFault[P]):
    """Creates one object, whose name no other fault has. Its undo deletes that object."""

    resource: Resource
    """The kind of object."""

    @property
    def resources(self) -> Sequence[Resource]:  # type: ignore[override]  # it follows from `resource`
        """The one kind of object that bears its mark."""
        return (self.resource,)

    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:  # noqa: ARG002  # it has one round
        """Create the object, unless it is there already."""
        self._create(fault, cluster)
        return [f"{self.resource.kind} {name_for(fault.id)}"]

    def find(self, fault: Injection, target: Target) -> Found:
        """The object of its name, whatever somebody has made of its mark, and copies of that."""
        return own(fault, target, self.resource, self.mark(fault))

    def foreign(self, fault: Injection, mark: ObjectMark, where: Where) -> str | None:  # noqa: ARG002  # the mark says it
        """Only the object of its name is its own."""
        return not_own(mark, where)

    def remove(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Delete it, whatever somebody has made of it: it is ours. Say so."""
        done = super().remove(cluster, touched)
        return Restored(done.in_force, edited(touched) if done.in_force else [])

    def has_made(self, fault: Injection, touched: Touched) -> bool:
        """That of its name."""
        return name_of(touched[1]) == name_for(fault.id)

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The object comes and goes."""
        path = self.resource.path(self.spec(fault).namespace, name_for(fault.id))
        return [
            partial(self._create, fault, cluster, dry_run=True),
            partial(cluster.api.delete, path, dry_run=True),
        ]

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:  # noqa: ARG002  # nothing is looked at
        """The object, which is found by a list."""
        return rights("list create delete", self.resource, self.place(fault))

    def place(self, fault: Injection) -> str:
        """The namespace of the object."""
        return self.spec(fault).namespace

    def _create(
        self, fault: Injection, cluster: KubernetesTarget, *, dry_run: bool = False
    ) -> None:
        namespace = self.spec(fault).namespace
        metadata = {"name": name_for(fault.id), "namespace": namespace}
        body = {"metadata": metadata, "spec": self.body(fault, cluster)}
        cluster.changes.create(self.resource, namespace, body, self.mark(fault), dry_run=dry_run)

    @abstractmethod
    def body(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        """The object's `spec`. Raises DeclinedError where it would be no fault."""


def own(fault: Injection, target: Target, resource: Resource, mark: ObjectMark) -> Found:
    """The object that a fault has created, by its name, and those with a copy of its mark. One of
    its name that bears no mark any more is its own where we wrote it."""
    found = Found()
    for thing in cluster_of(target).changes.among(resource, fault.arguments["namespace"]):
        if name_of(thing) == name_for(fault.id):
            if bears(thing, fault.id) or is_written_by_us(thing):
                found.borne.append((resource, thing, replace(mark, created=True)))
        elif fault.id in {told.fault for told in marks_of(thing)}:
            found.borne.append((resource, thing, replace(mark, created=True)))
    return found


def not_own(mark: ObjectMark, where: Where) -> str | None:
    """Why an object is none that the fault of a mark has created; None where it is."""
    if mark.created and where.name == name_for(mark.fault):
        return None
    return f"{where} was not created by {mark.fault}"


def edited(touched: Touched) -> list[str]:
    """Who else has written what is in an object of ours, in words."""
    resource, thing, _ = touched
    writer = writer_of(thing, ("spec",))
    return [f"{resource.kind} {name_of(thing)} was changed by {writer}"] if writer else []
