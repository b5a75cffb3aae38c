"""Labels find places without overlap."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from drillmaster.reports.labels import GAP, place, shorten, width_of

_WANTED = st.lists(st.tuples(st.floats(130, 960), st.floats(1, 400)), max_size=30)


@given(_WANTED)
def test_no_two_labels_of_a_row_overlap(wanted: list[tuple[float, float]]) -> None:
    placed = place(wanted, 130, 960)
    assert len(placed) == len(wanted)
    for one, other in combinations(placed, 2):
        if one.row == other.row:
            left, right = sorted((one, other), key=lambda label: label.x)
            assert left.x + left.width + GAP <= right.x + 1e-6


@given(_WANTED)
def test_labels_stay_in_the_picture(wanted: list[tuple[float, float]]) -> None:
    for label in place(wanted, 130, 960):
        assert label.x >= 130
        assert label.x + label.width <= 960 + 1e-6


def test_rows_are_filled_before_a_new_one_is_begun() -> None:
    apart = place([(0, 50), (100, 50), (200, 50)], 0, 960)
    assert [label.row for label in apart] == [0, 0, 0]
    stacked = place([(0, 50), (10, 50), (20, 50)], 0, 960)
    assert [label.row for label in stacked] == [2, 1, 0]


def test_wide_letters_take_more_room() -> None:
    assert width_of("WWW", 10) > width_of("iii", 10)
    assert width_of("漢字", 10) == 20
    assert width_of("", 10) == 0


def test_a_long_text_is_cut_at_a_letter() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("rather long", 8) == "rather…"
