"""What ends a drill early does, and what does not does not."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.environment import Environment
from drillmaster.engine.drill.request import RunOutcome
from drillmaster.errors import ExitCode
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import GuardChecked, RealIncidentSeen, UndoOrdered
from drillmaster.timeline.store import Store
from tests.support.http import Asked, Reply, serving
from tests.support.supervised import ENVIRONMENT, Supervised, supervised
from tests.support.target import CHECKOUT

LONGEST = "its longest duration, 2.6 s, is over"
"""How a drill ends here that nothing else ends: after five looks at its conditions."""

CHECKOUT_IS_DOWN = {
    "state": {
        "namespace": "shop",
        "workload": "checkout",
        "what": "ready-replicas",
        "at_most": 1,
    }
}


@pytest.fixture
def drill(store: Store) -> Iterator[Supervised]:
    yield from supervised(store)


def run(drill: Supervised, *conditions: dict[str, Any], **more: Any) -> RunOutcome:
    drill.drill |= {"abort_when": list(conditions), "limits": {"duration": "2600ms"}} | more
    return drill.run()


def once_a_fault_is_in(drill: Supervised, do: Callable[[], object]) -> None:
    """Do something at the first look for the fault's effect."""
    effect, done = drill.there.kind.effect, threading.Event()

    def look(*of: Any) -> str | None:
        if not done.is_set():
            done.set()
            do()
        return effect(*of)

    drill.patch.setattr(drill.there.kind, "effect", look)


def events(store: Store, outcome: RunOutcome) -> list[Any]:
    return [record.event for record in verify(log.read(store, outcome.run))]


def open_real(store: Store, summary: str) -> None:
    where = Environment.model_validate(ENVIRONMENT)
    provider = EmbeddedProvider.for_environment(where, store, SteadyClock())
    provider.open_real("inc-1", "checkout", "critical", summary)


def test_a_real_incident_ends_it(drill: Supervised, store: Store) -> None:
    once_a_fault_is_in(drill, lambda: open_real(store, "SearchErrors"))
    outcome = run(drill, {"real_incident": True}, expected_alerts=["CheckoutErrors"])
    assert outcome.exit_code == ExitCode.ABORTED
    assert outcome.reason == "abort condition: a real incident is open: SearchErrors"
    seen = [event for event in events(store, outcome) if isinstance(event, RealIncidentSeen)]
    assert [event.summary for event in seen] == ["SearchErrors"]
    assert not drill.there.kind.there


def test_an_alert_that_is_expected_does_not(drill: Supervised, store: Store) -> None:
    once_a_fault_is_in(drill, lambda: open_real(store, "CheckoutErrors"))
    outcome = run(drill, {"real_incident": True}, expected_alerts=["CheckoutErrors"])
    assert outcome.reason == LONGEST


def test_without_the_condition_no_incident_ends_it(drill: Supervised, store: Store) -> None:
    once_a_fault_is_in(drill, lambda: open_real(store, "SearchErrors"))
    assert run(drill).reason == LONGEST


def test_a_state_of_the_target_ends_it_at_once(drill: Supervised) -> None:
    target = drill.there.target
    down = {("shop", "checkout"): replace(CHECKOUT, ready=1)}
    once_a_fault_is_in(drill, lambda: target.states.update(down))
    outcome = run(drill, CHECKOUT_IS_DOWN)
    assert outcome.exit_code == ExitCode.ABORTED
    assert outcome.reason == "abort condition: state: ready-replicas is 1"


def test_a_condition_that_cannot_be_judged_any_more_ends_it(drill: Supervised) -> None:
    once_a_fault_is_in(drill, drill.there.target.states.clear)
    outcome = run(drill, CHECKOUT_IS_DOWN)
    assert outcome.reason == (
        "abort condition: state cannot be judged: there is no workload checkout in shop"
    )


@dataclass
class Page:
    """A page that fails, by the number of the request, from 0; the first is the guard's."""

    fails: Callable[[int], bool]
    asked: list[float] = field(default_factory=list)

    def __call__(self, _asked: Asked) -> Reply:
        self.asked.append(SteadyClock().monotonic())
        return Reply(500 if self.fails(len(self.asked) - 1) else 200)


def http(url: str, held: str, timeout: str = "2s") -> dict[str, Any]:
    return {"http": {"url": url, "status_not": 200, "for": held, "timeout": timeout}}


def test_a_condition_must_hold_for_as_long_as_it_says(drill: Supervised, store: Store) -> None:
    page = Page(fails=lambda number: number > 0)
    with serving(page) as url:
        outcome = run(drill, http(url, "1s"))
    assert outcome.reason == "abort condition: http: answered 500"
    (ordered,) = [event for event in events(store, outcome) if isinstance(event, UndoOrdered)]
    held = page.asked[-1] - page.asked[1]
    assert 1.0 <= held < 2.2, "two looks more at the most"
    assert ordered.ended == "aborted"


@pytest.mark.parametrize(
    "fails",
    [
        pytest.param(lambda number: number in {1, 2}, id="a short failure"),
        pytest.param(lambda number: number % 2 == 1, id="every other time"),
    ],
)
def test_a_break_begins_anew(drill: Supervised, fails: Callable[[int], bool]) -> None:
    page = Page(fails)
    with serving(page) as url:
        assert run(drill, http(url, "800ms")).reason == LONGEST
    assert len(page.asked) >= 4


def test_no_answer_at_all_is_a_failure_too(drill: Supervised) -> None:
    answers, hanging = iter([True]), threading.Event()

    def answer(_asked: Asked) -> Reply:
        if not next(answers, False):
            hanging.wait(10)
        return Reply()

    with serving(answer) as url:
        try:
            outcome = run(drill, http(url, "0s", timeout="300ms"))
        finally:
            hanging.set()
    assert outcome.reason == "abort condition: http: no whole answer within 300ms"


def test_one_that_is_slow_hides_no_other(drill: Supervised) -> None:
    answers, hanging = iter([True]), threading.Event()

    def answer(_asked: Asked) -> Reply:
        if not next(answers, False):
            hanging.wait(10)
        return Reply()

    down = {("shop", "checkout"): replace(CHECKOUT, ready=1)}
    once_a_fault_is_in(drill, lambda: drill.there.target.states.update(down))
    with serving(answer) as url:
        try:
            outcome = run(drill, http(url, "0s", timeout="9s"), CHECKOUT_IS_DOWN)
        finally:
            hanging.set()
    assert outcome.reason == "abort condition: state: ready-replicas is 1"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            CHECKOUT_IS_DOWN | {"state": CHECKOUT_IS_DOWN["state"] | {"at_most": 3}},
            "an abort condition holds already: state: ready-replicas is 3",
        ),
        (
            {"state": CHECKOUT_IS_DOWN["state"] | {"workload": "search"}},
            "an abort condition cannot be judged: there is no workload search in shop",
        ),
    ],
)
def test_what_holds_or_cannot_be_judged_is_refused(
    drill: Supervised, store: Store, condition: dict[str, Any], message: str
) -> None:
    outcome = run(drill, condition)
    assert outcome.exit_code == ExitCode.REFUSED
    assert outcome.reason.startswith(message)
    failed = [
        event.rule
        for event in events(store, outcome)
        if isinstance(event, GuardChecked) and not event.passed
    ]
    assert failed == ["no-abort-condition"]
    assert not drill.there.kind.undone, "nothing was injected"
