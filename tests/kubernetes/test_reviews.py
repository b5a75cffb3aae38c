"""The authorisers, asked once for what many want to know: the answers are the server's own."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.targets.base import DeclinedError, UnreachableError
from drillmaster.targets.kubernetes.rights.people import People, Subject
from drillmaster.targets.kubernetes.rights.questions import Question, covers
from drillmaster.targets.kubernetes.rights.reviews import Reviews, is_allowed
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import connected, drillable
from tests.support.cluster_people import IMPERSONATE, REVIEW, as_somebody
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.people import Rule

SECONDARY = Subject("responder-2", ("on-call",))
RULES: list[Rule] = [
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    {"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["checkout"],
     "verbs": ["*"]},
    {"apiGroups": ["*"], "resources": ["*/scale"], "verbs": ["patch"]},
    {"apiGroups": ["policy"], "resources": ["*"], "verbs": ["delete"]},
    {"apiGroups": [""], "resources": ["pods/eviction", "secrets"], "verbs": ["create"]},
]  # fmt: skip  # a rule a line


def questions(namespace: str) -> list[Question]:
    """A hundred questions, some of which the rules allow."""
    whats = [
        *(("pods", "", part) for part in ("", "log", "eviction")),
        *(("deployments", "apps", part) for part in ("", "scale", "status")),
        ("secrets", "", ""),
        ("poddisruptionbudgets", "policy", ""),
        ("statefulsets", "apps", "scale"),
    ]
    return [
        Question(verb, resource, group, part, namespace, name)
        for verb in ("get", "list", "create", "patch", "delete")
        for resource, group, part in whats
        for name in ("", "checkout", "cart")
    ]


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[str]:
    with drillable(controlplane) as namespace:
        controlplane.grant("secondary", namespace, *RULES)
        yield namespace


def count(target: KubernetesTarget) -> list[httpx.Request]:
    """The requests of a connection from now on."""
    seen: list[httpx.Request] = []
    target.api._client.event_hooks["request"] = [seen.append]
    return seen


def test_one_answer_for_a_namespace_says_what_each_review_says(
    controlplane: ControlPlane, shop: str
) -> None:
    with (
        as_somebody(controlplane, shop, REVIEW) as one_by_one,
        as_somebody(controlplane, shop, IMPERSONATE) as at_once,
    ):
        slow, fast = count(one_by_one), count(at_once)
        for question in questions(shop):
            reviewed = one_by_one.reviews.ask(SECONDARY, question).allowed
            assert at_once.reviews.ask(SECONDARY, question).allowed == reviewed, question
        assert len(slow) > len(questions(shop)) > 3 * len(fast)


def test_what_is_in_no_namespace_is_reviewed(controlplane: ControlPlane, shop: str) -> None:
    """What somebody may do in a namespace says nothing of the whole cluster."""
    with connected(controlplane, shop) as target:
        assert target.reviews.ask(SECONDARY, Question("get", "pods", namespace=shop)).allowed
        assert not target.reviews.ask(SECONDARY, Question("get", "pods")).allowed


def test_many_who_ask_the_same_at_once_share_one_request(
    controlplane: ControlPlane, shop: str
) -> None:
    with connected(controlplane, shop) as target:
        seen = count(target)
        question = Question("get", "nodes", name="node-1")
        start = threading.Barrier(8)

        def ask() -> None:
            start.wait()
            target.reviews.ask(SECONDARY, question)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 1


class Answers:
    """A connection whose answers a test sets."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    def create(self, _path: str, _body: Any) -> Any:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"status": answer}

    def impersonating(self, _user: str, _groups: Any) -> "Answers":
        return self


@pytest.mark.parametrize(
    "partial",
    [
        {"resourceRules": [], "incomplete": True},
        {"resourceRules": [], "incomplete": False, "evaluationError": "webhook: no rules"},
        {"resourceRules": []},
    ],
)
def test_rules_that_are_not_all_of_them_decide_nothing(partial: Any) -> None:
    api = Answers(partial, {"allowed": True})
    reviews = Reviews(api)  # type: ignore[arg-type]  # as much of one as is needed
    assert reviews.ask(SECONDARY, Question("get", "pods", namespace="shop")).allowed
    assert api.asked == 2


def test_an_error_is_not_remembered() -> None:
    api = Answers(UnreachableError("away"), {"allowed": True})
    reviews = Reviews(api)  # type: ignore[arg-type]  # as much of one as is needed
    question = Question("get", "nodes")
    with pytest.raises(UnreachableError):
        reviews.ask(SECONDARY, question)
    assert reviews.ask(SECONDARY, question).allowed


def test_authorisers_that_failed_deny_nothing() -> None:
    assert is_allowed({"allowed": True, "evaluationError": "one of several"})
    assert not is_allowed({"allowed": False})
    with pytest.raises(DeclinedError, match="cannot say: webhook timed out"):
        is_allowed({"allowed": False, "evaluationError": "webhook timed out"})


def test_everybody_who_has_logged_in_is_in_the_groups_that_the_server_adds() -> None:
    assert SECONDARY.all_groups == ["on-call", "system:authenticated"]
    account = Subject("system:serviceaccount:shop:robot")
    assert account.all_groups == [
        "system:authenticated",
        "system:serviceaccounts",
        "system:serviceaccounts:shop",
    ]


NAMES = st.text(alphabet='aZ.@:"\\<&Öé\u2028 ', min_size=1, max_size=8)


@given(NAMES, st.booleans())
def test_no_line_that_names_somebody_is_passed_over(user: str, ascii_only: bool) -> None:
    people = People({"users": {"me": {"user": user, "groups": []}}})
    assert people.may_be_in(json.dumps({"user": user}, ensure_ascii=ascii_only).encode())


ANY = st.sampled_from(["*", "", "pods", "pods/log", "*/log", "get", "apps", "checkout"])


@given(st.lists(ANY), st.lists(ANY), st.lists(ANY), st.lists(ANY))
def test_a_rule_allows_no_more_than_it_lists(
    verbs: list[str], groups: list[str], resources: list[str], names: list[str]
) -> None:
    rule = {"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names}
    asked = Question("get", "pods", "", "log", "shop", "checkout")
    assert covers(rule, asked) == (
        bool({"*", "get"} & set(verbs))
        and bool({"*", ""} & set(groups))
        and bool({"*", "pods/log", "*/log"} & set(resources))
        and (not names or "checkout" in names)
    )
