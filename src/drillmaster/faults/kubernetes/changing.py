"""What faults have in common that change the workloads to which the selected pods belong."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from drillmaster.faults.base import Injection, Known, Radius, Undone
from drillmaster.faults.kubernetes.base import ClusterFault, S
from drillmaster.faults.kubernetes.marked import Attempt, Found, Touched, cluster_of
from drillmaster.faults.kubernetes.owners import Workload, radius_of, workloads_of
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.kubernetes.rivals import rivals_of
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import ForbiddenError, Object
from drillmaster.targets.kubernetes.objects.resources import DEPLOYMENTS, STATEFUL_SETS, Resource
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing import history
from drillmaster.targets.kubernetes.writing.changes import Restored, is_in_force
from drillmaster.targets.kubernetes.writing.fields import ABSENT, Change, Path, is_at, written
from drillmaster.targets.kubernetes.writing.marks import bears, name_for


class WorkloadFault(ClusterFault[S]):
    """Changes fields of the workloads that own the selected pods. Each bears the mark, in the
    same write, so the undo needs no pod to be there any more."""

    resources = (DEPLOYMENTS, STATEFUL_SETS)
    scales = False
    """Whether it changes how many pods there are."""
    fields: ClassVar[Sequence[Path]]
    """The paths that it changes; `*` stands for any key."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the change would take down, of all pods of the workloads."""
        cluster, spec = cluster_of(target), self.spec(fault)
        found = self.workloads(fault, cluster)
        rivals = rivals_of(cluster.api, spec.namespace, found, scaled=self.scales)
        return replace(radius_of(found, partial(self.loses, spec)), rivals=tuple(rivals))

    def obstacle(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """A workload that cannot be changed so."""
        spec = self.spec(fault)
        try:
            for one in self.workloads(fault, cluster):
                self.wanted(spec, one.called, one.thing)
        except DeclinedError as error:
            return str(error)
        return None

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """The pods, and the workloads, which a ReplicaSet names: those that bear the mark are found
        by a list, and its copies in the histories."""
        needs = list(super().reads(fault, cluster))
        for resource in self.resources:
            needs += rights("get list", resource, self.place(fault))
        for part in history.OF.values():
            needs += rights("list", part, self.place(fault))
        return needs

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """The workloads that own the pods, and the copies of the mark in their histories."""
        needs: list[Question] = []
        namespace = self.place(fault)
        for one in self.workloads(fault, cluster):
            needs += rights("update", one.resource, namespace, name=one.name)
            needs += rights("patch", history.OF[one.resource], namespace)
        return needs

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        """The fields of each workload."""
        spec = self.spec(fault)
        return {
            f"{one.whole}: {written(path)}": fault.id
            for one in self.workloads(fault, cluster_of(target))
            for path in self.wanted(spec, one.called, one.thing)
        }

    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:  # noqa: ARG002  # it has one round
        """Change one workload after the other; what is changed already stays as it is."""
        spec, mark, changed = self.spec(fault), self.mark(fault), []
        for one in self.workloads(fault, cluster):
            wanted = partial(self.wanted, spec, one.called)
            cluster.changes.change(one.resource, spec.namespace, one.name, mark, wanted)
            changed.append(one.called)
        return changed

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Give the workloads back, and take the copies of the mark from their histories. Raises
        ForbiddenError where the identity in use may not look there any more."""
        done = super().undo(fault, target, known)
        history.take_copies(cluster_of(target).api, self.spec(fault).namespace, fault.id)
        return done

    def restore(self, cluster: KubernetesTarget, touched: Touched) -> Restored:
        """Give a workload back, see that its controller knows, and tidy up after it."""
        resource, thing, mark = touched
        namespace, name = thing["metadata"]["namespace"], name_of(thing)

        def settled() -> None:
            history.wait_observed(cluster.api, resource, namespace, name)
            history.look(cluster.api, namespace)  # else the mark stays
            self.tidy(cluster, touched)

        lost = not bears(thing, mark.fault)
        return cluster.changes.restore(resource, namespace, name, mark, lost=lost, settled=settled)

    @property
    def bearers(self) -> Sequence[Resource]:
        """Also the histories of the workloads."""
        return (*self.resources, *history.OF.values())

    def find(self, fault: Injection, target: Target) -> Found:
        """The workloads that bear the mark, and those that have lost it while their history
        still has a copy."""
        found, cluster = super().find(fault, target), cluster_of(target)
        known = {thing["metadata"]["uid"] for _, thing, _ in found.borne}
        namespace = self.spec(fault).namespace
        with suppress(ForbiddenError):  # what bears the mark itself is given back all the same
            for touched in history.marked_owners(cluster.api, namespace, fault.id):
                uid = touched[1]["metadata"]["uid"]
                if uid not in known and not bears(touched[1], fault.id):
                    known.add(uid)
                    self.add(found, fault, touched)
        return found

    def may_change(self, fault: Injection, change: Change) -> bool:  # noqa: ARG002  # every drill of its kind may
        """Only the fields of its kind, and to a value: to none it never does."""
        return change.ours is not ABSENT and any(is_at(change.path, one) for one in self.fields)

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The workloads are written, and parts of their histories."""
        api, namespace = cluster.api, self.spec(fault).namespace
        tried: list[Attempt] = [partial(history.look, api, namespace)]
        for one in self.workloads(fault, cluster):
            path = one.resource.path(namespace, one.name)
            tried.append(partial(api.replace, path, one.thing, dry_run=True))
            part = history.OF[one.resource].path(namespace, name_for(fault.id))
            tried.append(partial(api.patch, part, {}, dry_run=True))
        return tried

    def in_force(self, fault: Injection, cluster: KubernetesTarget) -> list[Touched]:
        """The workloads that still are as the fault made them."""
        return [one for one in self.touched(fault, cluster) if is_in_force(one[1], one[2])]

    def workloads(self, fault: Injection, cluster: KubernetesTarget) -> list[Workload]:
        """The workloads that own the selected pods."""
        namespace = self.spec(fault).namespace
        return workloads_of(cluster.api, namespace, self.objects(fault, cluster))

    def tidy(self, cluster: KubernetesTarget, touched: Touched) -> None:
        """Take away what the cluster made of the change, and would keep. By default: nothing."""

    @abstractmethod
    def loses(self, spec: S, workload: Workload) -> int:
        """How many ready pods of a workload are unavailable at the same time, at the most."""

    @abstractmethod
    def wanted(self, spec: S, called: str, thing: Object) -> dict[Path, Any]:
        """The new values of a workload's fields.

        Raises:
            DeclinedError: it would change nothing, or cannot be told what to change.
        """
