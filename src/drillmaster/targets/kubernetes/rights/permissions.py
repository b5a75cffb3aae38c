"""What a person may do to a workload, in the terms of Kubernetes."""

from collections.abc import Callable, Mapping

from drillmaster.definitions.errors import listed
from drillmaster.targets.base import DeclinedError, Identity, Permission
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.objects.resources import DAEMON_SETS, Resource
from drillmaster.targets.kubernetes.objects.workloads import find_workload
from drillmaster.targets.kubernetes.rights import grants
from drillmaster.targets.kubernetes.rights.discovery import Discovery
from drillmaster.targets.kubernetes.rights.logins import OwnLogins
from drillmaster.targets.kubernetes.rights.people import People
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.rights.recent import Recent
from drillmaster.targets.kubernetes.rights.reviews import Reviews, ask_self

_Needs = Callable[[Resource, str, str], list[Question]]
"""What an action on a workload needs: of which kind it is, its namespace and its name."""


def _view(kind: Resource, namespace: str, name: str) -> list[Question]:
    pods = [Question(verb, "pods", namespace=namespace) for verb in ("get", "list")]
    return [_get(kind, namespace, name), *pods]


def _scale(kind: Resource, namespace: str, name: str) -> list[Question]:
    if kind == DAEMON_SETS:
        raise DeclinedError(f"{name} is a DaemonSet, which has no number of replicas to scale")
    patch = Question("patch", kind.plural, kind.group, "scale", namespace, name)
    return [_get(kind, namespace, name), patch]


def _restart(kind: Resource, namespace: str, name: str) -> list[Question]:
    patch = Question("patch", kind.plural, kind.group, namespace=namespace, name=name)
    return [_get(kind, namespace, name), patch]


def _get(kind: Resource, namespace: str, name: str) -> Question:
    """kubectl reads the workload first, whatever it is to do with it."""
    return Question("get", kind.plural, kind.group, namespace=namespace, name=name)


def _evict(_kind: Resource, namespace: str, _name: str) -> list[Question]:
    return [Question("create", "pods", "", "eviction", namespace)]


NEEDS: Mapping[str, _Needs] = {
    "view": _view,
    "scale": _scale,
    "restart": _restart,
    "evict": _evict,
}
"""The actions that are the same on every cluster. What the others take depends on what was done
to the workload, and on what stands in front of it."""


class Permissions:
    """What people may do in a cluster."""

    def __init__(
        self, api: KubernetesApi, people: People, reviews: Reviews, own: OwnLogins
    ) -> None:
        self._api, self._people, self._reviews, self._own = api, people, reviews, own
        self._kinds = Recent()
        self.discovery = Discovery(api)
        """Which resources there are."""

    def of_action(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        """Whether somebody may do something to a workload.

        Raises:
            DeclinedError: what it takes is not known, or there is no such workload.
        """
        if action not in NEEDS:
            raise DeclinedError(
                f"what {action} takes is not known on a kubernetes target, which knows "
                f"{listed(sorted(NEEDS))}; ask with a check of the kind kubernetes"
            )
        kind, _ = self._kinds.get((namespace, workload), lambda: self._kind(namespace, workload))
        return self.of_all(who, NEEDS[action](kind, namespace, workload))

    def _kind(self, namespace: str, workload: str) -> Resource:
        found = find_workload(self._api, namespace, workload)
        if found is None:
            raise DeclinedError(f"there is no workload {workload} in {namespace}")
        return found[0]

    def of_self(self, who: Identity, question: Question) -> Permission:
        """Whether somebody may do it, asked as themselves, by their own log-in.

        Raises:
            DeclinedError: their log-in is not known here, or as in `of_all`.
            InvalidError: it cannot be used.
        """
        self.discovery.resource(question)
        allowed = ask_self(self._own.api(who), question)
        mend = None if allowed else grants.line(who.id, self._people.subject(who.id), [question])
        return Permission(allowed, mend)

    def of_all(self, who: str, wanted: list[Question]) -> Permission:
        """Whether somebody may do all of it; where not, the line that grants what is missing.

        Raises:
            DeclinedError: a resource is unknown to the cluster, or the authorisers cannot say.
        """
        subject = self._people.subject(who)
        for question in wanted:
            self.discovery.resource(question)
        answers = [(question, self._reviews.ask(subject, question)) for question in wanted]
        missing = [question for question, answer in answers if not answer.allowed]
        mend = grants.line(who, subject, missing) if missing else None
        return Permission(not missing, mend, min(answer.asked for _, answer in answers))
