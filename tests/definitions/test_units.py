from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.units import (
    format_duration,
    format_share,
    parse_day,
    parse_duration,
    parse_share,
    shown,
)

milliseconds = st.integers(0, 10 * 86_400_000)
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(milliseconds)
def test_a_duration_is_read_back_to_the_millisecond(count: int) -> None:
    assert parse_duration(format_duration(count / 1000)) == count / 1000


@given(st.integers(0, 100_000))
def test_a_share_is_read_back_to_the_thousandth_of_a_per_cent(thousandths: int) -> None:
    fraction = thousandths / 100_000
    assert parse_share(format_share(fraction)) == pytest.approx(fraction, abs=1e-12)


@given(st.dates())
def test_a_day_is_read_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(day) == day


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("5m", 300), ("1h30m", 5400), ("800ms", 0.8), ("2d", 172_800), ("0s", 0)],
)
def test_durations_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["", "5", 5, "5 m", "-5s", "5M", "1m1h", "1.5h", "٣s", None, True, ["5s"], "5s\n"]
)
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="is no duration; write it as 20s"):
        parse_duration(value)


@pytest.mark.parametrize("value", ["30", 30, 0.3, "101%", "-1%", "30 %", "٣%", "100.1%", None])
def test_what_is_no_share(value: object) -> None:
    with pytest.raises(ValueError, match="is no share; write it as 30%"):
        parse_share(value)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "20261124", "2026-W48-2", "24.11.2026", 0, 20261124, "2026-11-24 "]
)
def test_what_is_no_day(value: object) -> None:
    with pytest.raises(ValueError, match="is no day; write it as 2026-11-24"):
        parse_day(value)


@given(anything)
def test_nothing_but_a_value_error_comes_out(value: object) -> None:
    for parse in (parse_duration, parse_share, parse_day):
        try:
            parse(value)
        except ValueError:
            continue


@given(anything)
def test_a_shown_value_is_short_printable_and_on_one_line(value: object) -> None:
    assert len(shown(value)) <= 60
    assert shown(value).isprintable()
