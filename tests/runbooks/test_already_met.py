"""A state that was there before the page, at a real sandbox, from the watch to the scorecard."""

import time
from collections.abc import Iterator

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.registry import ask
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.scoring.score import score
from drillmaster.timeline.events import AnyEvent, StepAlreadyMet, StepEvidenced
from tests.runbooks.books import CHECKOUT, audit, runbook, step
from tests.support.sandbox import Running, eventually, sandbox
from tests.support.timeline_definitions import DRILL, SECONDARY, changed
from tests.support.timelines import START, Story

BOOK = runbook(
    step("look", audit("view")),
    step("one-replica", {"state": CHECKOUT | {"what": "desired-replicas", "at_least": 1}}),
    step("two-replicas", {"state": CHECKOUT | {"what": "desired-replicas", "at_least": 2}}),
)

ADHERENCE = changed(DRILL, targets={"runbook_adherence": "100%"})


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox({SECONDARY: ["view", "scale"]}, replicas=1) as started:
        yield started


def until_seen(watching: EvidenceWatch, *steps: str) -> list[AnyEvent]:
    """What is told until each of these steps was told of."""
    told: list[AnyEvent] = []
    deadline = time.monotonic() + 20
    while not set(steps) <= {getattr(event, "step", None) for event in told}:
        assert time.monotonic() < deadline, told
        told += watching.poll()
        time.sleep(0.02)
    return told


def after_page(told: list[AnyEvent]) -> Story:
    """A drill in which this happened a second after the ACK, whenever it really did."""
    story = Story(ADHERENCE, runbook=BOOK.model_dump(mode="json", by_alias=True))
    story.fault(0.5).opened(1).suppressed(1).escalated(4).acknowledged(6)
    shift = START.replace(second=7) - told[0].occurred_at
    for event in told:
        moved = {name: getattr(event, name) + shift for name in ("occurred_at", "observed_at")}
        story.events.append(event.model_copy(update=moved))
    return story.completed(60)


def test_a_step_that_was_met_before_the_page_is_unverified(running: Running) -> None:
    heard: list[Outcome] = []

    def hearing(body: object, asking: Asking) -> Answer:
        answer = ask(body, asking)
        heard.append(answer.outcome)
        return answer

    watching = EvidenceWatch(BOOK, running.target, [SECONDARY], SteadyClock(), hearing)
    eventually(lambda: {"yes", "no"} <= set(heard), 20)
    told = until_seen(watching, "one-replica")
    (baseline,) = told
    assert isinstance(baseline, StepAlreadyMet)
    assert "1" in baseline.detail
    running.act(SECONDARY, "view").raise_for_status()
    told += until_seen(watching, "look")
    heard.clear()
    deadline = time.monotonic() + 20
    while heard.count("no") < 2:  # of two, one was asked after the look, as with people
        assert time.monotonic() < deadline
        told += watching.poll()
        time.sleep(0.02)
    running.act(SECONDARY, "scale", {"replicas": 2}).raise_for_status()
    told += until_seen(watching, "two-replicas")
    assert [event.step for event in told if isinstance(event, StepAlreadyMet)] == ["one-replica"]
    evidenced = [event.step for event in told if isinstance(event, StepEvidenced)]
    assert evidenced == ["look", "two-replicas"]

    card = score(after_page(told).records())
    assert card.runbook is not None
    assert {row.step: row.outcome for row in card.runbook.steps if row.required} == {
        "look": "followed",
        "one-replica": "unverified",
        "two-replicas": "followed",
    }
    (adherence,) = [row for row in card.metrics if row.id == "runbook_adherence"]
    assert adherence.verdict == "unverified"
    assert "there already when the page was sent: one-replica" in adherence.seen
    assert card.readiness == "unverified"
