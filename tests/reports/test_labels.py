"""Labels find places without overlap."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from drillmaster.reports.labels import BESIDE, GAP, place, shorten, width_of

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


@given(st.lists(st.tuples(st.floats(130, 960), st.floats(1, 60)), max_size=10))
def test_no_line_to_a_label_crosses_a_label(marks: list[tuple[float, float]]) -> None:
    placed = place(marks, 130, 960)
    for (line, _), own in zip(marks, placed, strict=True):
        crossed = [
            label
            for label in placed
            if label.row <= own.row and label.x < line < label.x + label.width
        ]
        assert crossed == []


def test_rows_are_filled_before_a_new_one_is_begun() -> None:
    apart = place([(0, 50), (100, 50), (200, 50)], 0, 960)
    assert [label.row for label in apart] == [0, 0, 0]
    stacked = place([(0, 50), (10, 50), (20, 50)], 0, 960)
    assert [label.row for label in stacked] == [2, 1, 0]


def test_a_short_label_does_not_slip_in_over_the_line_of_a_longer_one() -> None:
    """Between the second's line and the third's label there is room, but for the line."""
    short, long, _ = place([(280, 150), (305, 300), (490, 100)], 0, 960)
    assert (long.row, short.row) == (1, 2)


def test_labels_that_would_leave_the_picture_fly_to_the_left() -> None:
    first, last = place([(940, 50), (950, 50)], 0, 960)
    assert (first.row, last.row) == (0, 1)
    assert first.x + first.width == 940 - BESIDE
    assert last.x + last.width == 950 - BESIDE


def test_wide_letters_take_more_room() -> None:
    assert width_of("WWW", 10) > width_of("iii", 10)
    assert width_of("漢字", 10) == 20
    assert width_of("", 10) == 0


def test_a_long_text_is_cut_at_a_letter() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("rather long", 8) == "rather…"
