"""The safety rules that only the live target, and whoever is on call, can answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drillmaster.engine.books import stops
from drillmaster.engine.planning import guard
from drillmaster.engine.planning.guard import Verdict
from drillmaster.engine.planning.steady import Asked
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.probes.base import Answer
from drillmaster.targets.base import Mark
from drillmaster.timeline.store import Store
from tests.support.guarded import NOON, at_target, environment, refusal
from tests.support.hands import HandClock
from tests.support.sandbox import Running, eventually, sandbox
from tests.support.target import MemoryTarget

SIMULATED = {who: {"simulate": "prompt"} for who in ("ana", "ben", "caro")}
NOBODY: dict[str, Any] = {"faults": []}
"""A drill without a fault, which asks a memory target for no kind of fault."""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox() as started:
        yield started


def churn(**changes: Any) -> dict[str, Any]:
    body = {"namespace": "shop", "selector": "app=checkout", "kill": "25%", "every": "20s"}
    return {"pod-churn": body | changes}


def answer(name: str, *, met: bool) -> Asked:
    return Asked(name, Answer("yes" if met else "no", 418, NOON, 0.1, "it said 418"))


def test_nothing_speaks_against_a_drill_on_a_sandbox(store: Store, running: Running) -> None:
    eventually(running.ready)
    verdicts = at_target(store, running.target, environment(SIMULATED), faults=[churn()])
    assert list(verdicts) == [guard.name_of(rule) for rule in guard.AT_TARGET]
    assert all(verdict.passed for verdict in verdicts.values()), verdicts
    assert verdicts["blast-radius"].message == "at most 1 pod unavailable at the same time"


def test_what_holds_is_told_in_the_right_number(store: Store, running: Running) -> None:
    eventually(running.ready)
    where = environment(SIMULATED, limits={"pods": "50%"})
    one = at_target(store, running.target, where, steady=(answer("one", met=True),), **NOBODY)
    assert one["steady-state"].message == "1 question is met"
    assert one["blast-radius"].message == "at most 0 pods unavailable at the same time"
    steady = answer("one", met=True), answer("two", met=True)
    two = at_target(
        store,
        running.target,
        where,
        steady=steady,
        faults=[churn(kill="50%")],
        limits={"pods": "50%"},
    )
    assert two["steady-state"].message == "2 questions are met"
    assert two["blast-radius"].message == "at most 2 pods unavailable at the same time"


def test_the_windows_are_asked_once_more(store: Store, running: Running) -> None:
    eventually(running.ready)
    closing = [{"days": "wed", "from": "10:00", "to": "12:00", "time_zone": "UTC"}]
    where = environment(SIMULATED, windows=closing)
    rule, message = refusal(at_target(store, running.target, where, faults=[churn()]))
    assert rule == "still-in-windows"
    assert message.startswith("outside the windows of the environment: ")
    open_still = environment(SIMULATED, windows=[{**closing[0], "to": "14:00"}])
    verdicts = at_target(store, running.target, open_still, faults=[churn()])
    assert verdicts["still-in-windows"].passed


def test_a_stop_mark_at_the_target(store: Store, running: Running) -> None:
    body = {"why": "customers are looking"}
    url, headers = "/v1/stop", running.bearer("responder-3")
    assert running.admin.put(url, json=body, headers=headers).status_code == 200
    rule, message = refusal(at_target(store, running.target, environment(), **NOBODY))
    assert rule == "no-stop-mark"
    assert message.startswith("the target bears a stop mark: responder-3 stopped it at ")
    assert message.endswith(" UTC: customers are looking")
    assert running.admin.delete(url, headers=running.bearer("responder-4")).status_code == 200
    assert at_target(store, running.target, environment(), **NOBODY)["no-stop-mark"].passed


def test_a_stop_that_came_while_the_target_was_brought_up(store: Store) -> None:
    with store.write() as connection:
        stops.begin(connection, "staging", "a release", "ana", NOON)
    rule, message = refusal(at_target(store, MemoryTarget(), environment(), **NOBODY))
    assert rule == "no-stop-mark"
    assert message.startswith("ana stopped staging at ")


@pytest.mark.parametrize("name", ["https://k8s.live.example:6443", "env=production", "shop-prd"])
def test_what_the_target_says_may_not_look_like_production(store: Store, name: str) -> None:
    target = MemoryTarget(called=["staging-eu", name])
    found = refusal(at_target(store, target, environment(), **NOBODY))
    assert found == ("target-not-production", f"{name!r} looks like production")


def test_a_sandbox_says_its_labels(store: Store) -> None:
    labels = {"app": "checkout", "env": "prod"}
    with sandbox(told={"labels": labels}) as started:
        rule, message = refusal(at_target(store, started.target, environment(), **NOBODY))
    assert (rule, message) == ("target-not-production", "'env=prod' looks like production")


class Undrillable(MemoryTarget):
    def refusal(self) -> str | None:
        return "it says no"


class Precious(MemoryTarget):
    def disposable(self) -> bool:
        return False


def test_the_target_must_say_that_it_may_be_drilled(store: Store) -> None:
    assert refusal(at_target(store, Undrillable(), environment(), **NOBODY)) == (
        "drillable",
        "it says no",
    )


def test_simulated_people_act_only_where_nothing_is_lost(store: Store) -> None:
    rule, message = refusal(at_target(store, Precious(), environment(SIMULATED), **NOBODY))
    assert rule == "disposable"
    assert message == "simulated responders may not act on a target that is not disposable"
    assert at_target(store, Precious(), environment(), **NOBODY)["disposable"].passed


def test_a_fault_that_does_not_exist_there_has_no_undo(store: Store) -> None:
    rule, message = refusal(at_target(store, MemoryTarget(), environment(), faults=[churn()]))
    assert rule == "undoable"
    assert "there is no fault pod-churn on a target of kind memory" in message


@pytest.mark.parametrize(
    "fault",
    [
        churn(),
        {"throttle": {"namespace": "shop", "selector": "app=checkout", "share": "50%"}},
        {"latency": {"namespace": "shop", "selector": "app=checkout", "delay": "1s"}},
        {
            "unreachable-dependency": {
                "namespace": "shop",
                "selector": "app=checkout",
                "dependency": "database-primary",
            }
        },
    ],
    ids=lambda fault: str(next(iter(fault))),
)
def test_an_identity_that_may_inject_and_not_undo(
    store: Store, bound: Running, fault: dict[str, Any]
) -> None:
    rule, message = refusal(at_target(store, bound.target, environment(SIMULATED), faults=[fault]))
    assert rule == "undoable"
    name = next(iter(fault))
    assert message == (
        f"{name} may not be injected: the sandbox refuses (403): the operator may not undo"
    )
    bound.target.put_fault(
        Mark(f"r1-{name}", "r1", "throttle", NOON + timedelta(days=1)), "checkout", {"share": 0.1}
    )
    assert bound.target.mark(f"r1-{name}") is not None, "it really may inject"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"run": ["true"]}, "its `effect` is met already: true ended with 0"),
        ({"run": ["/no/such/program"]}, "its `effect` cannot be asked: "),
    ],
    ids=["met", "unclear"],
)
def test_an_effect_that_shows_before_its_fault_proves_nothing(
    store: Store, running: Running, asked: dict[str, Any], why: str
) -> None:
    fault = churn(effect={"command": asked})
    rule, message = refusal(
        at_target(store, running.target, environment(SIMULATED), faults=[fault])
    )
    assert rule == "effect-to-come"
    assert message.startswith(f"pod-churn would prove nothing: {why}")


def test_an_effect_may_be_to_come(store: Store, running: Running) -> None:
    fault = churn(effect={"command": {"run": ["false"]}})
    found = at_target(store, running.target, environment(SIMULATED), faults=[fault])
    assert found["effect-to-come"].passed


@pytest.fixture(scope="module")
def bound() -> Iterator[Running]:
    with sandbox(told={"rights": ["look", "inject"]}) as started:
        yield started


def test_a_dry_undo_changes_nothing(running: Running) -> None:
    mark = Mark("r1-dry", "r1", "throttle", datetime(2030, 1, 1, tzinfo=UTC))
    assert running.target.hindrance("r1-dry") is None
    running.target.put_fault(mark, "checkout", {"share": 0.5})
    assert running.target.hindrance("r1-dry") is None
    assert [one.fault for one in running.target.marks()] == ["r1-dry"], "it is in as before"
    assert running.target.delete_fault("r1-dry").was_present
    assert running.operate("DELETE", "/v1/faults/r1-dry?dry-run=yes").status_code == 400


def test_out_of_steady_state_tells_every_question_that_is_not_met(store: Store) -> None:
    steady = (answer("one", met=False), answer("two", met=True), answer("three", met=False))
    found = refusal(at_target(store, MemoryTarget(), environment(), steady=steady, **NOBODY))
    assert found == ("steady-state", "not in steady state: one: it said 418; three: it said 418")


@pytest.mark.parametrize(
    ("faults", "limit", "message"),
    [
        ([churn(selector="app=nosuch")], "50%", "pod-churn selects no pod with 'app=nosuch'"),
        ([churn(namespace="nosuch")], "50%", "pod-churn selects no pod with 'app=checkout'"),
        (
            [churn(kill="75%")],
            "50%",
            "pod-churn would leave 3 of 4 pods unavailable; the limit is 2",
        ),
        (
            [churn(), churn(kill="50%") | {"name": "more"}],
            "50%",
            "more would leave 3 of 4 pods unavailable; the limit is 2",
        ),
        (
            [churn(kill="10%")],
            "50%",
            "pod-churn would kill no pod: its share of 4, rounded down, is 0",
        ),
    ],
)
def test_the_blast_radius_is_counted_on_the_live_target(
    store: Store, running: Running, faults: list[dict[str, Any]], limit: str, message: str
) -> None:
    eventually(running.ready)
    where = environment(SIMULATED, limits={"pods": limit})
    limits = {"pods": "100%"}
    found = refusal(at_target(store, running.target, where, faults=faults, limits=limits))
    assert found == ("blast-radius", message)


def test_a_pod_that_is_down_already_counts(store: Store, running: Running) -> None:
    eventually(running.ready)
    where = environment(SIMULATED, limits={"pods": "25%"})
    assert at_target(store, running.target, where, faults=[churn()])["blast-radius"].passed
    with sandbox(restart=30.0) as slow:
        slow.target.put_fault(
            Mark("r1-y", "r1", "pod-churn", datetime(2030, 1, 1, tzinfo=UTC)), "checkout"
        )
        pods = slow.target.pods("shop", {"app": "checkout"})
        slow.target.kill("r1-y", [pods[0].name])
        eventually(lambda: not slow.ready())
        rule, _ = refusal(at_target(store, slow.target, where, faults=[churn()]))
    assert rule == "blast-radius"


def open_incident(store: Store, summary: str) -> EmbeddedProvider:
    provider = EmbeddedProvider.for_environment(environment(), store, HandClock(NOON))
    provider.open_real("inc-1", "checkout", "critical", summary)
    return provider


def test_a_real_incident_and_one_that_is_expected(store: Store) -> None:
    provider = open_incident(store, "CheckoutErrors")

    def ask(*expected: str) -> dict[str, Verdict]:
        alerts: dict[str, Any] = {"expected_alerts": list(expected)}
        where = environment()
        return at_target(store, MemoryTarget(), where, provider=provider, **NOBODY, **alerts)

    assert refusal(ask()) == ("no-real-incident", "a real incident is open: inc-1: CheckoutErrors")
    assert refusal(ask("SearchErrors"))[0] == "no-real-incident"
    assert ask("CheckoutErrors")["no-real-incident"].passed


def test_a_target_that_does_not_answer_refuses(store: Store) -> None:
    target = MemoryTarget()
    target.unplug()
    rule, message = refusal(at_target(store, target, environment(), **NOBODY))
    assert rule == "no-stop-mark"
    assert message == "it cannot be asked: the target does not answer"


def test_a_question_of_steady_state_that_nobody_may_answer_is_told_so(store: Store) -> None:
    one = answer("one", met=False)
    unclear = replace(one, answer=replace(one.answer, outcome="unclear"))
    found = refusal(at_target(store, MemoryTarget(), environment(), steady=(unclear,), **NOBODY))
    assert found == ("steady-state", "not in steady state: one: could not be asked: it said 418")
