"""Labels that cover neither each other nor the lines that lead to them.

Widths are estimated, since no font is at hand when the picture is drawn, and on the
wide side, so that a reader's font fits.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 10.0
"""Free space between two labels of a row, in pixels."""

BESIDE = 4.0
"""From the line that leads to a label to its text, in pixels."""

_NARROW = frozenset("iljtfrI.,:;'|!()[] ")
_WIDE = frozenset("mwMW@%✓✗…")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label stands."""

    x: float
    """Its left edge, in pixels."""
    width: float
    row: int
    """From 0, downwards."""
    leftwards: bool = False
    """It flies to the left of its line, and ends at it."""


def width_of(text: str, size: float) -> float:
    """The width of a text in a sans-serif font of the given size, at most."""
    return sum(map(_ems, text)) * size


def place(marks: Sequence[tuple[float, float]], left: float, right: float) -> list[Placed]:
    """Places for labels given as (where the mark is, width), in the order given.

    A label is a flag: a line leads from the mark down to it, and it flies to the right of the
    line, or to the left where the picture ends. It takes the first row in which it covers no
    label and no line, and in which its own line crosses no label on the way down. There is
    such a row while those that fly to the left have room: they are placed from left to right,
    the others from right to left, so that each line runs beside all labels before it.
    """
    to_left = _flying_left(marks, left, right)
    order = sorted(to_left, key=lambda index: marks[index][0])
    others = [index for index in range(len(marks)) if index not in to_left]
    order += sorted(others, key=lambda index: -marks[index][0])
    placed: dict[int, Placed] = {}
    for index in order:
        at, width = marks[index]
        x = at - BESIDE - width if index in to_left else at + BESIDE
        x = max(left, min(x, right - width))
        lines = [(marks[other][0], where) for other, where in placed.items()]
        placed[index] = Placed(x, width, _row(at, x, width, lines), index in to_left)
    return [placed[index] for index in range(len(marks))]


def _flying_left(marks: Sequence[tuple[float, float]], left: float, right: float) -> set[int]:
    """Those that would leave the picture at the right, and those whose line would have to
    cross one of these."""
    found: set[int] = set()
    edge = right
    for index in sorted(range(len(marks)), key=lambda index: -marks[index][0]):
        at, width = marks[index]
        leaves = at + BESIDE + width > right
        if leaves or (at > edge - BESIDE and at - BESIDE - width >= left):
            found.add(index)
            edge = min(edge, at - BESIDE - width)
    return found


def _row(at: float, x: float, width: float, placed: Sequence[tuple[float, Placed]]) -> int:
    """The first row that suits a label; below all others where none does."""
    below = 1 + max((where.row for _, where in placed), default=-1)
    for row in range(below):
        covers = any(
            x < where.x + where.width + GAP and where.x < x + width + GAP
            for _, where in placed
            if where.row == row
        )
        hides = any(x < line < x + width for line, where in placed if where.row > row)
        crosses = any(
            where.x < at < where.x + where.width for _, where in placed if where.row < row
        )
        if not (covers or hides or crosses):
            return row
    return below


def shorten(text: str, most: int) -> str:
    """The text, cut to at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _ems(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _WIDE or unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.72 if char.isupper() else 0.62
