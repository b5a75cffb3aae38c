"""Watching pods of a real cluster, and what breaks a watch."""

import json
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillmaster.targets.base import DeclinedError, PodsNow
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.connection.credentials import access_to
from drillmaster.targets.kubernetes.seeing.watching import PROMPT, PodWatch
from tests.support.cluster import connected, drillable
from tests.support.controlplane import ControlPlane, OwnControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.http import Asked, Reply, serving
from tests.support.sandbox import eventually
from tests.support.watched import watching

CHECKOUT = {"app": "checkout"}


def delete(controlplane: ControlPlane, namespace: str, pod: str) -> None:
    controlplane.admin.delete(f"/api/v1/namespaces/{namespace}/pods/{pod}").raise_for_status()


def test_a_death_and_the_return_are_told(controlplane: ControlPlane) -> None:
    with drillable(controlplane) as namespace, connected(controlplane, namespace) as target:
        controlplane.apply(deployment(replicas=3), deployment("other", 1), namespace=namespace)
        pods = controlplane.wait_ready(namespace, 3, "app=checkout")
        with watching(target, namespace, CHECKOUT) as seen:
            first = seen.await_word("for the first time")
            assert (first.present, first.ready, first.restarts) == (3, 3, 0)
            delete(controlplane, namespace, pods[0])
            gone = seen.await_word(f"{pods[0]} is gone")
            assert (gone.ready, gone.within) == (2, PROMPT)
            assert seen.await_ready(3).present == 3
            (other,) = controlplane.ready(namespace, "app=other")
            assert not any(other in now.change for now in seen.told)
        assert seen.failed == []


def test_restarts_are_counted(controlplane: ControlPlane) -> None:
    with drillable(controlplane) as namespace, connected(controlplane, namespace) as target:
        restarting = deployment(replicas=1, annotations={"drillmaster.test/restarts": "2"})
        with watching(target, namespace, CHECKOUT) as seen:
            assert seen.await_word("for the first time").present == 0
            controlplane.apply(restarting, namespace=namespace)
            seen.await_word("has come")
            seen.await_ready(1)
            eventually(lambda: seen.told[-1].restarts == 2, 30)


def test_who_may_not_watch_is_told_so(controlplane: ControlPlane) -> None:
    with (
        drillable(controlplane) as namespace,
        connected(controlplane, namespace, who="nobody") as target,
        pytest.raises(DeclinedError, match="cannot list resource"),
    ):
        next(target.watch(namespace, CHECKOUT, threading.Event()))


def test_it_goes_on_after_the_api_server_was_away(own_controlplane: OwnControlPlane) -> None:
    with drillable(own_controlplane) as namespace, connected(own_controlplane, namespace) as target:
        own_controlplane.apply(deployment(replicas=2), namespace=namespace)
        pods = own_controlplane.wait_ready(namespace, 2)
        with watching(target, namespace, CHECKOUT) as seen:
            seen.await_ready(2)
            own_controlplane.stop_api()
            own_controlplane.start_api()
            delete(own_controlplane, namespace, pods[0])
            seen.await_word(f"{pods[0]} is gone")
            seen.await_ready(2)
        assert seen.failed == []


def pod(name: str, version: int, *, ready: bool = True, restarts: int = 0) -> dict[str, Any]:
    """A pod as the API has it."""
    return {
        "metadata": {
            "name": name,
            "uid": f"uid-of-{name}",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-11-24T00:00:00Z",
        },
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [{"restartCount": restarts}],
        },
    }


def listed(version: int, *pods: dict[str, Any]) -> bytes:
    return json.dumps({"metadata": {"resourceVersion": str(version)}, "items": pods}).encode()


def events(*told: tuple[str, dict[str, Any]]) -> bytes:
    lines = (json.dumps({"type": kind, "object": thing}) for kind, thing in told)
    return "".join(f"{line}\n" for line in lines).encode()


def watch(answers: Iterator[bytes], asked: list[str], last: str) -> list[PodsNow]:
    """What is told of a server that answers so, one request after another, to a last change."""
    found = []

    def answer(request: Asked) -> Reply:
        asked.append(request.path)
        return Reply(200, next(answers), {"Content-Type": "application/json"})

    with serving(answer) as server:
        api = KubernetesApi(access_to({"server": server, "token": "env:HOME"}), 5.0)
        for now in PodWatch(api, "shop", CHECKOUT).run(threading.Event()):
            found.append(now)
            if now.change == last:
                break
        api.close()
    return found


FORGOTTEN = {"kind": "Status", "code": 410, "message": "too old resource version: 1 (9)"}


def test_what_the_server_has_forgotten_is_listed_anew() -> None:
    asked: list[str] = []
    answers = iter(
        [
            listed(1, pod("a", 1), pod("b", 1)),
            events(("ERROR", FORGOTTEN)),
            listed(9, pod("b", 1), pod("c", 8)),
            events(("MODIFIED", pod("c", 10, ready=False))),
        ]
    )
    first, anew, after = watch(answers, asked, "c is not ready any more")
    assert (first.present, first.ready) == (2, 2)
    assert anew.change == "a is gone; c has come and is ready"
    assert (after.ready, after.change) == (1, "c is not ready any more")
    assert "resourceVersion=1&" in asked[1]
    assert "resourceVersion=9&" in asked[3]


def test_a_watch_goes_on_from_the_last_version_that_was_told() -> None:
    asked: list[str] = []
    bookmark = {"kind": "Pod", "metadata": {"resourceVersion": "7"}}
    answers = iter(
        [
            listed(1, pod("a", 1)),
            events(("MODIFIED", pod("a", 5, restarts=1)), ("BOOKMARK", bookmark)),
            events(("DELETED", pod("a", 8))),
        ]
    )
    _, restarted, gone = watch(answers, asked, "a is gone")
    assert (restarted.restarts, restarted.change) == (1, "a has restarted")
    assert (gone.present, gone.restarts) == (0, 1)
    assert "resourceVersion=7&" in asked[2]


def test_an_event_that_ends_in_its_middle_is_asked_for_again() -> None:
    asked: list[str] = []
    whole = events(("DELETED", pod("a", 8)))
    answers = iter([listed(1, pod("a", 1)), whole[:-20], whole])
    _, gone = watch(answers, asked, "a is gone")
    assert gone.change == "a is gone"
    assert gone.within < 5
    assert "resourceVersion=1&" in asked[2]


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["ADDED", "MODIFIED", "DELETED"]),
        st.sampled_from("abc"),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=20,
)


@settings(deadline=None, max_examples=30)
@given(CHANGES)
def test_what_is_told_is_what_is_there(changes: list[tuple[str, str, bool, int]]) -> None:
    version, there = count(2), dict[str, bool]()
    told = []
    for kind, name, ready, restarts in changes:
        told.append((kind, pod(name, next(version), ready=ready, restarts=restarts)))
        there.pop(name, None)
        if kind != "DELETED":
            there[name] = ready
    end = ("ADDED", pod("end", next(version)))
    known = watch(iter([listed(1), events(*told, end)]), [], "end has come and is ready")
    assert (known[-1].present, known[-1].ready) == (len(there) + 1, sum(there.values()) + 1)
    counted = [now.restarts for now in known]
    assert counted == sorted(counted), "a count never falls"
