"""Trying a request in somebody's name, without doing it: the strongest answer to whether they
may. The API server treats it as any other of theirs, up to the point of writing it down."""

from drillmaster.targets.base import DeclinedError, Permission
from drillmaster.targets.kubernetes.connection.api import (
    BUDGET,
    AnsweredError,
    ForbiddenError,
    KubernetesApi,
    MissingError,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import PODS, Resource
from drillmaster.targets.kubernetes.objects.specimen import POD
from drillmaster.targets.kubernetes.rights import grants
from drillmaster.targets.kubernetes.rights.discovery import Discovery
from drillmaster.targets.kubernetes.rights.people import People
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.rights.reviews import Reviews

_INVALID = 422
_OF_A_FIELD = "FieldValue"
"""How the API server begins the cause where a field is not as it must be."""
_NOT_ASKED = (
    "the authorisers let it pass, and what was tried lacks content, which is refused before all of "
    "admission is asked; ask with how: review"
)


class DryRuns:
    """Requests that change nothing, in people's names."""

    def __init__(
        self, api: KubernetesApi, people: People, reviews: Reviews, discovery: Discovery
    ) -> None:
        self._api, self._people = api, people
        self._reviews, self._discovery = reviews, discovery

    def attempt(self, who: str, question: Question) -> Permission:
        """Whether the API server lets somebody do it. A request that names no object is tried
        on the first that there is.

        Raises:
            DeclinedError: Drillmaster may not impersonate them, there is nothing to try it on,
                it cannot be tried, or it is refused for another reason than permission.
        """
        resource = self._discovery.resource(question)
        subject = self._people.subject(who)
        theirs = self._reviews.impersonated(subject)
        try:
            self._try(theirs, resource, question)
        except ForbiddenError as error:
            if self._reviews.ask(subject, question).allowed:
                raise DeclinedError(f"{who} is let in, and refused all the same: {error}") from None
            return Permission(False, grants.line(who, subject, [question]))
        except MissingError:
            raise DeclinedError(f"there is no such object to try it on: {question}") from None
        except AnsweredError as error:
            if _lacks_content(error):
                raise DeclinedError(f"{_NOT_ASKED}: {error}") from None
            if BUDGET not in error.causes:  # a budget is asked last, after all of admission
                raise
        return Permission(True)

    def _try(self, api: KubernetesApi, resource: Resource, question: Question) -> None:
        namespace, part = question.namespace or None, question.subresource or None
        every = resource.path(namespace)
        match question.verb:
            case "list":
                api.get(every, limit="1")
            case "deletecollection":
                api.delete(every, dry_run=True)
            case "create" if part is None:
                api.create(every, _specimen(resource), dry_run=True)
            case "watch":
                raise DeclinedError("a watch cannot be tried; ask with how: review")
            case _:
                name = question.name or self._first(every, question)
                self._try_one(api, resource, question, name)

    def _try_one(
        self, api: KubernetesApi, resource: Resource, question: Question, name: str
    ) -> None:
        path = resource.path(question.namespace or None, name, question.subresource or None)
        match question.verb:
            case "get":
                api.get(path)
            case "patch":
                api.patch(path, {}, dry_run=True)
            case "update":
                api.replace(path, self._api.get(path), dry_run=True)
            case "delete":
                if not api.delete(path, dry_run=True):
                    raise DeclinedError(f"there is no {name} to try it on: {question}")
            case "create" if question.subresource == "eviction":
                kind = {"apiVersion": "policy/v1", "kind": "Eviction"}
                api.create(path, {**kind, "metadata": {"name": name}}, dry_run=True)
            case _:
                raise DeclinedError(f"{question} cannot be tried; ask with how: review")

    def _first(self, every: str, question: Question) -> str:
        """The name of any object, as Drillmaster sees them."""
        found = self._api.get(every, limit="1")["items"]
        if not found:
            raise DeclinedError(f"there is nothing to try it on: {question}")
        return str(found[0]["metadata"]["name"])


def _specimen(resource: Resource) -> Object:
    """What is tried where an object is to be created: only what a pod needs is known."""
    if resource == PODS:
        return POD
    head = {"apiVersion": resource.version, "kind": resource.kind}
    return {**head, "metadata": {"generateName": "drillmaster-"}}


def _lacks_content(error: AnsweredError) -> bool:
    """Whether the API server found fault with fields of what was tried. A policy that denies has
    the same status, and another cause."""
    return error.status == _INVALID and any(one.startswith(_OF_A_FIELD) for one in error.causes)
