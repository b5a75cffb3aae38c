"""The reports that other programs read back."""

import json

from hypothesis import given
from jsonschema import validate

from drillmaster.reports.data import render_json, render_timeline
from drillmaster.scoring.schema import PATH
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded, parse, verify
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import records
from tests.reports.scorecards import not_ready, scorecard


def test_the_scorecard_is_read_back_as_it_was() -> None:
    card = not_ready(records())
    text = render_json(card, records())
    assert Scorecard.model_validate_json(text) == card
    assert json.loads(text)["schema"] == "drillmaster/scorecard/v1"
    assert text.endswith(b"}\n")


def test_the_timeline_is_read_back_as_it_was() -> None:
    text = render_timeline(not_ready(records()), records()).decode()
    assert verify(parse(text.removesuffix("\n").split("\n"))) == records()


def test_the_scorecard_keeps_to_the_published_schema() -> None:
    schema = json.loads(PATH.read_text(encoding="utf-8"))
    for card in (not_ready(records()), scorecard()):
        validate(json.loads(render_json(card, records())), schema)


@a_few
@given(scorecards())
def test_nothing_is_lost_whatever_it_is(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    card, timeline = drawn
    assert Scorecard.model_validate_json(render_json(card, timeline)) == card
    text = render_timeline(card, timeline).decode()
    assert list(parse(text.removesuffix("\n").split("\n"))) == timeline
