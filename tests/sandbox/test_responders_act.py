"""Simulated responders at the real sandbox, and what the evidence watch makes of them."""

import time
from collections.abc import Iterator

import httpx
import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.sandbox.responders import Part, Settings, start
from drillmaster.timeline.events import ActionSeen, AnyEvent, StepEvidenced
from tests.runbooks.books import CHECKOUT, audit, runbook, step
from tests.sandbox.doors import WAIT, World
from tests.support.http import serving
from tests.support.sandbox import Running, sandbox

BOOK = runbook(
    step("look", audit("view")),
    step("scale-out", audit("scale", replicas=2)),
    step("scaled", {"state": CHECKOUT | {"what": "desired-replicas", "at_least": 2}}),
    step("tell", {"self-report": {}}, optional=True),
)


@pytest.fixture
def running() -> Iterator[Running]:
    everything = ["view", "scale", "restart"]
    grants = {"responder-2": everything, "responder-3": everything, "denied": []}
    with sandbox(grants, replicas=1) as started:
        yield started


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with serving(world.answer) as url:
        world.url = url
        yield world


def drill(running: Running, world: World, behaviour: str, who: str) -> list[AnyEvent]:
    """All that is seen of a page to somebody, until they have told the team."""
    known = BEHAVIOURS[behaviour]
    hasty = known.model_copy(
        update={
            "acknowledge": 0.0,
            "runbook": known.runbook.model_copy(update={"step_time": 0.05}),
        }
    )
    tokens = running.address["tokens"]
    settings = Settings(
        people={who: Part(behaviour=hasty, token=tokens[who])},
        tokens={"responder-3": tokens["responder-3"]},
        runbook=BOOK,
        admin=running.address["admin"],
        namespace="shop",
        workload="checkout",
    )
    with start(settings) as responders:
        watch = EvidenceWatch(BOOK, running.target, [who, "responder-3"], SteadyClock())
        httpx.post(responders.url_for(who), json=world.page(who), trust_env=False, timeout=WAIT)
        told = [(f"page of {who}", "steps/tell")]
        if hasty.runbook.also is not None:
            told.append((f"page of {hasty.runbook.also}", "steps/tell"))
        world.wait_for(*told)
        events = watch.poll()
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:  # the state is asked in the background
            events += watch.poll()
            time.sleep(0.02)
        return events


def evidence(events: list[AnyEvent]) -> list[tuple[str, str | None, str]]:
    return [(e.step, e.person, e.grade) for e in events if isinstance(e, StepEvidenced)]


def test_who_follows_the_runbook_proves_it(running: Running, world: World) -> None:
    events = drill(running, world, "prompt", "responder-2")
    assert evidence(events) == [
        ("look", "responder-2", "proved"),
        ("scale-out", "responder-2", "proved"),
        ("scaled", None, "authorised"),
    ]
    seen = [event for event in events if isinstance(event, ActionSeen)]
    assert [(event.action, event.allowed) for event in seen] == [("view", True), ("scale", True)]
    assert running.target.state("shop", "checkout") is not None


def test_who_has_no_access_tries_everything_and_proves_nothing(
    running: Running, world: World
) -> None:
    events = drill(running, world, "denied", "denied")
    assert evidence(events) == []
    seen = [event for event in events if isinstance(event, ActionSeen)]
    assert [(event.action, event.allowed) for event in seen] == [("view", False), ("scale", False)]


def test_two_people_prove_one_step_twice(running: Running, world: World) -> None:
    events = drill(running, world, "doubles", "responder-2")
    proved = [one for one in evidence(events) if one[1] is not None]
    assert sorted(proved) == [
        (name, who, "proved")
        for name in ("look", "scale-out")
        for who in ("responder-2", "responder-3")
    ]


def test_who_does_something_else_is_seen(running: Running, world: World) -> None:
    events = drill(running, world, "substitutes", "responder-2")
    assert evidence(events) == [("look", "responder-2", "proved")]
    seen = [event.action for event in events if isinstance(event, ActionSeen)]
    assert seen == ["view", "restart"]
