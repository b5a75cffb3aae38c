"""Labels that do not overlap: each goes into the first row in which it has room.

Widths are estimated, since no font is at hand when the picture is drawn, and on the
wide side, so that a reader's font fits.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 10.0
"""Free space between two labels of a row, in pixels."""

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


def width_of(text: str, size: float) -> float:
    """The width of a text in a sans-serif font of the given size, at most."""
    return sum(map(_ems, text)) * size


def place(
    wanted: Sequence[tuple[float, float]], left: float, right: float, gap: float = GAP
) -> list[Placed]:
    """Places for labels given as (left edge, width), in the order given.

    From right to left, so that the line from a mark down to its label crosses no label
    of a higher row: those begin further to the right. A label that would leave the
    picture at the right is moved left.
    """
    free: list[float] = []  # for each row, where its leftmost label begins
    placed: dict[int, Placed] = {}
    for index in sorted(range(len(wanted)), key=lambda index: -wanted[index][0]):
        x, width = wanted[index]
        x = max(left, min(x, right - width))
        row = next((row for row, edge in enumerate(free) if x + width + gap <= edge), len(free))
        free[row : row + 1] = [x]
        placed[index] = Placed(x, width, row)
    return [placed[index] for index in range(len(wanted))]


def shorten(text: str, most: int) -> str:
    """The text, cut to at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _ems(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _WIDE or unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.72 if char.isupper() else 0.62
