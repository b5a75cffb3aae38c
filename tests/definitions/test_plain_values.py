"""Plain scalars by the core schema of YAML 1.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.plain import plain_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-17", -17),
        ("+12", 12),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("6.", 6.0),
        ("1e3", 1000.0),
        ("-2.5E-3", -0.0025),
    ],
)
def test_words_and_numbers(text: str, value: object) -> None:
    found = plain_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "off", "y", "n", "TrUe", "1_000", "0b11", "1:30", "2026-11-24", "0x", "-"],
)
def test_what_only_older_yaml_reads_otherwise_stays_a_text(text: str) -> None:
    assert plain_value(text) == text


@pytest.mark.parametrize(
    "text", ["9" * 19, "9" * 100_000, "0x" + "f" * 40, "1e999", "-1e999", "9223372036854775808"]
)
def test_numbers_that_json_or_a_database_cannot_carry(text: str) -> None:
    with pytest.raises(ValueError, match="is too large a number"):
        plain_value(text)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", ".NaN"])
def test_what_is_no_finite_number(text: str) -> None:
    with pytest.raises(ValueError, match="must be a finite number"):
        plain_value(text)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_every_other_whole_number_is_read(number: int) -> None:
    assert plain_value(str(number)) == number


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = plain_value(text)
    except ValueError:
        return
    assert value is None or isinstance(value, bool | int | float) or value == text
