"""Nodes that are drained, one after the other, as an upgrade of the cluster does it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from drillmaster.clock import SteadyClock
from drillmaster.definitions.units import format_duration
from drillmaster.definitions.workload_faults import NodeDrain
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.faults.kubernetes.kill import evict, may_evict
from drillmaster.faults.kubernetes.marked import Attempt, MarkedFault, cluster_of
from drillmaster.faults.kubernetes.nodes import Drained, drained, nodes_of, radius_of, refusal
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import BUDGET, AnsweredError, Object
from drillmaster.targets.kubernetes.objects.resources import NODES, PODS
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.changes import is_in_force
from drillmaster.targets.kubernetes.writing.fields import Change, Path, written
from drillmaster.targets.kubernetes.writing.marks import ObjectMark, bears

_CORDON: Path = ("spec", "unschedulable")
_PAUSE = 0.5  # seconds until a budget is asked again


class NodeDrainOnKubernetes(MarkedFault[NodeDrain]):
    """Cordons nodes, evicts what a drain evicts, and uncordons them. A node of an earlier round
    takes pods again before the next ones are cordoned."""

    model = NodeDrain
    resources = (NODES,)

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would evict."""
        cluster = cluster_of(target)
        return radius_of(cluster.api, self._next(fault, cluster))

    def obstacle(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """A node, or a pod on it, that is none of ours."""
        return refusal(self._planned(fault, cluster), cluster.namespaces)

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:  # noqa: ARG002  # nothing is looked at
        """Nodes, and all pods on them: nodes are in no namespace."""
        return [*rights("list", NODES, None), *rights("list", PODS, None)]

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:
        """The nodes, and the pods that are evicted from them."""
        names = [one.name for one in self._planned(fault, cluster)]
        nodes = [right for name in names for right in rights("get update", NODES, None, name=name)]
        return nodes + [
            right
            for namespace in cluster.namespaces
            for right in rights("create", PODS, namespace, part="eviction")
        ]

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        """The cordon of each node that has its turn."""
        spec = self.spec(fault)
        nodes = nodes_of(cluster_of(target).api, spec.nodes)
        turn = nodes if spec.every is not None else nodes[: spec.count]
        return {f"Node {name_of(node)}: {written(_CORDON)}": fault.id for node in turn}

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:  # noqa: ARG002  # the marks say which are next
        """Drain the next nodes."""
        cluster, spec = cluster_of(target), self.spec(fault)
        planned = self._next(fault, cluster)
        if not planned:
            raise DeclinedError(f"no node has the labels {spec.nodes}")
        _refuse(planned, cluster)
        former = self.touched(fault, cluster)
        if not (former or any(one.evicts for one in planned)):
            names = ", ".join(one.name for one in planned)
            raise DeclinedError(f"there is no pod on {names} that a drain would evict")
        for touched in former:
            self.restore(cluster, touched)
        for one in planned:
            mark = self.mark_in(fault, cluster)
            cluster.changes.change(NODES, None, one.name, mark, lambda _: {_CORDON: True})
        self._evict(fault, cluster, planned)
        return Injected([one.name for one in planned])

    def place(self, fault: Injection) -> str | None:  # noqa: ARG002  # nodes are in none
        """Nodes are in no namespace."""
        return None

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """The nodes that take no pods, once none is left of those that a drain evicts."""
        nodes = [
            thing for _, thing, mark in self.touched(fault, cluster) if is_in_force(thing, mark)
        ]
        if not nodes or any(drained(cluster.api, node).evicts for node in nodes):
            return None
        return f"drained: {', '.join(map(name_of, nodes))}"

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The nodes are written, and in each namespace a pod is evicted."""
        planned = self._planned(fault, cluster)
        pods = {pod["metadata"]["namespace"]: pod for one in planned for pod in one.evicts}
        tried: list[Attempt] = [partial(may_evict, cluster.api, pod) for pod in pods.values()]
        for node in nodes_of(cluster.api, self.spec(fault).nodes):
            path = NODES.path(None, name_of(node))
            tried.append(partial(cluster.api.replace, path, node, dry_run=True))
        return tried

    def may_change(self, fault: Injection, change: Change) -> bool:  # noqa: ARG002  # every drain does the same
        """The cordon alone."""
        return change.path == _CORDON and change.ours is True

    def mark_in(self, fault: Injection, cluster: KubernetesTarget) -> ObjectMark:
        """The mark of a node also says whose it is: others drill the cluster, too."""
        return replace(self.mark(fault), namespaces=tuple(cluster.namespaces))

    def _planned(self, fault: Injection, cluster: KubernetesTarget) -> list[Drained]:
        """The nodes that have their turn: with `every` all of them."""
        every = self.spec(fault).every is not None
        return (self._all if every else self._next)(fault, cluster)

    def _all(self, fault: Injection, cluster: KubernetesTarget) -> list[Drained]:
        nodes = nodes_of(cluster.api, self.spec(fault).nodes)
        return [drained(cluster.api, node) for node in nodes]

    def _next(self, fault: Injection, cluster: KubernetesTarget) -> list[Drained]:
        """The nodes of the next round: by name, after those that are drained now."""
        spec = self.spec(fault)
        nodes = nodes_of(cluster.api, spec.nodes)
        last = max((at for at, node in enumerate(nodes) if bears(node, fault.id)), default=-1)
        turn = nodes[last + 1 :] + nodes[: last + 1]
        return [drained(cluster.api, node) for node in turn[: spec.count]]

    def _evict(
        self, fault: Injection, cluster: KubernetesTarget, planned: Sequence[Drained]
    ) -> None:
        """Evict until no pod is left, for as long as the drill says."""
        clock, patience = SteadyClock(), self.spec(fault).give_up
        until = clock.monotonic() + patience
        while True:
            now = [drained(cluster.api, one.node) for one in planned]
            _refuse(now, cluster)  # pods may have come until the node was cordoned
            held = [pod for one in now for pod in one.evicts if not _goes(cluster, pod)]
            if not held:
                return
            if clock.monotonic() >= until:
                raise DeclinedError(
                    f"PodDisruptionBudgets have not let these pods go for "
                    f"{format_duration(patience)}: {', '.join(map(name_of, held))}"
                )
            clock.wait(threading.Event(), _PAUSE)


def _refuse(planned: Sequence[Drained], cluster: KubernetesTarget) -> None:
    if (why := refusal(planned, cluster.namespaces)) is not None:
        raise DeclinedError(why)


def _goes(cluster: KubernetesTarget, pod: Object) -> bool:
    """Evict a pod; False where its budget does not let it go now."""
    try:
        evict(cluster.api, pod)
    except AnsweredError as error:
        if BUDGET not in error.causes:
            raise
        return False
    return True
