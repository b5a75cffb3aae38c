"""Who may come in, what they may do, and what the record says about it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drillmaster.sandbox.given import ACTIONS
from tests.support.sandbox import Running, eventually, sandbox

OPERATOR_ROUTES = [
    ("GET", "/v1/state"),
    ("GET", "/v1/faults"),
    ("PUT", "/v1/faults/f"),
    ("DELETE", "/v1/faults/f"),
    ("POST", "/v1/faults/f/kill"),
    ("POST", "/v1/permissions"),
    ("GET", "/v1/audit"),
]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox(replicas=1) as started:
        yield started


def last(running: Running) -> dict[str, Any]:
    record: dict[str, Any] = running.operate("GET", "/v1/audit").json()[-1]
    return record


@pytest.mark.parametrize(("method", "path"), OPERATOR_ROUTES)
def test_only_the_operator_operates(running: Running, method: str, path: str) -> None:
    assert running.admin.request(method, path).status_code == 401
    wrong = {"Authorization": "Bearer nobody-has-this"}
    assert running.admin.request(method, path, headers=wrong).status_code == 401
    for who in ("responder-2", "positive-control", "negative-control"):
        response = running.admin.request(method, path, headers=running.bearer(who))
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/actions/view"), ("GET", "/dashboard/checkout")]
)
def test_only_people_act(running: Running, method: str, path: str) -> None:
    body = {"namespace": "shop", "workload": "checkout"} if method == "POST" else None
    answers = {
        who: running.admin.request(method, path, json=body, headers=headers).status_code
        for who, headers in {
            "without a token": {},
            "with another scheme": {"Authorization": f"Basic {running.address['token']}"},
            "the operator": running.bearer(),
            "may all": running.bearer("responder-2"),
            "may look": running.bearer("responder-3"),
            "may nothing": running.bearer("responder-4"),
            "positive": running.bearer("positive-control"),
            "negative": running.bearer("negative-control"),
        }.items()
    }
    assert answers == {
        "without a token": 401,
        "with another scheme": 401,
        "the operator": 403,
        "may all": 200,
        "may look": 200,
        "may nothing": 403,
        "positive": 200,
        "negative": 403,
    }


def test_what_does_not_exist_is_told_in_json_as_well(running: Running) -> None:
    missing = running.operate("GET", "/v1/nothing")
    assert (missing.status_code, missing.json()) == (404, {"error": "Not Found"})
    wrong = running.operate("POST", "/v1/state")
    assert (wrong.status_code, wrong.json()) == (405, {"error": "Method Not Allowed"})


def test_everybody_may_see_that_it_is_alive(running: Running) -> None:
    assert running.admin.get("/healthz").status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
def test_the_controls_may_everything_and_nothing(running: Running, action: str) -> None:
    parameters = {"replicas": 1} if action == "scale" else {}
    assert running.act("positive-control", action, parameters).status_code == 200
    assert running.act("negative-control", action, parameters).status_code == 403


@pytest.mark.parametrize(
    ("who", "action", "workload", "allowed"),
    [
        ("responder-2", "scale", "checkout", True),
        ("responder-3", "view", "checkout", True),
        ("responder-3", "scale", "checkout", False),
        ("responder-4", "view", "checkout", False),
        ("responder-2", "scale", "payments", False),
        ("responder-2", "delete", "checkout", False),
        ("nobody", "view", "checkout", False),
        ("operator", "view", "checkout", False),
        ("positive-control", "failover", "checkout", True),
        ("positive-control", "scale", "payments", False),
        ("negative-control", "view", "checkout", False),
    ],
)
def test_permissions_say_what_an_attempt_would_say(
    running: Running, who: str, action: str, workload: str, allowed: bool
) -> None:
    asked = {"who": who, "action": action, "namespace": "shop", "workload": workload}
    assert running.operate("POST", "/v1/permissions", asked).json() == {"allowed": allowed}
    elsewhere = {**asked, "namespace": "prod"}
    assert running.operate("POST", "/v1/permissions", elsewhere).json() == {"allowed": False}


def test_a_pod_is_evicted_and_another_takes_its_place(running: Running) -> None:
    eventually(lambda: running.workload()["rollout"] == "complete")
    before = [pod["name"] for pod in running.workload()["pods"]]
    answer = running.act("responder-2", "evict", {"pod": before[0]})
    assert answer.json()["result"] == {"evicted": [before[0]]}
    assert last(running)["action"] == "evict"
    assert running.workload()["rollout"] == "progressing"
    eventually(lambda: running.workload()["rollout"] == "complete")
    assert before[0] not in [pod["name"] for pod in running.workload()["pods"]]
    gone = running.act("responder-2", "evict", {"pod": before[0]})
    assert (gone.status_code, gone.json()["error"]) == (400, f"there is no pod {before[0]}")


def test_what_somebody_did_is_recorded(running: Running) -> None:
    before = datetime.now(UTC)
    answer = running.act("responder-2", "scale", {"replicas": 2}).json()
    record = last(running)
    at = datetime.fromisoformat(record.pop("at"))
    assert before - timedelta(seconds=0.5) < at < datetime.now(UTC) + timedelta(seconds=0.5)
    assert 0 <= record.pop("precision") < 0.5
    assert record == {
        "id": answer["record"],
        "who": "responder-2",
        "action": "scale",
        "namespace": "shop",
        "workload": "checkout",
        "parameters": {"replicas": 2},
        "allowed": True,
        "succeeded": True,
        "check": False,
    }


@pytest.mark.parametrize(
    ("who", "action", "on", "code", "allowed"),
    [
        ("responder-3", "scale", {"workload": "checkout", "parameters": {"replicas": 2}}, 403, 0),
        ("responder-2", "scale", {"workload": "checkout", "parameters": {"replicas": 99}}, 400, 1),
        ("responder-2", "scale", {"workload": "payments", "parameters": {"replicas": 2}}, 404, 0),
        ("responder-2", "explode", {"workload": "checkout"}, 404, 0),
    ],
)
def test_what_somebody_tried_is_recorded(
    running: Running, who: str, action: str, on: dict[str, Any], code: int, *, allowed: bool
) -> None:
    body = {"namespace": "shop", **on}
    response = running.admin.post(f"/v1/actions/{action}", json=body, headers=running.bearer(who))
    assert response.status_code == code
    record = last(running)
    assert (record["who"], record["action"], record["workload"]) == (who, action, on["workload"])
    assert (record["allowed"], record["succeeded"]) == (bool(allowed), False)


def test_a_request_that_is_none_is_recorded_too(running: Running) -> None:
    response = running.admin.post(
        "/v1/actions/scale", content=b"{", headers=running.bearer("responder-2")
    )
    assert response.status_code == 400
    assert (last(running)["who"], last(running)["succeeded"]) == ("responder-2", False)


def test_a_check_in_a_person_s_name_is_marked(running: Running) -> None:
    headers = {**running.bearer("responder-2"), "Drillmaster-Check": "1"}
    assert running.admin.get("/dashboard/checkout", headers=headers).status_code == 200
    assert last(running)["check"] is True
    assert (last(running)["action"], last(running)["allowed"]) == ("view", True)


def test_the_record_can_be_read_on(running: Running) -> None:
    first = running.act("responder-3", "view").json()["record"]
    running.act("responder-3", "view")
    running.act("responder-3", "view")
    after = running.operate("GET", f"/v1/audit?after={first}").json()
    assert [int(record["id"]) - int(first) for record in after] == [1, 2]
    assert running.operate("GET", f"/v1/audit?after={after[-1]['id']}").json() == []
    assert running.operate("GET", "/v1/audit?after=newest").status_code == 400


def test_nobody_without_a_token_is_in_the_record(running: Running) -> None:
    before = last(running)
    running.admin.post("/v1/actions/view", json={"namespace": "shop", "workload": "checkout"})
    assert last(running) == before


def test_the_dashboard_shows_the_workload(running: Running) -> None:
    running.act("responder-2", "scale", {"replicas": 1})
    eventually(lambda: running.ready(1))
    page = running.admin.get("/dashboard/checkout", headers=running.bearer("responder-3"))
    assert page.headers["content-type"].startswith("text/html")
    assert "1 of 1" in page.text
    assert running.workload()["pods"][0]["name"] in page.text
    assert "standby" in page.text or "primary" in page.text
    missing = running.admin.get("/dashboard/payments", headers=running.bearer("responder-3"))
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        ({"kind": "throttle"}, "throttle needs share"),
        ({"kind": "throttle", "share": 1.5}, "less than or equal to 1"),
        ({"kind": "latency", "share": 1}, "latency needs delay"),
        ({"kind": "unreachable-dependency"}, "needs dependency"),
        ({"kind": "unreachable-dependency", "dependency": "cache"}, "database-primary"),
        ({"kind": "meltdown"}, "pod-churn"),
        ({"kind": "pod-churn", "extra": 1}, "extra"),
    ],
)
def test_a_wrong_fault_is_refused(running: Running, order: dict[str, Any], complaint: str) -> None:
    whole = {"run": "r1", "workload": "checkout", "expires": "2030-01-01T00:00:00Z", **order}
    response = running.operate("PUT", "/v1/faults/wrong", whole)
    assert response.status_code == 400
    assert complaint in response.json()["error"]
    assert running.operate("GET", "/v1/faults").json() == []


def test_a_fault_on_another_workload_is_refused(running: Running) -> None:
    order = {
        "run": "r1",
        "kind": "pod-churn",
        "workload": "payments",
        "expires": "2030-01-01T00:00:00Z",
    }
    assert running.operate("PUT", "/v1/faults/other", order).status_code == 404
    assert running.operate("POST", "/v1/faults/other/kill", {"pods": []}).status_code == 404
