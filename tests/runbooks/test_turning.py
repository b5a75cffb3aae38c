"""Evidence from the state of the world: what turns true while the drill runs."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.registry import ask
from drillmaster.runbooks.turned import EVERY, Already, Turn, Turning
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.timeline.events import AnyEvent, StepAlreadyMet, StepEvidenced
from tests.runbooks.books import CHECKOUT, runbook, step
from tests.support.http import Reply, closed_port, serving
from tests.support.target import CHECKOUT as DEGRADED
from tests.support.target import MemoryTarget

LIFTED_STATE = replace(DEGRADED, throttled_share=0.0)
LIFTED = {"state": CHECKOUT | {"what": "throttled-share", "equals": "0"}}
WAIT = 30.0


class Counting:
    """Asks for real, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, body: object, asking: Asking) -> Answer:
        self.asked += 1
        return ask(body, asking)


@pytest.fixture
def counting() -> Counting:
    return Counting()


def watch(
    evidence: dict[str, Any], counting: Counting, target: MemoryTarget | None = None
) -> EvidenceWatch:
    return EvidenceWatch(
        runbook(step("mend", evidence)),
        target or MemoryTarget(),
        ["responder-2"],
        SteadyClock(),
        counting,
    )


def until_told(watching: EvidenceWatch, seconds: float = WAIT) -> list[AnyEvent]:
    """What is found, as soon as something is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = watching.poll()
        if found:
            return found
        time.sleep(0.01)
    return []


def until_evidence(watching: EvidenceWatch) -> list[StepEvidenced]:
    """The evidence, as soon as there is some."""
    found = [event for event in until_told(watching) if isinstance(event, StepEvidenced)]
    assert found
    return found


def until_baseline(watching: EvidenceWatch) -> StepAlreadyMet:
    """What is told of a step whose evidence was there already, and nothing else."""
    (event,) = until_told(watching)
    assert isinstance(event, StepAlreadyMet)
    return event


def settle(watching: EvidenceWatch, counting: Counting) -> None:
    """Let it ask twice more, and find nothing: the first of the two has its answer then."""
    before, deadline = counting.asked, time.monotonic() + WAIT
    while counting.asked < before + 2:
        assert watching.poll() == []
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rest(watching: EvidenceWatch) -> None:
    """Nothing more comes."""
    assert until_told(watching, 2 * EVERY) == []


def test_a_state_that_turns_is_evidence_of_nobodys_deed(counting: Counting) -> None:
    target = MemoryTarget()
    watching = watch(LIFTED, counting, target)
    settle(watching, counting)
    begun = datetime.now().astimezone()
    target.states["shop", "checkout"] = LIFTED_STATE
    (event,) = until_evidence(watching)
    assert (event.step, event.person, event.grade) == ("mend", None, "authorised")
    assert (event.how, event.source, event.record) == ("state", "target", None)
    assert abs((event.occurred_at - begun).total_seconds()) <= event.precision + 0.05
    rest(watching)


def test_what_was_true_already_is_no_evidence(counting: Counting) -> None:
    target = MemoryTarget(states={("shop", "checkout"): LIFTED_STATE})
    watching = watch(LIFTED, counting, target)
    event = until_baseline(watching)
    assert (event.step, event.how, event.source) == ("mend", "state", "target")
    assert "throttled-share" in event.detail
    rest(watching)
    target.states["shop", "checkout"] = DEGRADED
    rest(watching)
    target.states["shop", "checkout"] = LIFTED_STATE
    rest(watching)


def test_a_target_that_does_not_answer_is_no_baseline(counting: Counting) -> None:
    target = MemoryTarget()
    target.unplug()
    watching = watch(LIFTED, counting, target)
    settle(watching, counting)
    target.states["shop", "checkout"] = LIFTED_STATE
    target.fails = None
    assert until_baseline(watching).step == "mend"
    rest(watching)


def test_a_pause_of_the_target_does_not_matter(counting: Counting) -> None:
    target = MemoryTarget()
    watching = watch(LIFTED, counting, target)
    settle(watching, counting)
    target.unplug()
    settle(watching, counting)
    target.states["shop", "checkout"] = LIFTED_STATE
    target.fails = None
    (event,) = until_evidence(watching)
    assert event.precision > EVERY / 2


@pytest.mark.parametrize("status", [404, 401, 503])
def test_a_page_that_turns(counting: Counting, status: int) -> None:
    now = [status]
    with serving(lambda _: Reply(now[0])) as url:
        watching = watch({"http": {"url": url, "status": 200, "timeout": "10s"}}, counting)
        settle(watching, counting)
        now[0] = 200
        (event,) = until_evidence(watching)
    assert (event.how, event.grade, event.person) == ("http", "authorised", None)


def test_a_page_that_nobody_serves_is_not_there(counting: Counting) -> None:
    port = closed_port()
    page = {"url": f"http://127.0.0.1:{port}/", "timeout": "10s"}
    watching = watch({"http": page}, counting)
    settle(watching, counting)
    with serving(lambda _: Reply(), port=port):
        assert until_evidence(watching)


def test_a_program_that_turns(counting: Counting, tmp_path: Path) -> None:
    done = tmp_path / "done"
    watching = watch({"command": {"run": ["test", "-e", str(done)], "timeout": "20s"}}, counting)
    settle(watching, counting)
    done.touch()
    (event,) = until_evidence(watching)
    assert (event.how, event.source) == ("command", "command")


def test_a_page_that_is_there_already(counting: Counting) -> None:
    with serving(lambda _: Reply()) as url:
        watching = watch({"http": {"url": url, "timeout": "10s"}}, counting)
        event = until_baseline(watching)
        rest(watching)
    assert (event.how, event.source) == ("http", "http")


def test_a_program_that_says_so_already(counting: Counting) -> None:
    watching = watch({"command": {"run": ["true"], "timeout": "20s"}}, counting)
    event = until_baseline(watching)
    assert (event.how, event.source) == ("command", "command")
    rest(watching)


class Script:
    """Answers as it is told, and counts."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.asked = list(outcomes), 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, body: object, asking: Asking) -> Answer:
        self.asked += 1
        self.gate.wait(WAIT)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return Answer(outcome, None, asking.clock.now(), 0.0, outcome)


@pytest.fixture
def script() -> Iterator[Script]:
    asked = Script("no")
    yield asked
    asked.gate.set()


def turning(script: Script) -> Turning:
    return Turning(None, Asking(SteadyClock()), script, frozenset({"no"}))


def test_it_is_asked_no_faster_than_it_should(script: Script) -> None:
    begun = time.monotonic()
    turn = turning(script)
    while script.asked < 4:
        assert turn.poll() is None
        assert time.monotonic() - begun < WAIT
        time.sleep(0.001)
    assert time.monotonic() - begun >= 3 * EVERY


def test_a_poll_does_not_wait_and_asks_one_thing_at_a_time(script: Script) -> None:
    script.gate.clear()
    turn = turning(script)
    begun = time.monotonic()
    while time.monotonic() - begun < 2 * EVERY:
        before = time.monotonic()
        assert turn.poll() is None
        assert time.monotonic() - before < 0.2
        time.sleep(0.01)
    assert script.asked == 1


class HastyClock(SteadyClock):
    """A thousand seconds pass in one."""

    def monotonic(self) -> float:
        return super().monotonic() * 1000


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (("no", "yes"), [Turn]),
        (("no", "unclear", "unreachable", "yes"), [Turn]),
        (("unclear", "no", "yes"), [Turn]),
        (("yes", "no", "yes"), [Already]),
        (("unclear", "yes"), [Already]),
        (("unreachable", "yes", "no", "yes"), [Already]),
        (("no", "denied", "no"), []),
        (("unclear", "unreachable"), []),
    ],
)
def test_the_first_clear_answer_is_the_baseline(
    outcomes: tuple[Outcome, ...], told: list[type]
) -> None:
    asked = Script(*outcomes)
    turn = Turning(None, Asking(HastyClock()), asked, frozenset({"no"}))
    found: list[Turn | Already] = []
    deadline = time.monotonic() + 0.5
    while asked.asked <= len(outcomes) and time.monotonic() < deadline:
        found.extend(filter(None, [turn.poll()]))
        time.sleep(0.001)
    assert [type(one) for one in found] == told
