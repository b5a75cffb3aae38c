"""What the identity in use may do itself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from drillmaster.targets.kubernetes.connection.api import AnsweredError, KubernetesApi
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.rights import grants
from drillmaster.targets.kubernetes.rights.people import Subject
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.rights.reviews import ask_self

_AT_ONCE = 8
_UNKNOWN = "NAME"  # an API server before 1.28 does not say who asks


class Own:
    """The rights of the identity of a connection."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    def may(self, verb: str, resource: Resource, namespace: str | None) -> bool:
        """Whether it may do something to a kind of object. Raises as `lacks`."""
        return ask_self(
            self._api, Question(verb, resource.plural, resource.group, "", namespace or "")
        )

    def lacks(self, needs: Sequence[Question]) -> str | None:
        """What of this it may not do, in words, with the commands that let it; None where it may
        do all.

        Raises:
            DeclinedError: the authorisers cannot say.
            UnreachableError: no answer.
        """
        wanted = list(dict.fromkeys(needs))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(lambda one: ask_self(self._api, one), wanted))
        missing = [one for one, allowed in zip(wanted, answers, strict=True) if not allowed]
        return self.refusal(missing) if missing else None

    def refusal(self, missing: Sequence[Question]) -> str:
        """That these rights are missing, with the commands that grant them."""
        what = ", ".join(map(str, missing))
        return f"Drillmaster itself may not {what}: `{self.grant(missing)}`"

    def grant(self, missing: Sequence[Question]) -> str:
        """The commands that grant it rights."""
        me = self._user()
        return grants.line(me.user, me, missing)

    def _user(self) -> Subject:
        head = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        try:
            said = self._api.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", head)
        except AnsweredError:
            return Subject(_UNKNOWN)
        return Subject(str(said["status"]["userInfo"]["username"]))
