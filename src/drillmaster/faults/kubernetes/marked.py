"""What all faults on a cluster have in common: every object that they touch bears a mark."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from drillmaster.definitions.base import Model
from drillmaster.faults.base import Injection, Known, Undone
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import Restored, is_in_force
from drillmaster.targets.kubernetes.writing.marks import (
    RUN,
    ObjectMark,
    bears,
    is_put_on,
    key_of,
    mark_of,
)
from drillmaster.targets.kubernetes.writing.owners import is_controller

M = TypeVar("M", bound=Model)

Attempt = Callable[[], object]
"""A request as a dry run."""

Touched = tuple[Resource, Object, ObjectMark]
"""An object that bears the mark, of which kind it is, and the mark."""


class MarkedFault(ABC, Generic[M]):
    """A fault that marks objects of a cluster; the kinds say which, and what is done to them."""

    model: type[M]
    """How the fault is written in a drill."""
    resources: Sequence[Resource]
    """The kinds of object that may bear its mark."""

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """A right that is missing; what there is that speaks against it; and what the API server
        says to dry runs. What is needed to look is asked first, because the rest looks."""
        cluster = cluster_of(target)
        try:
            return (
                cluster.own.lacks(self.reads(fault, cluster))
                or self.obstacle(fault, cluster)
                or cluster.own.lacks(self.writes(fault, cluster))
                or cluster.changes.hindrance(self.attempts(fault, cluster))
            )
        except DeclinedError as error:  # there is nothing that it could be done to
            return str(error)

    def obstacle(self, fault: Injection, cluster: KubernetesTarget) -> str | None:  # noqa: ARG002  # most have none
        """What there is that speaks against the fault. By default: nothing."""
        return None

    def present(self, fault: Injection, target: Target) -> bool:
        """Whether an object bears the mark, and is as the fault made it."""
        return any(is_in_force(thing, mark) for _, thing, mark in self.touched(fault, target))

    def effect(self, fault: Injection, target: Target) -> str | None:
        """What was seen of it at the cluster."""
        return self.seen(fault, cluster_of(target))

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Take back what is still ours in all objects that bear the mark."""
        cluster, was_present = cluster_of(target), False
        residue: list[str] = []
        writers: list[str | None] = []
        borne = self.borne(fault, target)
        for touched in (one for one in borne if self.is_its(fault, one)):
            made = self.has_made(fault, touched)
            done = (self.remove if made else self.restore)(cluster, touched)
            was_present |= done.in_force
            residue += done.residue
            writers += done.writers
        if known == "injected" and not (was_present or residue):
            residue = ["somebody had taken it away"]
        residue += [_left(one) for one in borne if not self.is_its(fault, one)]
        by_itself = bool(writers) and all(one and is_controller(one) for one in writers)
        return Undone(was_present, "; ".join(residue) or None, by_itself=by_itself)

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:  # noqa: ARG002  # most only create
        """Nothing, where the marked objects are the fault's own."""
        return {}

    def closes_door(self) -> bool:
        """A cluster does not remember what was undone."""
        return False

    def reenters(self) -> bool:
        """Only the first round writes the marks."""
        return False

    def patience(self, fault: Injection) -> float | None:  # noqa: ARG002  # all are quick
        """Every undo is a few requests."""
        return None

    def spec(self, fault: Injection) -> M:
        """The fault as the drill has it."""
        return self.model.model_validate(fault.arguments)

    def touched(self, fault: Injection, target: Target) -> list[Touched]:
        """The objects that the fault has made or changed, by their marks."""
        return [one for one in self.borne(fault, target) if self.is_its(fault, one)]

    def is_its(self, fault: Injection, touched: Touched) -> bool:
        """Whether a mark is where the fault has put it. A copy of it on another object says
        nothing of that one."""
        _, thing, mark = touched
        if self.has_made(fault, touched):
            return True
        return is_put_on(thing, mark) and not (mark.created and not mark.uid)

    def has_made(self, fault: Injection, touched: Touched) -> bool:  # noqa: ARG002  # most change what is there
        """Whether the fault has created an object. A mark can be written by anybody who may write
        the object, and an undo deletes it: so its name decides."""
        return False

    def borne(self, fault: Injection, target: Target) -> list[Touched]:
        """The objects that bear the mark, or a copy of it."""
        changes, place = cluster_of(target).changes, self.place(fault)
        return [
            (resource, thing, mark)
            for resource in self.resources
            for thing in changes.bearing(resource, place, fault.run, fault.id)
            if (mark := mark_of(thing, fault.id)) is not None
        ]

    def remove(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Delete one object of ours."""
        resource, thing, _ = touched
        namespace = thing["metadata"].get("namespace")
        return Restored(cluster.changes.remove(resource, namespace, name_of(thing)))

    def restore(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Give one object back."""
        resource, thing, mark = touched
        namespace = thing["metadata"].get("namespace")
        return cluster.changes.restore(resource, namespace, name_of(thing), mark)

    def mark(self, fault: Injection) -> ObjectMark:
        """The mark of a fault, for an object that is about to bear it."""
        expires = datetime.fromtimestamp(fault.expires, UTC)
        # How an effect is seen is nothing that an undo needs, nor that a cluster must know.
        told: dict[str, Any] = fault.arguments
        arguments = {name: value for name, value in told.items() if name != "effect"}
        return ObjectMark(fault.id, fault.run, fault.kind, expires, arguments=arguments)

    @abstractmethod
    def place(self, fault: Injection) -> str | None:
        """The namespace of the objects; None for those that are in none."""

    @abstractmethod
    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """The effect in words, if there is one."""

    @abstractmethod
    def reads(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:
        """What must be allowed to see what the fault is about. It is told without looking."""

    @abstractmethod
    def writes(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:
        """What else must be allowed to inject the fault, to find it again and to undo it."""

    @abstractmethod
    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """What the fault and its undo do, as dry runs, as far as it can be tried."""


def _left(touched: Touched) -> str:
    """That an object is none of the fault's."""
    resource, thing, mark = touched
    words = f"{resource.kind} {name_of(thing)} is not what the fault has touched, and was left"
    if not bears(thing, mark.fault):
        return words
    copies = f"its label {RUN} and annotation {key_of(mark.fault)} are copies"
    return f"{words}; {copies}: take them away"


def cluster_of(target: Target) -> KubernetesTarget:
    """The target, which the registry's key says is a cluster."""
    assert target.kind == "kubernetes"
    return cast("KubernetesTarget", target)
