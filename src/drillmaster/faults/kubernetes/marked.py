"""What all faults on a cluster have in common: every object that they touch bears a mark."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from pydantic import ValidationError

from drillmaster.definitions.base import Model
from drillmaster.faults.base import Injection, Known, Undone
from drillmaster.targets.base import RUN as RUN_ITSELF
from drillmaster.targets.base import DeclinedError, Mark, Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import Restored, is_in_force
from drillmaster.targets.kubernetes.writing.fields import Change, written
from drillmaster.targets.kubernetes.writing.marks import (
    RUN,
    ObjectMark,
    SpoiledError,
    Where,
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


@dataclass
class Found:
    """The objects that bear the mark of a fault."""

    borne: list[Touched] = field(default_factory=list)
    spoiled: list[str] = field(default_factory=list)
    """Those of which nobody can tell what to give back, in words."""

    def refuse(self) -> None:
        """Raises SpoiledError where there are such."""
        if self.spoiled:
            raise SpoiledError("; ".join(self.spoiled))


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

    def doubt(self, mark: Mark) -> str | None:
        """Where the object, or what the mark tells, is nothing that this fault would touch."""
        assert isinstance(mark, ObjectMark)
        assert mark.where is not None
        if mark.where.resource not in self.bearers:
            return f"{mark.where} is of no kind that {mark.kind} marks"
        fault = Injection.of_mark(mark)
        try:
            place = self.place(fault)
        except ValidationError:
            return f"what {mark.where} tells of {mark.fault} is no {mark.kind}"
        if place != mark.where.namespace:
            return f"{mark.where} tells of a fault in another namespace"
        return self.foreign(fault, mark, mark.where)

    def present(self, fault: Injection, target: Target) -> bool:
        """Whether an object bears the mark, and is as the fault made it.

        Raises:
            SpoiledError: none does, and there is one of which nobody can tell.
        """
        found = self.find(fault, target)
        its = (one for one in found.borne if self.is_its(fault, one))
        if any(self.is_in(thing, mark) for _, thing, mark in its):
            return True
        found.refuse()
        return False

    def effect(self, fault: Injection, target: Target) -> str | None:
        """What was seen of it at the cluster."""
        return self.seen(fault, cluster_of(target))

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Take back what is still ours in all objects that bear the mark."""
        cluster, was_present, by_us = cluster_of(target), False, False
        residue: list[str] = []
        writers: list[str | None] = []
        found = self.find(fault, target)
        for touched in (one for one in found.borne if self.is_its(fault, one)):
            made = self.has_made(fault, touched)
            done = (self.remove if made else self.restore)(cluster, touched)
            was_present |= done.in_force
            residue += done.residue
            writers += done.writers
            by_us |= done.by_us
        found.refuse()
        if known == "injected" and not (was_present or residue or by_us):
            residue = ["somebody had taken it away"]
        residue += [_left(one) for one in found.borne if not self.is_its(fault, one)]
        by_itself = bool(writers) and all(one and is_controller(one) for one in writers)
        ended_by = RUN_ITSELF if by_us and not was_present else None
        return Undone(was_present, "; ".join(residue) or None, by_itself, ended_by=ended_by)

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

    @property
    def bearers(self) -> Sequence[Resource]:
        """The kinds of object on which its mark is found, copies of it included."""
        return self.resources

    def touched(self, fault: Injection, target: Target) -> list[Touched]:
        """The objects that the fault has made or changed, by their marks."""
        return [one for one in self.find(fault, target).borne if self.is_its(fault, one)]

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

    def find(self, fault: Injection, target: Target) -> Found:
        """The objects that bear the mark, or a copy of it. A label that is gone hides none."""
        found, changes = Found(), cluster_of(target).changes
        for resource in self.resources:
            for thing in changes.among(resource, self.place(fault)):
                self.sort(found, fault, resource, thing)
        return found

    def sort(self, found: Found, fault: Injection, resource: Resource, thing: Object) -> None:
        """Add an object to what was found, if it bears the mark."""
        try:
            mark = mark_of(thing, fault.id)
        except SpoiledError as error:
            found.spoiled.append(f"{resource.kind} {error}")
            return
        if mark is not None:
            self.add(found, fault, (resource, thing, mark))

    def add(self, found: Found, fault: Injection, touched: Touched) -> None:
        """Add an object with its mark to what was found."""
        resource, thing, mark = touched
        why = self.foreign(fault, mark, Where.of(resource, thing))
        if why is not None and self.is_its(fault, touched):
            found.spoiled.append(f"a mark that cannot be obeyed: {why}")
        else:
            found.borne.append(touched)

    def foreign(self, fault: Injection, mark: ObjectMark, where: Where) -> str | None:
        """What a mark tells of an object that this fault would not do, in words. Somebody who
        may write the mark must not make an undo do it."""
        odd = [change for change in mark.changes if not self.may_change(fault, change)]
        if odd or not mark.changes:
            told = written(odd[0].path) if odd else "nothing"
            return f"by its mark, {mark.fault} changed {told} in {where}"
        return None

    def may_change(self, fault: Injection, change: Change) -> bool:  # noqa: ARG002  # most only create
        """Whether a change in an object of somebody else may be this fault's."""
        return False

    def is_in(self, thing: Object, mark: ObjectMark) -> bool:
        """Whether an object is as the fault made it."""
        return is_in_force(thing, mark)

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
