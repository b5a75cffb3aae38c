"""Windows of the week, over changes of the clocks and over midnight."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillmaster.definitions.windows import DAYS, Window, format_time
from drillmaster.engine.planning.hours import Hours
from drillmaster.engine.planning.openings import Openings
from tests.support.guarded import bundle_of, environment

LISBON = "Europe/Lisbon"

CHANGES = {
    "Europe/Lisbon": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "America/Santiago": ["2026-04-05T03:00", "2026-09-06T04:00"],
    "Africa/Casablanca": ["2026-02-15T02:00", "2026-03-22T02:00"],
    "Pacific/Apia": ["2011-12-30T10:00"],
    "Asia/Kathmandu": ["2026-06-01T00:00"],
}
"""When clocks are changed, in UTC: by an hour, by half of one, at midnight, twice in five
weeks, by a whole day that never was, and never."""


def window(days: str, begin: str, end: str, zone: str | None = None) -> Window:
    more = {"time_zone": zone} if zone else {}
    return Window.model_validate({"days": days, "from": begin, "to": end} | more)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def on_the_wall(moment: datetime, windows: list[Window], zone: str) -> bool:
    """Whether the clock on the wall shows a time of a window: the definition itself."""
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for one in windows:
        for back in (0, 1):
            day = (wall - timedelta(days=back)).replace(hour=0, minute=0)
            begin = day + timedelta(minutes=one.from_)
            if day.weekday() in one.days and begin <= wall < begin + timedelta(minutes=one.minutes):
                return True
    return False


def openings_of(windows: list[Window], **zones: str) -> Openings:
    """The windows as secondaries read them, each where they live."""
    simulated = {"ana": {"simulate": "prompt"}, "ben": {"simulate": "prompt"}}
    simulated |= {"caro": {"simulate": "prompt"}}
    people = simulated | {who: {"time_zone": zone} for who, zone in zones.items()}
    written = [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in windows]
    where = environment(people, windows=written)
    return Openings(bundle_of(where).drill, where)


TIMES = st.integers(0, 24 * 12 - 1).map(lambda five: format_time(five * 5))
SOME_DAYS = st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: ",".join(sorted(days)))
WINDOWS = st.lists(
    st.tuples(SOME_DAYS, TIMES, TIMES)
    .filter(lambda one: one[1] != one[2])
    .map(lambda w: window(*w)),
    min_size=1,
    max_size=3,
)
NEAR_A_CHANGE = st.sampled_from(
    [(zone, at(change)) for zone, changes in CHANGES.items() for change in changes]
)


@settings(max_examples=300, deadline=None)
@given(WINDOWS, NEAR_A_CHANGE, st.integers(-2000, 2000), st.integers(1, 700))
def test_a_drill_is_allowed_just_if_every_minute_of_it_is_inside(
    windows: list[Window], near: tuple[str, datetime], offset: int, minutes: int
) -> None:
    zone, change = near
    now = change + timedelta(minutes=offset)
    inside = all(
        on_the_wall(now + timedelta(minutes=minute), windows, zone) for minute in range(minutes)
    )
    assert Hours(windows, zone).allow(now, minutes * 60.0) is inside


@settings(max_examples=40, deadline=None)
@given(WINDOWS, NEAR_A_CHANGE, st.integers(-3000, 3000), st.integers(1, 300))
def test_when_it_opens_next_is_allowed_and_no_minute_before_is(
    windows: list[Window], near: tuple[str, datetime], offset: int, minutes: int
) -> None:
    zone, change = near
    hours, now, lasts = Hours(windows, zone), change + timedelta(minutes=offset), minutes * 60.0
    if hours.allow(now, lasts):
        return
    told = openings_of(windows, ben=zone).explain(now, lasts)
    next_ = (
        now + timedelta(minutes=minute)
        for minute in range(1, 60 * 24 * 9)
        if on_the_wall(now + timedelta(minutes=minute), windows, zone)
        and hours.allow(now + timedelta(minutes=minute), lasts)
    )
    first = next(next_, None)
    if first is not None:
        shown = f"{first.astimezone(ZoneInfo(zone)):%a %d %b at %H:%M} in {zone}"
        assert f"they open next on {shown}" in told


ZONES = st.sampled_from([*CHANGES, "Asia/Tokyo", "America/Los_Angeles"])


@settings(max_examples=60, deadline=None)
@given(
    WINDOWS,
    st.lists(ZONES, min_size=2, max_size=2, unique=True),
    NEAR_A_CHANGE,
    st.integers(-3000, 3000),
    st.integers(1, 300),
)
def test_when_all_are_open_next_is_the_first_minute_at_which_each_is(
    windows: list[Window],
    zones: list[str],
    near: tuple[str, datetime],
    offset: int,
    minutes: int,
) -> None:
    zone, other = zones
    now, lasts = near[1] + timedelta(minutes=offset), minutes * 60.0
    both = openings_of(windows, ben=zone, caro=other)
    if both.allow(now, lasts):
        return
    told = both.explain(now, lasts)
    each = [Hours(windows, one) for one in (zone, other)]
    starts = {span.start for hours in each for span in hours.spans(now, now + timedelta(days=8))}
    first = next(
        (at for at in sorted(starts) if at >= now and all(one.allow(at, lasts) for one in each)),
        None,
    )
    shut = next(one for one in (zone, other) if not Hours(windows, one).allow(now, lasts))
    if first is not None:
        shown = f"{first.astimezone(ZoneInfo(shut)):%a %d %b at %H:%M} in {shut}"
        assert f"the windows of ben and caro are all open next on {shown}" in told


@pytest.mark.parametrize(
    ("now", "lasts", "allowed"),
    [
        ("2026-11-25T10:00:00", 6 * 3600, True),
        ("2026-11-25T10:00:00", 6 * 3600 + 1, False),
        ("2026-11-25T09:59:59", 60, False),
        ("2026-11-25T15:59:59", 1, True),
        ("2026-11-25T16:00:00", 1, False),
    ],
)
def test_the_bounds_to_the_second(now: str, lasts: float, allowed: bool) -> None:
    hours = Hours([window("wed", "10:00", "16:00")], LISBON)
    assert hours.allow(at(now, LISBON), lasts) is allowed


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    hours = Hours([window("fri", "22:00", "02:00")], LISBON)
    assert hours.allow(at("2026-11-27T23:30:00", LISBON), 2 * 3600)
    assert hours.allow(at("2026-11-28T01:00:00", LISBON), 3600)
    assert not hours.allow(at("2026-11-27T01:00:00", LISBON), 60), "the night before"


def test_windows_that_follow_each_other_are_one() -> None:
    hours = Hours([window("mon", "22:00", "24:00"), window("tue", "00:00", "03:00")], LISBON)
    assert hours.allow(at("2026-11-23T23:00:00", LISBON), 3 * 3600)


def test_an_hour_that_is_left_out_is_missing() -> None:
    hours = Hours([window("sun", "00:00", "03:00")], LISBON)
    assert hours.allow(at("2026-03-29T00:00:00", LISBON), 2 * 3600)
    assert not hours.allow(at("2026-03-29T00:00:00", LISBON), 2 * 3600 + 1)


def test_an_hour_that_comes_twice_is_in_it_twice() -> None:
    begin = at("2026-10-25T00:00:00", LISBON)
    assert Hours([window("sun", "00:00", "03:00")], LISBON).allow(begin, 4 * 3600)
    half = Hours([window("sun", "00:00", "01:30")], LISBON)
    assert not half.allow(begin, 2 * 3600), "the clock showed 01:59 in between"
    assert half.allow(begin + timedelta(hours=2), 1800), "and then 01:00 again"


def test_always_is_always() -> None:
    hours = Hours([window("mon-sun", "00:00", "24:00")], LISBON)
    assert hours.allow(at("2026-10-24T12:00:00"), 400 * 86400.0)


def test_a_zone_that_is_given_holds_for_everyone() -> None:
    hours = Hours([window("wed", "10:00", "16:00", "Asia/Tokyo")], LISBON)
    assert hours.allow(at("2026-11-25T02:00:00"), 3600)
    assert not hours.allow(at("2026-11-25T12:00:00"), 3600)


def test_in_the_night_in_which_clocks_go_back_it_is_said_which_of_two_times_is_meant() -> None:
    early = openings_of([window("sun", "01:00", "01:15")], ben=LISBON)
    told = early.explain(at("2026-10-25T00:20:00"), 600)  # 01:20, before the change at 01:00 UTC
    assert told == (
        "outside the windows of ben: it is Sun 25 Oct at 01:20 in Europe/Lisbon "
        "(the first 01:20 of that day); they open next on Sun 25 Oct at 01:00 in Europe/Lisbon "
        "(the second 01:00 of that day) (by then the clocks there have gone back by 1h)"
    )


def test_in_the_night_in_which_clocks_go_forward_it_is_said_that_they_do() -> None:
    late = openings_of([window("sun", "02:30", "04:00")], ben=LISBON)
    told = late.explain(at("2026-03-29T00:30:00"), 600)
    assert told.endswith(
        "it is Sun 29 Mar at 00:30 in Europe/Lisbon; they open next on Sun 29 Mar at 02:30 in "
        "Europe/Lisbon (by then the clocks there have gone forward by 1h)"
    )
