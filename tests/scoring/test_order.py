"""Which steps are in order."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from drillmaster.scoring.order import Moment, in_order
from tests.scoring.events import CALMLY


def at(*times: float, precision: float = 0.0) -> list[Moment]:
    return [(time - precision, time + precision) for time in times]


def test_all_in_order() -> None:
    assert in_order(at(1, 2, 3)) == {0, 1, 2}
    assert in_order([]) == set()


def test_of_two_that_changed_places_the_one_too_soon_is_out() -> None:
    assert in_order(at(2, 1)) == {0}
    assert in_order(at(1, 3, 2, 4)) == {0, 1, 3}


def test_one_step_out_of_place_is_one_mistake() -> None:
    assert in_order(at(9, 1, 2, 3)) == {1, 2, 3}
    assert in_order(at(2, 3, 4, 1)) == {0, 1, 2}


def test_overlapping_moments_are_in_order() -> None:
    assert in_order(at(2.4, 2.0, precision=0.25)) == {0, 1}
    assert in_order(at(2.6, 2.0, precision=0.25)) == {0}
    assert in_order(at(2, 2)) == {0, 1}


moments = st.lists(
    st.builds(
        lambda time, precision: (time - precision, time + precision),
        st.integers(0, 12),
        st.sampled_from([0, 0, 1, 3]),
    ),
    max_size=8,
)


@CALMLY
@given(moments)
def test_as_large_as_any_set_in_order(steps: list[Moment]) -> None:
    def ordered(chosen: tuple[int, ...]) -> bool:
        return all(steps[later][1] >= steps[sooner][0] for sooner, later in combinations(chosen, 2))

    best = max(
        length
        for length in range(len(steps) + 1)
        if any(ordered(chosen) for chosen in combinations(range(len(steps)), length))
    )
    kept = in_order(steps)
    assert len(kept) == best
    assert ordered(tuple(sorted(kept)))


@CALMLY
@given(moments, st.data())
def test_a_step_less_never_brings_more_into_order(steps: list[Moment], data: st.DataObject) -> None:
    if steps:
        gone = data.draw(st.integers(0, len(steps) - 1))
        rest = steps[:gone] + steps[gone + 1 :]
        assert len(in_order(rest)) <= len(in_order(steps))
