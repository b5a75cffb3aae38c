"""Namespaces of a Kubernetes cluster, as a target."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from drillmaster.definitions.probes import Aspect
from drillmaster.targets.base import (
    ActionRecord,
    Address,
    DeclinedError,
    Identity,
    Mark,
    Permission,
    Pod,
    PodsNow,
    WorkloadState,
)
from drillmaster.targets.kubernetes.audit.log import AuditLog
from drillmaster.targets.kubernetes.connection.api import ForbiddenError, MissingError, Object
from drillmaster.targets.kubernetes.connection.connecting import connected
from drillmaster.targets.kubernetes.objects import workloads
from drillmaster.targets.kubernetes.objects.resources import (
    DEPLOYMENTS,
    HISTORY,
    LEASES,
    MARKED,
    NAMESPACES,
    NODES,
    PODS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.rights.dry_runs import DryRuns
from drillmaster.targets.kubernetes.rights.logins import OwnLogins
from drillmaster.targets.kubernetes.rights.own import Own
from drillmaster.targets.kubernetes.rights.people import People
from drillmaster.targets.kubernetes.rights.permissions import Permissions
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.rights.reviews import Reviews
from drillmaster.targets.kubernetes.seeing.states import state_of
from drillmaster.targets.kubernetes.seeing.watching import PodWatch
from drillmaster.targets.kubernetes.writing.changes import Changes
from drillmaster.targets.kubernetes.writing.claims import NAME as CLAIM
from drillmaster.targets.kubernetes.writing.claims import Claims
from drillmaster.targets.kubernetes.writing.marks import (
    DISPOSABLE,
    DRILLABLE,
    MEND,
    STOP,
    Where,
    marks_of,
    spoiled_of,
)

_MANY = (DEPLOYMENTS, STATEFUL_SETS, NODES, *HISTORY)
"""Kinds of object of which one fault may change several; the others are known by their names."""


class KubernetesTarget:
    """A connection to namespaces of a cluster, as Drillmaster's own identity.

    Every method raises UnreachableError when the API server does not answer in time, and
    DeclinedError when it refuses.
    """

    kind = "kubernetes"

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self.namespaces: list[str] = address["namespaces"]
        """Where faults may be injected."""
        self.api = connected(address, timeout)
        """Requests, for what faults do."""
        self.changes = Changes(self.api)
        """What is changed so that it can be undone."""
        self.people = People(address)
        """Who the people of the environment are to the API server."""
        self.reviews = Reviews(self.api)
        """The authorisers."""
        self.own = Own(self.api)
        """What we may do ourselves."""
        self._logins = OwnLogins(timeout)
        self.permissions = Permissions(self.api, self.people, self.reviews, self._logins)
        """What the people may do."""
        self.dry_runs = DryRuns(self.api, self.people, self.reviews, self.permissions.discovery)
        """Requests in their names, which change nothing."""
        self._audit = AuditLog(address.get("audit_log"), self.api, self.people, self.namespaces)
        self._claims = Claims(self.api, self.namespaces)

    def refusal(self) -> str | None:
        """Which namespace does not say that it may be drilled, and how it would."""
        for name in self.namespaces:
            if _labels(self._namespace(name)).get(DRILLABLE) != "true":
                return (
                    f"namespace {name} does not say that it may be drilled: "
                    f"`kubectl label namespace {name} {DRILLABLE}=true`"
                )
        return None

    def disposable(self) -> bool:
        """Whether every namespace says that simulated responders may act in it."""
        return all(
            _labels(self._namespace(name)).get(DISPOSABLE) == "true" for name in self.namespaces
        )

    def stopped(self) -> str | None:
        """Who has put the annotation `drillmaster.dev/stop` on a namespace, when and why."""
        for name in self.namespaces:
            namespace = self._namespace(name)
            why = (namespace["metadata"].get("annotations") or {}).get(STOP)
            if why is not None:
                return f"namespace {name} is stopped{_by(namespace)}: {why or 'no reason given'}"
        return None

    def names(self) -> Iterator[str]:
        """Its context, server and namespaces, and the labels of the namespaces and pods."""
        yield from filter(None, [self.address.get("context"), self.api.server])
        for name in self.namespaces:
            yield name
            yield from _pairs(self._namespace(name))
            for pod in self._all_pods(name):
                yield from _pairs(pod)

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
        """The pods that have all the labels and stay, oldest first."""
        self.require(namespace)
        return [workloads.as_pod(pod) for pod in workloads.pods_of(self.api, namespace, labels)]

    def watch(
        self, namespace: str, labels: dict[str, str], stop: threading.Event
    ) -> Iterator[PodsNow]:
        """How the pods that have all the labels stand, and then every change."""
        self.require(namespace)
        return PodWatch(self.api, namespace, labels).run(stop)

    def require(self, namespace: str) -> None:
        """Raises DeclinedError where a namespace is none of the environment's."""
        if namespace not in self.namespaces:
            raise DeclinedError(
                f"namespace {namespace} is none of the environment's: {', '.join(self.namespaces)}"
            )

    def state(
        self, namespace: str, workload: str, what: Aspect | None = None
    ) -> WorkloadState | None:
        """The state of the Deployment, StatefulSet or DaemonSet of this name."""
        return state_of(self.api, namespace, workload, what)

    def permitted(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        """What the authorisers of the cluster say."""
        return self.permissions.of_action(who, action, namespace, workload)

    def audit(self, after: str | None) -> list[ActionRecord]:
        """What people did, by the API server's audit log, where the environment names it."""
        return self._audit.after(after)

    def identity(self, who: str | Literal["positive-control", "negative-control"]) -> Identity:
        """A cluster issues no credential to us for anybody."""
        return Identity(who)

    def claimed(self) -> str | None:
        """Which run holds the Lease of a namespace; or why we could not hold it ourselves, nor
        give it back."""
        return self.own.lacks(self._claiming()) or self._claims.held(datetime.now(UTC))

    def claim(self, run: str, until: datetime) -> None:
        """Claim the namespaces for a run, by a Lease in each."""
        self._claims.take(run, datetime.now(UTC), until)

    def release(self, run: str) -> None:
        """Delete the Leases of a run."""
        self._claims.release(run)

    def marks(self) -> Iterator[Mark]:
        """The faults that objects of the cluster bear, of any run: once where several say the
        same of it. A kind of object that the identity in use may neither look at nor change bears
        none of its marks.

        Raises:
            DeclinedError: after all others, that it may change a kind and not look at it, or that
                a mark cannot be read.
        """
        problems: list[str] = []
        seen: set[str] = set()
        for resource, namespace in self._places():
            try:
                things = self._heads(resource, namespace)
            except ForbiddenError as error:
                if self._may_change(resource, namespace):
                    problems.append(str(error))
                continue
            for thing in things:
                where = Where.of(resource, thing)
                if resource not in HISTORY:  # a copy cannot be mended, and goes by itself
                    problems += [
                        f"{where} has a mark that cannot be read: {key}; {MEND}"
                        for key in spoiled_of(thing)
                    ]
                for mark in marks_of(thing):
                    ours = resource.namespaced or set(mark.namespaces) & set(self.namespaces)
                    same = replace(mark, uid="")  # each object has its own
                    told = f"{same} {namespace if resource in _MANY else where}"
                    if ours and told not in seen:
                        seen.add(told)
                        yield replace(mark, where=where)
        if problems:
            raise DeclinedError("; ".join(problems))

    def hidden(self) -> Iterator[str]:
        """The kinds of object in the namespaces at which the identity in use may not look, as far
        as the cluster has them. Nodes are in no namespace: who has rights in namespaces alone has
        never drained one."""
        for resource, namespace in self._places():
            if not resource.namespaced or resource in HISTORY:
                continue
            try:
                with suppress(MissingError):
                    self.api.get(resource.path(namespace), limit="1")
            except ForbiddenError:
                if self._exists(resource):
                    yield (
                        f"Drillmaster may not look at {resource.plural} in {namespace}, where a "
                        "fault may be"
                    )

    def _exists(self, resource: Resource) -> bool:
        try:
            root = "/apis" if resource.group else "/api"
            known = self.api.get(f"{root}/{resource.version}")["resources"]
        except MissingError:
            return False
        except DeclinedError:  # who may not even ask what there is
            return True
        return any(one["name"] == resource.plural for one in known)

    def close(self) -> None:
        """Give the connections back."""
        self._logins.close()
        self.api.close()

    def _claiming(self) -> list[Question]:
        needs = []
        for namespace in self.namespaces:
            lease = Question("create", LEASES.plural, LEASES.group, "", namespace)
            needs += [replace(lease, verb=verb, name=CLAIM) for verb in ("get", "update", "delete")]
            needs.append(lease)
        return needs

    def _may_change(self, resource: Resource, namespace: str | None) -> bool:
        try:
            return self.own.may("update", resource, namespace)
        except DeclinedError:  # the authorisers cannot say
            return True

    def _places(self) -> Iterator[tuple[Resource, str | None]]:
        for resource in (*MARKED, *HISTORY):
            if resource.namespaced:
                yield from ((resource, namespace) for namespace in self.namespaces)
            else:
                yield resource, None

    def _heads(self, resource: Resource, namespace: str | None) -> list[Object]:
        """The metadata of all objects of a kind: a label that is gone hides no mark."""
        with suppress(MissingError):  # the cluster does not have this kind of object
            return self.api.heads(resource.path(namespace))
        return []

    def _all_pods(self, namespace: str) -> list[Object]:
        try:
            return workloads.pods_of(self.api, namespace, {})
        except ForbiddenError:
            missing = Question("list", PODS.plural, namespace=namespace)
            raise DeclinedError(self.own.refusal([missing])) from None

    def _namespace(self, name: str) -> Object:
        try:
            return self.api.get(NAMESPACES.path(None, name))
        except MissingError:
            raise DeclinedError(f"there is no namespace {name} at {self.api.server}") from None
        except ForbiddenError:
            grant = self.own.grant([Question("get", NAMESPACES.plural, namespace=name, name=name)])
            raise DeclinedError(
                f"namespace {name} may not be read, or does not exist: `{grant}`"
            ) from None


def _labels(thing: Object) -> dict[str, str]:
    return thing["metadata"].get("labels") or {}


def _pairs(thing: Object) -> Iterable[str]:
    return (f"{name}={value}" for name, value in _labels(thing).items())


def _by(thing: Object) -> str:
    """By which program, and when, the stop annotation was put; the API server keeps it."""
    fields: list[dict[str, Any]] = thing["metadata"].get("managedFields") or []
    for entry in fields:
        annotations = entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:annotations", {})
        if f"f:{STOP}" in annotations:
            return f" by {entry.get('manager', 'somebody')} at {entry.get('time', 'some time')}"
    return ""
