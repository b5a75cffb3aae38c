"""Advice and wording."""

from typing import get_args

import pytest

from drillmaster.definitions.units import count
from drillmaster.scoring.causes import ADVICE, Situation
from drillmaster.scoring.wording import allowed, listed, measured, seconds


def test_every_situation_has_advice() -> None:
    assert set(ADVICE) == set(get_args(Situation))


@pytest.mark.parametrize("situation", ADVICE)
def test_advice_is_two_different_sentences(situation: Situation) -> None:
    cause, next_step = ADVICE[situation]
    assert cause != next_step
    for text in (cause, next_step):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) <= 180


@pytest.mark.parametrize("situation", ADVICE)
def test_advice_blames_nobody(situation: Situation) -> None:
    text = " ".join(ADVICE[situation]).lower()
    assert not any(word in text for word in ("fault of", "careless", "blame", "should have"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (0.004, "0 s"),
        (0.03, "0.03 s"),
        (0.999, "1.0 s"),
        (2.14, "2.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (252.2, "4 min 12 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_durations(value: float, text: str) -> None:
    assert seconds(value) == text


def test_targets_are_told_as_they_were_written() -> None:
    assert [allowed(value) for value in (10, 1.5, 300)] == ["10 s", "1.5 s", "5 min"]


def test_a_bound_is_rounded_up_and_decides_on_the_decimals() -> None:
    assert measured(2.1, 0.02) == "2.10 s ± 0.02 s"
    assert measured(42.3, 0.5) == "42.3 s ± 0.5 s"
    assert measured(0.61, 0.613) == "0.6 s ± 0.7 s"
    assert measured(0.5, 0) == "0.5 s"


def test_lists_and_counts() -> None:
    assert [listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [count(1, "step"), count(2, "step")] == ["1 step", "2 steps"]
