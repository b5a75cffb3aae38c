"""Pods of a cluster that keep dying."""

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from pydantic import TypeAdapter, ValidationError

from drillmaster.definitions.faults import PodChurn
from drillmaster.faults import shares
from drillmaster.faults.base import Injection, Radius
from drillmaster.faults.kubernetes.base import Attempt, ClusterFault, Touched, cluster_of
from drillmaster.faults.kubernetes.budgets import allowed_by_budgets
from drillmaster.faults.kubernetes.creating import not_own, own
from drillmaster.faults.kubernetes.kill import delete, evict, may_delete, may_evict
from drillmaster.faults.kubernetes.marked import Found
from drillmaster.faults.kubernetes.owners import by_workload, lost, sum_of
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import (
    CONFIG_MAPS,
    DISRUPTION_BUDGETS,
    PODS,
)
from drillmaster.targets.kubernetes.objects.workloads import is_leaving, is_ready, name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.marks import ObjectMark, Where, bears, name_for

Victim = dict[str, str]
"""A pod that was killed: its `name` and `uid`; a StatefulSet's next pod has the same name."""

_VICTIMS = TypeAdapter(list[Victim])


class PodChurnOnKubernetes(ClusterFault[PodChurn]):
    """Kills a share of the selected pods in each round. Their workload brings them back, so the
    undo ends the killing. A ConfigMap bears the mark, and says which pods were killed."""

    model = PodChurn
    resources = (CONFIG_MAPS,)

    def find(self, fault: Injection, target: Target) -> Found:
        """The ConfigMap of its name."""
        return own(fault, target, CONFIG_MAPS, self.mark(fault))

    def foreign(self, fault: Injection, mark: ObjectMark, where: Where) -> str | None:  # noqa: ARG002  # the mark says it
        """Only the ConfigMap of its name is its own."""
        return not_own(mark, where)

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch, of each workload apart."""
        share, pods = self.spec(fault).kill, self.objects(fault, cluster_of(target))
        return sum_of(
            {
                workload: Radius(len(own), sum(map(is_ready, own)), shares.of(share, len(own)))
                for workload, own in by_workload(pods).items()
            }
        )

    def obstacle(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """A pod that would not come back; or budgets are to be ignored, and the environment does
        not say so."""
        allowed = cluster.address.get("disruption_budgets") == "ignore"
        if self.spec(fault).disruption_budgets == "ignore" and not allowed:
            return (
                "it would ignore PodDisruptionBudgets, and the target of the environment does not "
                "say `disruption_budgets: ignore`"
            )
        return lost(self.objects(fault, cluster))

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:  # noqa: ARG002  # nothing is looked at
        """The ConfigMap with the mark, and what kills."""
        spec, place = self.spec(fault), self.place(fault)
        needs = rights("get list create patch delete", CONFIG_MAPS, place)
        needs += rights("get", PODS, place)
        if spec.by == "eviction":
            return [*needs, *rights("create", PODS, place, part="eviction")]
        needs += rights("delete", PODS, place)
        if spec.disruption_budgets == "honour":
            needs += rights("list", DISRUPTION_BUDGETS, place)
        return needs

    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:
        """Kill the share of each workload, oldest pods first and none that is not ready: it is
        down already."""
        spec = self.spec(fault)
        self._begin(fault, cluster, round_)
        pods = self.objects(fault, cluster)
        if (why := lost(pods)) is not None:
            raise DeclinedError(why)
        doomed = [pod for own in by_workload(pods).values() for pod in _share(spec.kill, own)]
        if spec.by == "deletion" and spec.disruption_budgets == "honour":
            doomed = allowed_by_budgets(cluster.api, spec.namespace, doomed)
        self._note(fault, cluster, round_, doomed)
        kill = evict if spec.by == "eviction" else delete
        return [name_of(pod) for pod in doomed if kill(cluster.api, pod)]

    def has_made(self, fault: Injection, touched: Touched) -> bool:
        """The ConfigMap of its name."""
        return name_of(touched[1]) == name_for(fault.id)

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """The pods that were killed and are gone, or about to go."""
        namespace = self.spec(fault).namespace
        gone = [
            victim["name"]
            for _, noted, _ in self.touched(fault, cluster)
            for victim in _noted(noted)
            if not _stays(cluster, namespace, victim)
        ]
        return f"gone: {', '.join(gone)}" if gone else None

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The ConfigMap comes and goes, and a pod is killed."""
        spec, api = self.spec(fault), cluster.api
        path = CONFIG_MAPS.path(spec.namespace, name_for(fault.id))
        kill = may_evict if spec.by == "eviction" else may_delete
        return [
            partial(self._create, fault, cluster, dry_run=True),
            partial(api.delete, path, dry_run=True),
            *(partial(kill, api, pod) for pod in self.objects(fault, cluster)[:1]),
        ]

    def _begin(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> None:
        """Somebody who deletes the ConfigMap ends the killing."""
        namespace, name = self.spec(fault).namespace, name_for(fault.id)
        if round_ == 1:
            self._create(fault, cluster)
            return
        try:
            there = cluster.api.get(CONFIG_MAPS.path(namespace, name))
        except MissingError:
            there = {}
        if not bears(there, fault.id):
            raise DeclinedError(f"somebody has deleted the ConfigMap {name}, and so ended it")

    def _create(
        self, fault: Injection, cluster: KubernetesTarget, *, dry_run: bool = False
    ) -> None:
        namespace = self.spec(fault).namespace
        body: Object = {"metadata": {"name": name_for(fault.id), "namespace": namespace}}
        cluster.changes.create(CONFIG_MAPS, namespace, body, self.mark(fault), dry_run=dry_run)

    def _note(
        self, fault: Injection, cluster: KubernetesTarget, round_: int, pods: list[Object]
    ) -> None:
        """Write down who is about to be killed: whoever looks for the effect was not there."""
        victims: list[Victim] = [
            {"name": name_of(pod), "uid": pod["metadata"]["uid"]} for pod in pods
        ]
        path = CONFIG_MAPS.path(self.spec(fault).namespace, name_for(fault.id))
        cluster.api.patch(path, {"data": {f"round-{round_}": json.dumps(victims)}})


def _share(share: float, pods: list[Object]) -> list[Object]:
    return [pod for pod in pods if is_ready(pod)][: shares.of(share, len(pods))]


def _noted(thing: Object) -> list[Victim]:
    """Who was killed, as far as it can be read: people may write into the ConfigMap, too."""
    found = []
    for text in (thing.get("data") or {}).values():
        with suppress(ValidationError):
            found += _VICTIMS.validate_json(text, strict=True)
    return [one for one in found if one.keys() == {"name", "uid"}]


def _stays(cluster: KubernetesTarget, namespace: str, victim: Victim) -> bool:
    try:
        pod = cluster.api.get(PODS.path(namespace, victim["name"]))
    except MissingError:
        return False
    return pod["metadata"]["uid"] == victim["uid"] and not is_leaving(pod)
