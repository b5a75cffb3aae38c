"""Figures as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.reports import figures
from tests.reports.sample import chained, event, records, started
from tests.reports.scorecards import metric


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 s"), (2.04, "2.04 s"), (10, "10 s"), (59.999, "1 min"), (61.5, "1 min 1.5 s"),
        (300, "5 min"), (3600, "1 h"), (7384, "2 h 3 min 4 s"), (-3.5, "-3.5 s"),
        (-61, "-1 min 1 s"),
    ],
)  # fmt: skip
def test_seconds_are_as_long_as_they_must_be(value: float, shown: str) -> None:
    assert figures.seconds(value) == shown


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        (0.02, "42.30 s ± 0.02 s"), (0.5, "42.3 s ± 0.5 s"), (4, "42 s ± 4 s"),
        (0.101, "42.30 s ± 0.11 s"), (12, "42 s ± 12 s"),
        (0.0001, "42.30 s ± 0.01 s"), (None, "42.3 s"), (0, "42.3 s"),
    ],
)  # fmt: skip
def test_the_bound_decides_on_the_decimals(bound: float | None, shown: str) -> None:
    assert figures.value_of(metric(value=42.3, bound=bound)) == shown


@given(st.floats(0, 1e5, exclude_min=True))
def test_a_bound_is_never_shown_smaller_than_it_is(bound: float) -> None:
    shown = figures.measured(0.0, bound).split(" ± ")[1]
    number = {"h": 3600.0, "min": 60.0, "s": 1.0}
    parts = shown.split()
    said = sum(float(n) * number[unit] for n, unit in zip(parts[::2], parts[1::2], strict=True))
    assert said >= bound - 1e-6


def test_shares_and_counts_have_their_own_units() -> None:
    assert figures.value_of(metric(value=2 / 3, unit="ratio", bound=0)) == "66.7 %"
    assert figures.value_of(metric(value=0.5, unit="ratio", bound=0.1)) == "50 % ± 10 %"
    assert figures.value_of(metric(value=3, unit="count", bound=None)) == "3"


def test_what_was_not_measured_is_said() -> None:
    assert figures.value_of(metric(value=None)) == "not measured"


@pytest.mark.parametrize(
    ("target", "unit", "shown"),
    [(10, "s", "≤ 10 s"), (1, "ratio", "≥ 100 %"), (0, "count", "0"), (None, "s", "")],
)
def test_a_target_says_in_which_direction_it_holds(
    target: float | None, unit: str, shown: str
) -> None:
    assert figures.target_of(metric(target=target, unit=unit)) == shown


def test_a_run_lasts_from_its_first_event_to_its_last() -> None:
    assert figures.lasted(records()) == pytest.approx(37.1)
    assert figures.lasted(chained([started()])) == 0
    late = [
        started(),
        event(5, "steady-state-returned", "a"),
        event(2, "runner-ended", "a", how="x"),
    ]
    assert figures.lasted(chained(late)) == 5
    assert figures.lasted([]) == 0


def test_a_precision_too_small_to_show_is_rounded_up() -> None:
    assert figures.precision(0.001) == "± 0.01 s"
    assert figures.offset(12.3) == "+12.3s"
    assert figures.offset(-0.25, 2) == "-0.25s"
