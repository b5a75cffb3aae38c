"""One figure beside its goal, and the table of all."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured."""

    what: str
    ours: float
    """Seconds."""
    peer: float | None = None
    """Seconds; None where there is no peer."""
    goal: float | None = None
    """At most: of the ratio where there is a peer, of our seconds where there is none."""

    @property
    def value(self) -> float:
        """What the goal is about."""
        return self.ours if self.peer is None else self.ours / self.peer

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.value <= self.goal

    def cells(self) -> list[str]:
        """A row of the table."""
        peer, ratio = ("", "") if self.peer is None else (seconds(self.peer), f"{self.value:.2f}")
        goal = ""
        if self.goal is not None:
            goal = f"≤ {seconds(self.goal) if self.peer is None else f'{self.goal:g}'}"
        return [self.what, seconds(self.ours), peer, ratio, goal, _said(self.met)]


def seconds(value: float) -> str:
    """`0.142 s`, or `3.1 ms` for less than 0.1 s."""
    return f"{value:.3f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


def table(figures: Iterable[Figure]) -> str:
    """All figures, side by side."""
    head = ["", "ours", "peer", "ratio", "goal", ""]
    rows = [head, *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place in (0, 5) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _said(met: bool | None) -> str:
    return {True: "met", False: "MISSED", None: ""}[met]
