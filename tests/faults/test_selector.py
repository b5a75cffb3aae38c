"""Selectors and shares."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.faults import Throttle
from drillmaster.definitions.units import format_share
from drillmaster.errors import InvalidError
from drillmaster.faults import shares
from drillmaster.faults.selector import labels_of

NAMES = st.from_regex(r"[A-Za-z0-9./_-]{1,12}", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_every_selector_that_a_drill_may_have_is_read(labels: dict[str, str]) -> None:
    selector = ",".join(f"{name}={value}" for name, value in labels.items())
    Throttle(namespace="shop", selector=selector, share="50%")  # type: ignore[arg-type]  # as written
    assert labels_of(selector) == labels


@pytest.mark.parametrize("selector", ["", "app", "app=", "=checkout", "app=checkout,", ","])
def test_a_selector_that_could_select_all_is_refused(selector: str) -> None:
    with pytest.raises(InvalidError, match="label=value"):
        labels_of(selector)


def test_a_label_cannot_have_two_values() -> None:
    assert labels_of("app=a,app=a") == {"app": "a"}
    with pytest.raises(InvalidError, match="two values"):
        labels_of("app=a,app=b")


@given(st.integers(0, 100_000), st.integers(0, 10_000))
def test_a_share_is_rounded_down_and_exact(parts: int, number: int) -> None:
    exact = Fraction(parts, 100_000) * number
    assert shares.of(parts / 100_000, number) == exact.numerator // exact.denominator


def test_a_share_that_floating_point_gets_wrong() -> None:
    assert int(0.29 * 100) == 28
    assert shares.of(0.29, 100) == 29
    assert format_share(0.29) == "29%"
