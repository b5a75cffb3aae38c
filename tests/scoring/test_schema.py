"""The scorecard as JSON, and its published schema."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.scoring.schema import PATH, as_text, scorecard_schema, write
from drillmaster.scoring.scorecard import Scorecard
from tests.scoring.cards import card_of, paged
from tests.support.responders import responder

CARDS = [card_of(responder(name)) for name in BEHAVIOURS] + [card_of(paged())]


def test_the_published_schema_is_up_to_date() -> None:
    """Mend it with `python -m drillmaster.scoring.schema`."""
    assert PATH.read_text(encoding="utf-8") == as_text()


def test_writing_it_anew(tmp_path: Path) -> None:
    write(tmp_path / "schema.json")
    assert (tmp_path / "schema.json").read_bytes() == PATH.read_bytes()


def test_the_schema_is_part_of_the_package() -> None:
    published = files("drillmaster.scoring") / "scorecard.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == scorecard_schema()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(scorecard_schema())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.sentence[:20])
def test_every_scorecard_fits_its_schema_and_is_read_back(card: Scorecard) -> None:
    text = card.model_dump_json()
    Draft202012Validator(scorecard_schema(), format_checker=FormatChecker()).validate(
        json.loads(text)
    )
    assert Scorecard.model_validate_json(text) == card


def test_the_fields_of_the_contract_are_there() -> None:
    card = json.loads(CARDS[0].model_dump_json())
    assert card["schema"] == "drillmaster/scorecard/v1"
    wanted = {
        *("schema", "run", "drill", "environment", "readiness", "simulated", "trend", "metrics"),
        *("access", "runbook", "acknowledgement", "failure_modes", "settled", "chain"),
    }
    assert wanted <= card.keys()
    assert {
        *("id", "name", "value", "unit", "bound", "target", "required", "verdict"),
        *("evidence", "events", "cause", "next_step"),
    } <= card["metrics"][0].keys()
    assert {"check", "person", "answer", "grade"} <= card["access"][0].keys()
    assert {"name", "revision", "steps"} <= card["runbook"].keys()
    assert {"step", "outcome", "after", "by"} <= card["runbook"]["steps"][0].keys()
    assert {"outcome", "role", "after", "bound"} <= card["acknowledgement"].keys()


def test_an_unknown_key_is_refused() -> None:
    card = json.loads(CARDS[0].model_dump_json()) | {"mood": "good"}
    with pytest.raises(ValidationError):
        Scorecard.model_validate(card)
    assert not Draft202012Validator(scorecard_schema()).is_valid(card)
