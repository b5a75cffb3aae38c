"""Days and times as people write them, and what is said of wrong ones."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError
from drillmaster.definitions.validate import validate
from drillmaster.definitions.windows import (
    MIDNIGHT,
    Window,
    format_days,
    format_time,
    parse_days,
    parse_time,
)
from drillmaster.definitions.yaml_text import parse
from tests.support.definitions import SHIPPED, place_of

ENVIRONMENT = (SHIPPED / "environments/sandbox.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-thu", (0, 1, 2, 3)),
        ("mon,wed,fri", (0, 2, 4)),
        ("sun", (6,)),
        ("fri-mon", (0, 4, 5, 6)),
        ("mon-tue, sat", (0, 1, 5)),
    ],
)
def test_days(text: str, days: tuple[int, ...]) -> None:
    assert parse_days(text) == days
    assert parse_days(format_days(days)) == days


@given(st.integers(0, MIDNIGHT))
def test_every_time_reads_back(minutes: int) -> None:
    assert parse_time(format_time(minutes)) == minutes


def test_a_window_reads_back_as_it_is_recorded() -> None:
    window = Window.model_validate({"days": "mon-thu", "from": "22:00", "to": "06:00"})
    assert window.minutes == 8 * 60
    assert Window.model_validate(window.model_dump(mode="json", exclude_none=True)) == window


NO_DAYS = "is no days of the week; write them as mon-thu or mon,wed,fri"
NO_TIME = "is no time of the day; write it as 10:00"


@pytest.mark.parametrize(
    ("window", "at", "message"),
    [
        (
            '{days: mon-tue-wed, from: "10:00", to: "11:00"}',
            "mon-",
            f"days: 'mon-tue-wed' {NO_DAYS}",
        ),
        ('{days: monday, from: "10:00", to: "11:00"}', "monday", f"days: 'monday' {NO_DAYS}"),
        ('{days: "", from: "10:00", to: "11:00"}', '""', f"days: '' {NO_DAYS}"),
        ('{days: [mon], from: "10:00", to: "11:00"}', "[mon]", f"days: a list {NO_DAYS}"),
        ('{days: mon, from: 10, to: "11:00"}', "10,", f"from: 10 {NO_TIME}"),
        ('{days: mon, from: "9:00", to: "11:00"}', '"9:00"', f"from: '9:00' {NO_TIME}"),
        ('{days: mon, from: "10:60", to: "11:00"}', '"10:60"', f"from: '10:60' {NO_TIME}"),
        ('{days: mon, from: "10:00", to: "24:01"}', '"24:01"', f"to: '24:01' {NO_TIME}"),
        (
            '{days: mon, from: "10:00", to: "10:00"}',
            '"10:00"}',
            'to: is when it begins; a whole day is written from: "00:00", to: "24:00"',
        ),
        (
            '{days: mon, from: "10:00", to: "11:00", time_zone: Mars/Base}',
            "Mars/Base",
            "time_zone: 'Mars/Base' is no time zone; write it as Europe/Lisbon",
        ),
    ],
)
def test_a_wrong_window_is_one_error_at_its_place(window: str, at: str, message: str) -> None:
    text = f"{ENVIRONMENT}windows:\n  - {window}\n"
    with pytest.raises(DefinitionError) as caught:
        validate(parse(text, Path("x.yaml")), Environment)
    start = text.index(window)
    before = text[: start + window.index(at)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert str(caught.value) == f"x.yaml:{line}:{column}: windows.0.{message}"


def test_consent_is_yes_or_no() -> None:
    text = ENVIRONMENT.replace("time_zone: Europe/Lisbon", "consent: maybe", 1)
    with pytest.raises(DefinitionError, match="consent: must be true or false, not a text"):
        validate(parse(text, Path("x.yaml")), Environment)
    wrong = ENVIRONMENT + "consent: opt-outt\n"
    with pytest.raises(DefinitionError, match="did you mean 'opt-out'") as caught:
        validate(parse(wrong, Path("x.yaml")), Environment)
    assert place_of(wrong, "opt-outt") in str(caught.value)
