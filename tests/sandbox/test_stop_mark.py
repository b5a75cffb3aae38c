"""The stop mark of a sandbox: anybody with access sets it, and it is no act on the workload."""

from collections.abc import Iterator

import pytest

from drillmaster.sandbox.given import NEGATIVE_CONTROL, POSITIVE_CONTROL
from tests.support.sandbox import Running, sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox() as started:
        yield started


@pytest.fixture(autouse=True)
def unmarked(running: Running) -> None:
    assert running.operate("DELETE", "/v1/stop").status_code == 200


def put(running: Running, headers: dict[str, str], why: str = "a release") -> int:
    answer = running.admin.put("/v1/stop", json={"why": why}, headers=headers)
    return answer.status_code


def test_whoever_has_access_may_stop(running: Running) -> None:
    assert running.target.stopped() is None
    for who in ("responder-2", "responder-4", None):
        assert put(running, running.bearer(who), why=f"by {who}") == 200
        mark = running.target.stopped() or ""
        assert mark.startswith(f"{who or 'operator'} stopped it at 20")
        assert mark.endswith(f" UTC: by {who}")
        answer = running.admin.delete("/v1/stop", headers=running.bearer("responder-3"))
        assert answer.status_code == 200
        assert running.target.stopped() is None


def test_nobody_may_not(running: Running) -> None:
    assert put(running, {}) == 401
    assert put(running, {"Authorization": "Bearer guessed"}) == 401
    for control in (POSITIVE_CONTROL, NEGATIVE_CONTROL):
        assert put(running, running.bearer(control)) == 403
    assert running.target.stopped() is None


def test_the_first_reason_stays(running: Running) -> None:
    assert put(running, running.bearer("responder-2"), "first") == 200
    assert put(running, running.bearer("responder-3"), "second") == 200
    assert (running.target.stopped() or "").endswith(": first")


def test_a_stop_without_a_reason_is_none(running: Running) -> None:
    assert put(running, running.bearer("responder-2"), "") == 400
    answer = running.admin.put("/v1/stop", headers=running.bearer("responder-2"))
    assert answer.status_code == 400
    assert running.target.stopped() is None


def test_it_stands_in_no_audit_record(running: Running) -> None:
    before = len(running.target.audit(None))
    assert put(running, running.bearer("responder-2")) == 200
    assert len(running.target.audit(None)) == before
