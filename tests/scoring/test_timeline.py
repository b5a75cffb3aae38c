"""What a timeline must be for there to be a scorecard, and how fast one comes."""

import time
from typing import Any

import pytest

from drillmaster.definitions.drill import Drill
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.scoring.score import score
from drillmaster.timeline.chain import Recorded, link
from drillmaster.timeline.events import AlertRaised, NoteAdded
from tests.scoring.cards import card_of, paged, prompt
from tests.support.timeline_definitions import BYSTANDER, DRILL, SECONDARY, changed
from tests.support.timelines import INCIDENT, START, Story


def test_the_scorecard_says_what_it_is_about() -> None:
    story = prompt().completed(12)
    card = card_of(story)
    assert (card.run, card.drill, card.environment) == ("run-1", "checkout-degraded", "sandbox")
    assert card.title == DRILL["title"]
    assert card.started_at == START
    assert card.chain == story.records()[-1].digest
    assert card.simulated


@pytest.mark.parametrize("records", [[], prompt().records()[1:]])
def test_a_timeline_begins_with_the_start_of_a_run(records: list[Recorded]) -> None:
    with pytest.raises(InvalidError, match="does not begin with the start of a run") as caught:
        score(records)
    assert caught.value.exit_code == ExitCode.INVALID


@pytest.mark.parametrize(
    ("part", "value", "where"),
    [
        ("drill", None, "drill"),
        ("drill", changed(DRILL, service=None), "drill.service"),
        ("environment", {}, "environment.schema"),
        ("access", {"kind": "access"}, "access.schema"),
        ("runbook", {"kind": "tale"}, "runbook.schema"),
    ],
)
def test_definitions_that_cannot_be_read_are_named(part: str, value: Any, where: str) -> None:
    story = Story()
    started: Any = story.events[0]
    definitions = started.definitions | {part: value}
    record = link("run-1", None, started.model_copy(update={"definitions": definitions}))
    with pytest.raises(InvalidError, match=f"the timeline's {where} cannot be read"):
        score([record])


def test_definitions_may_leave_out_what_is_not_set() -> None:
    """The engine writes them without their empty keys."""
    drill = Drill.model_validate(DRILL).model_dump(mode="json", exclude_none=True)
    assert card_of(prompt(paged(drill)).completed(12)).readiness == "ready"


def test_ten_thousand_events_are_scored_at_once() -> None:
    story = prompt()
    for number in range(2500):
        at = 4 + number / 100
        story.add(at, AlertRaised, incident=INCIDENT, name="Noise")
        story.add(at, NoteAdded, person=SECONDARY, text="still here")
        story.acknowledged(at, (SECONDARY, BYSTANDER, None)[number % 3])
        story.action(at, ("view", "scale", "restart")[number % 3], allowed=number % 5 > 0)
    records = story.completed(40).records()
    assert len(records) > 10_000
    begun = time.process_time()
    score(records)
    assert time.process_time() - begun < 2
