"""The sandbox as a target: what it tells, and what its silence means."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from drillmaster.clock import SteadyClock
from drillmaster.targets.base import (
    RUN,
    ClosedError,
    DeclinedError,
    GoneError,
    Identity,
    Mark,
    Target,
    UnreachableError,
    WorkloadState,
)
from drillmaster.targets.registry import connect
from drillmaster.targets.sandbox import SandboxTarget, TakenOut
from tests.support.http import Reply, serving
from tests.support.sandbox import Running, all_gone, eventually, sandbox
from tests.support.watched import watching

EXPIRES = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox(run="r7") as started:
        yield started


@pytest.fixture
def target(running: Running) -> Iterator[SandboxTarget]:
    eventually(running.ready)
    yield running.target
    for mark in running.operate("GET", "/v1/faults").json():
        running.target.delete_fault(mark["fault"])


def test_a_death_and_the_return_of_a_pod_are_told(target: SandboxTarget) -> None:
    with watching(target, "shop", {"app": "checkout"}) as seen:
        first = seen.await_word("for the first time")
        pods = [pod.name for pod in target.pods("shop", {})]
        assert (first.present, first.ready) == (len(pods), len(pods))
        target.put_fault(Mark("r7-watched", "r7", "pod-churn", EXPIRES), "checkout")
        target.kill("r7-watched", pods[:1])
        seen.await_word(f"{pods[0]} is")
        seen.await_ready(len(pods))
        assert all(0 < now.within < 10 for now in seen.told)
    assert seen.failed == []


def test_its_address_is_data(running: Running) -> None:
    target: Target = connect(json.loads(json.dumps(running.address)), timeout=2.0)
    assert target.kind == "sandbox"
    assert target.refusal() is None
    assert target.disposable()
    target.close()


def test_pods_are_selected_by_all_labels(target: SandboxTarget) -> None:
    pods = target.pods("shop", {"app": "checkout"})
    assert [(pod.workload, pod.ready) for pod in pods] == [("checkout", True)] * 4
    assert len({pod.name for pod in pods}) == 4
    assert target.pods("shop", {"app": "checkout", "tier": "web"}) == pods
    assert target.pods("shop", {"app": "checkout", "tier": "db"}) == []
    assert target.pods("prod", {"app": "checkout"}) == []


def test_the_state_of_a_workload(target: SandboxTarget) -> None:
    assert target.state("shop", "checkout") == WorkloadState(4, 4, 0.0, 0.0, "primary", "complete")
    assert target.state("shop", "payments") is None
    assert target.state("prod", "checkout") is None


def test_permissions_are_the_policy_s(target: SandboxTarget) -> None:
    assert target.permitted("responder-2", "scale", "shop", "checkout").allowed
    assert not target.permitted("responder-3", "scale", "shop", "checkout").allowed
    assert not target.permitted("nobody", "view", "shop", "checkout").allowed


def test_identities_have_the_tokens_that_the_sandbox_issued(target: SandboxTarget) -> None:
    tokens = {who: target.identity(who).token for who in ("responder-2", "positive-control")}
    assert len({*tokens.values()} - {None}) == 2
    assert target.identity("somebody-else") == Identity("somebody-else")
    assert str(tokens["responder-2"]) not in repr(target.identity("responder-2"))
    assert target.address["token"] not in repr(target)


def test_people_act_and_the_record_shows_it(target: SandboxTarget) -> None:
    *_, before = [None, *(record.id for record in target.audit(None))]
    responder, newcomer = target.identity("responder-2"), target.identity("responder-4")
    assert target.act(responder, "scale", "shop", "checkout", {"replicas": 4}).succeeded
    refused = target.act(newcomer, "scale", "shop", "checkout", {"replicas": 5})
    assert (refused.allowed, refused.succeeded) == (False, False)
    assert "may not scale" in refused.detail
    wrong = target.act(responder, "scale", "shop", "checkout", {"replicas": 99})
    assert (wrong.allowed, wrong.succeeded) == (True, False)
    stranger = target.act(Identity("x", token="wrong"), "view", "shop", "checkout")
    assert not stranger.allowed
    records = target.audit(before)
    assert [(r.who, r.action, r.parameters, r.allowed, r.succeeded) for r in records] == [
        ("responder-2", "scale", {"replicas": 4}, True, True),
        ("responder-4", "scale", {"replicas": 5}, False, False),
        ("responder-2", "scale", {"replicas": 99}, True, False),
    ]
    assert target.audit(records[0].id) == records[1:]
    assert all(datetime.now(UTC) - record.at < timedelta(minutes=5) for record in records)
    assert all(0 <= record.precision < 1 for record in records)


def test_what_drillmaster_asks_in_a_person_s_name_is_no_act(
    running: Running, target: SandboxTarget
) -> None:
    before = target.audit(None)
    checked = {**running.bearer("responder-2"), "Drillmaster-Check": "1"}
    assert running.admin.get("/dashboard/checkout", headers=checked).is_success
    assert target.audit(None) == before
    assert target.dashboard(target.identity("responder-2"), "checkout")
    assert [record.action for record in target.audit(None)[len(before) :]] == ["view"]


def test_the_dashboard_is_there_for_those_who_may(target: SandboxTarget) -> None:
    page = target.dashboard(target.identity("responder-3"), "checkout")
    assert page is not None
    assert "checkout" in page
    assert target.dashboard(target.identity("negative-control"), "checkout") is None


def test_marks_tell_whose_fault_it_is_until_when_and_what_it_did(target: SandboxTarget) -> None:
    mark = Mark("r7-slow down §", "r7", "throttle", EXPIRES)
    target.put_fault(mark, "checkout", {"share": 0.5})
    target.put_fault(mark, "checkout", {"share": 0.5})
    target.put_fault(Mark("r7-churn", "r7", "pod-churn", EXPIRES), "checkout")
    assert target.visit("/checkout")[0] == 200
    assert target.visit("/checkout")[0] == 429
    (victim,) = target.kill("r7-churn", [target.pods("shop", {})[0].name, "not-there"])
    first, second = target.marks()
    assert (first.fault, first.run, first.kind, first.expires) == (
        mark.fault,
        mark.run,
        mark.kind,
        mark.expires,
    )
    assert first.effects.limited == 1
    assert second.effects.killed == [victim]
    assert target.delete_fault(mark.fault) == TakenOut(was_present=True, residue=None, went=None)
    assert target.mark(mark.fault) is None
    assert [left.fault for left in target.marks()] == ["r7-churn"]


def test_what_is_gone_says_since_when_and_by_whom(running: Running) -> None:
    before, target = SteadyClock().now(), running.target
    for name in ("ours", "swept", "unsaid"):
        target.put_fault(Mark(f"r7-{name}", "r7", "pod-churn", EXPIRES), "checkout")
    target.delete_fault("r7-ours")
    by = "sweep of sre on host-1"
    with closing(SandboxTarget({**running.address, "by": by}, 5.0)) as other:
        other.delete_fault("r7-swept")
    assert running.operate("DELETE", "/v1/faults/r7-unsaid").status_code == 200
    after = SteadyClock().now()
    for name, who in (("ours", RUN), ("swept", by), ("unsaid", None)):
        done = target.delete_fault(f"r7-{name}")
        assert not done.was_present
        assert done.went is not None
        assert done.went.by == who
        assert before <= done.went.at <= after


def test_a_late_request_meets_a_closed_door(target: SandboxTarget) -> None:
    mark = Mark("r7-late", "r7", "pod-churn", EXPIRES)
    assert target.delete_fault("r7-late") == TakenOut(was_present=False, residue=None, went=None)
    with pytest.raises(ClosedError):
        target.put_fault(mark, "checkout")
    with pytest.raises(ClosedError):
        target.kill("r7-late", [])
    assert target.mark("r7-late") is None


def test_what_the_sandbox_refuses_is_no_failure_to_reach_it(target: SandboxTarget) -> None:
    with pytest.raises(DeclinedError, match="no workload"):
        target.put_fault(Mark("r7-x", "r7", "pod-churn", EXPIRES), "payments")
    with pytest.raises(DeclinedError, match="share"):
        target.put_fault(Mark("r7-x", "r7", "throttle", EXPIRES), "checkout")
    with pytest.raises(DeclinedError, match="no such fault"):
        target.kill("r7-x", [])


def test_a_visit_waits_longer_on_request(target: SandboxTarget) -> None:
    target.put_fault(
        Mark("r7-slow", "r7", "latency", EXPIRES), "checkout", {"share": 1.0, "delay": 0.4}
    )
    quick = SandboxTarget(target.address, timeout=0.2)
    with pytest.raises(UnreachableError):
        quick.visit("/healthz")
    code, seconds = quick.visit("/healthz", patience=2.0)
    assert code == 200
    assert seconds >= 0.4
    quick.close()


def test_a_proxy_variable_does_not_divert_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    target = SandboxTarget(running.address, timeout=2.0)
    assert target.refusal() is None
    target.close()


def test_a_sandbox_may_be_there_and_not_answer_and_is_gone_with_its_host() -> None:
    with sandbox(replicas=1) as running, serving(lambda _: Reply(200, b"{}")) as other:
        quick = SandboxTarget(running.address, timeout=0.2)
        strange = SandboxTarget({**running.address, "admin": other}, timeout=4.0)
        host = psutil.Process(running.address["process"]["pid"])
        host.suspend()
        began = time.monotonic()
        with pytest.raises(UnreachableError, match="ReadTimeout"):
            quick.state("shop", "checkout")
        assert time.monotonic() - began < 2.0
        host.resume()
        assert running.target.state("shop", "checkout")
        with pytest.raises(UnreachableError, match="something else"):
            strange.refusal()
        host.kill()
        eventually(lambda: all_gone([host]))
        for target in (running.target, quick, strange):
            with pytest.raises(GoneError):
                target.delete_fault("r1-throttle")
        with pytest.raises(GoneError):
            running.target.act(running.target.identity("responder-2"), "view", "shop", "checkout")
        with pytest.raises(GoneError):
            running.target.visit("/checkout")
        address = running.address
        quick.close()
        strange.close()
    elsewhere = {**address, "process": {**address["process"], "host": "another-machine"}}
    far = SandboxTarget(elsewhere, timeout=4.0)
    with pytest.raises(UnreachableError) as caught:
        far.refusal()
    assert not any(token in str(caught.value) for token in address["tokens"].values())
    far.close()
