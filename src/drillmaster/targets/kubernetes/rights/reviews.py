"""Asking the authorisers what somebody may, with as few requests as can be.

All that somebody may do in a namespace is one answer where Drillmaster may impersonate them and
the authorisers know the whole of it; otherwise every question is a request of its own. What was
asked a moment ago is not asked again, and says when it was asked.
"""

from dataclasses import dataclass
from typing import Final

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import ForbiddenError, KubernetesApi, Object
from drillmaster.targets.kubernetes.rights.people import Subject
from drillmaster.targets.kubernetes.rights.questions import Question, Rule, as_rules, covers
from drillmaster.targets.kubernetes.rights.recent import Recent

_GROUP: Final = "authorization.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the authorisers said."""

    allowed: bool
    asked: float
    """When they were asked, in the seconds of `time.monotonic`."""


class Reviews:
    """The authorisers of one cluster, asked as Drillmaster. Any thread may ask."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api
        self._recent = Recent()

    def ask(self, subject: Subject, question: Question) -> Reviewed:
        """Whether somebody may do that.

        Raises:
            DeclinedError: the authorisers cannot say, or Drillmaster may not ask them.
            UnreachableError: no answer.
        """
        if question.namespace:
            key = ("rules", subject, question.namespace)
            rules, asked = self._recent.get(key, lambda: self._rules(subject, question.namespace))
            if rules is not None:
                return Reviewed(any(covers(rule, question) for rule in rules), asked)
        allowed, asked = self._recent.get(
            ("access", subject, question), lambda: self._review(subject, question)
        )
        return Reviewed(allowed, asked)

    def impersonated(self, subject: Subject) -> KubernetesApi:
        """The same connection in somebody's name.

        Raises:
            DeclinedError: Drillmaster may not.
        """
        if not self._recent.get(("impersonate", subject), lambda: self._may_be(subject))[0]:
            raise DeclinedError(f"Drillmaster may not impersonate {subject.user} and their groups")
        return self._api.impersonating(subject.user, subject.groups)

    def _rules(self, subject: Subject, namespace: str) -> list[Rule] | None:
        """All that somebody may do in a namespace; None where that cannot be known so."""
        api = self._api.impersonating(subject.user, subject.groups)
        try:
            status = _asked(api, "SelfSubjectRulesReview", {"namespace": namespace})
        except ForbiddenError:  # Drillmaster may not impersonate them
            return None
        whole = status.get("incomplete") is False and not status.get("evaluationError")
        return as_rules(status) if whole else None

    def _review(self, subject: Subject, question: Question) -> bool:
        who = {"user": subject.user, "groups": subject.all_groups}
        spec = {**who, "resourceAttributes": question.attributes}
        try:
            return is_allowed(_asked(self._api, "SubjectAccessReview", spec))
        except ForbiddenError as error:
            raise DeclinedError(
                "Drillmaster itself may not ask what people may do (bind the ClusterRole of "
                f"docs/examples/kubernetes/rbac.yaml to it): {error}"
            ) from None

    def _may_be(self, subject: Subject) -> bool:
        wanted = [
            Question("impersonate", "users", name=subject.user),
            *(Question("impersonate", "groups", name=group) for group in subject.groups),
        ]
        return all(ask_self(self._api, question) for question in wanted)


def ask_self(api: KubernetesApi, question: Question) -> bool:
    """Whether the identity of a connection may do that. Raises as `Reviews.ask`."""
    spec = {"resourceAttributes": question.attributes}
    return is_allowed(_asked(api, "SelfSubjectAccessReview", spec))


def is_allowed(status: Object) -> bool:
    """What a review says.

    Raises:
        DeclinedError: the authorisers failed, so that a denial means nothing.
    """
    allowed = bool(status.get("allowed"))
    if not allowed and status.get("evaluationError"):
        raise DeclinedError(f"the authorisers cannot say: {status['evaluationError']}")
    return allowed


def _asked(api: KubernetesApi, kind: str, spec: Object) -> Object:
    body = {"apiVersion": _GROUP, "kind": kind, "spec": spec}
    return dict(api.create(f"/apis/{_GROUP}/{kind.lower()}s", body)["status"])
