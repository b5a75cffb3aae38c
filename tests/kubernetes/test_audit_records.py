"""What a line of the audit log says that somebody did."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.targets.kubernetes.audit.records import Record, read
from tests.support.audit_lines import line, record, scaled

RESTARTED = "kubectl.kubernetes.io/restartedAt"
THEN = datetime(2026, 11, 24, 10, 0, 0, 500, tzinfo=UTC)


def restarted(at: str, **more: Any) -> dict[str, Any]:
    """The body of a restart; further keys belong to the template."""
    template = {"metadata": {"annotations": {RESTARTED: at}}, **more}
    return {"spec": {"template": template}}


def patched(body: Any) -> dict[str, Any]:
    return record(subresource="", body=body, at=THEN)


RESTART = restarted("2026-11-24T10:00:00Z")
IMAGE = {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}}}

TEMPLATE = {
    "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "then"}},
    "spec": {"containers": [{"name": "a", "image": "b"}]},
}
UNDO = [
    {"op": "replace", "path": "/spec/template", "value": TEMPLATE},
    {"op": "replace", "path": "/metadata/annotations", "value": {}},
]
UNDO_OF_SET = {"spec": {"template": {"$patch": "replace", **TEMPLATE}}}


def seen(told: dict[str, Any]) -> Record:
    found = read(line(told))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("told", "action", "parameters"),
    [
        (scaled(6), "scale", {"replicas": 6}),
        (scaled(0, verb="update"), "scale", {"replicas": 0}),
        (scaled(2, resource="statefulsets"), "scale", {"replicas": 2}),
        (record(subresource="", body={"spec": {"replicas": 5}}), "scale", {"replicas": 5}),
        (patched(RESTART), "restart", {}),
        (patched(restarted("2026-11-24T12:00:30+02:00")), "restart", {}),
        (patched({"apiVersion": "apps/v1", "metadata": {"name": "a"}, **RESTART}), "restart", {}),
        (patched(restarted("2026-11-24T10:00:00Z", **IMAGE["spec"]["template"])), "change", {}),
        (patched({"metadata": {"labels": {"a": "b"}}, **RESTART}), "change", {}),
        (patched({"spec": {**RESTART["spec"], "replicas": 3}}), "change", {}),
        (record(subresource="", body=IMAGE), "change", {}),
        (record(subresource="", body={"spec": {"replicas": 5, "paused": True}}), "change", {}),
        (record(subresource="", body=[{"op": "replace"}]), "change", {}),
        (record(subresource="", body=UNDO), "rollout-undo", {}),
        (record(subresource="", body=UNDO_OF_SET), "rollout-undo", {}),
        (record(subresource="", body=UNDO[:1]), "change", {}),
        (record(subresource="", body=[{**UNDO[0], "op": "test"}, UNDO[1]]), "change", {}),
        (record("update", subresource="", body=UNDO_OF_SET), "change", {}),
        (record("update", subresource="", body=RESTART), "change", {}),
        (record("delete", subresource=""), "change", {}),
        (record("get", subresource=""), "view", {}),
        (record("get", "pods", ""), "view", {}),
        (record("get", "pods", "log"), "view", {}),
        (record("create", "pods", "eviction", body={"metadata": {}}), "evict", {}),
        (record("delete", "pods", "", level="Request"), "evict", {}),
    ],
)
def test_a_request_is_an_action(
    told: dict[str, Any], action: str, parameters: dict[str, Any]
) -> None:
    found = seen(told)
    assert (found.deed.action, found.deed.parameters, found.deed.doubt) == (
        *(action, parameters),
        None,
    )
    assert (found.user, found.namespace, found.name) == ("responder-2", "shop", "checkout")
    assert (found.allowed, found.succeeded) == (True, True)


@pytest.mark.parametrize(
    ("told", "action"),
    [
        (record(), "scale"),
        (record(subresource=""), "change"),
        (record("create", "pods", "eviction"), "evict"),
        (record("delete", "pods", ""), "evict"),
    ],
)
def test_a_record_without_the_body_is_doubtful(told: dict[str, Any], action: str) -> None:
    found = seen(told)
    assert found.deed.action == action
    assert "does not hold the bodies" in (found.deed.doubt or "")


@pytest.mark.parametrize(
    "value", ["2026-11-23T10:00:00Z", "2026-11-24T10:02:00Z", "2026-11-24T10:00:00", "now", 7]
)
def test_a_restart_of_another_time_may_be_none(value: Any) -> None:
    """A patch that sets the annotation to what it is restarts nothing."""
    found = seen(patched(restarted(value)))
    assert found.deed.action == "restart"
    assert "nothing may have been restarted" in (found.deed.doubt or "")


DRY = {"dryRun": ["All"]}


@pytest.mark.parametrize(
    "told",
    [
        scaled(stage="RequestReceived"),
        scaled(stage="ResponseStarted"),
        scaled(stage="Panic"),
        scaled(impersonatedUser={"username": "responder-2"}),
        scaled(user="drillmaster", impersonatedUser={"username": "responder-2"}),
        scaled(requestURI="/apis/apps/v1/x?dryRun=All"),
        scaled(requestURI="/apis/apps/v1/x?fieldManager=kubectl&dryRun=All"),
        scaled(requestURI="/apis/apps/v1/x?dryRun="),
        scaled(requestURI="/apis/apps/v1/x?%64ryRun=All"),
        record("create", "pods", "eviction", body={"deleteOptions": DRY}),
        record("delete", "pods", "", body=DRY),
        record("list", "pods", ""),
        record("watch", subresource=""),
        record("create", subresource=""),
        record("create", "pods", "exec"),
        record("patch", "pods", ""),
        record("patch", "configmaps", ""),
        record("deletecollection", "pods", ""),
    ],
)
def test_what_is_no_act_of_a_person_is_no_record(told: dict[str, Any]) -> None:
    assert read(line(told)) is None


@pytest.mark.parametrize(
    ("code", "allowed", "succeeded"),
    [
        (200, True, True),
        (201, True, True),
        (401, False, False),
        (403, False, False),
        (404, True, False),
        (409, True, False),
        (429, True, False),
        (500, True, False),
        (302, True, False),
    ],
)
def test_the_answer_says_what_became_of_it(code: int, *, allowed: bool, succeeded: bool) -> None:
    found = seen(scaled(responseStatus={"code": code}))
    assert (found.allowed, found.succeeded) == (allowed, succeeded)


def test_it_happened_between_its_arrival_and_its_answer() -> None:
    found = seen(scaled(at=THEN))
    assert found.at - timedelta(seconds=found.precision) == THEN
    assert found.precision == 0.001


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
FULL = scaled()


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_line_of_anything_is_no_record(text: bytes) -> None:
    assert read(text) is None


@given(st.sampled_from(sorted(FULL)), JSON)
def test_a_record_with_a_wrong_part_is_read_or_left_out(key: str, value: object) -> None:
    found = read(json.dumps({**FULL, key: value}).encode())
    assert found is None or isinstance(found.user, str)


@given(st.sampled_from(sorted(FULL["objectRef"])), JSON)
def test_an_object_with_a_wrong_part_is_read_or_left_out(key: str, value: object) -> None:
    told = {**FULL, "objectRef": {**FULL["objectRef"], key: value}}
    found = read(json.dumps(told).encode())
    assert found is None or (isinstance(found.name, str) and found.name)


@given(JSON)
def test_any_body_is_taken(body: object) -> None:
    for told in (record(subresource=""), record(), record("create", "pods", "eviction")):
        read(json.dumps({**told, "level": "Request", "requestObject": body}).encode())


@given(st.integers(min_value=0))
def test_a_cut_line_is_no_record(cut: int) -> None:
    whole = line(FULL).rstrip()
    assert read(whole[: cut % len(whole)]) is None
