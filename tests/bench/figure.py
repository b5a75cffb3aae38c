"""One figure beside its goal, and the table of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured."""

    what: str
    ours: float
    """In `unit`."""
    peer: float | None = None
    """In `unit`; None where there is no peer."""
    goal: float | None = None
    """At most: of the ratio where there is a peer, of ours where there is none."""
    unit: Literal["s", "MiB", "count"] = "s"
    """Seconds, memory, or a number of something."""

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
        shown = {"s": seconds, "MiB": _memory, "count": _plain}[self.unit]
        peer, ratio = ("", "") if self.peer is None else (shown(self.peer), _plain(self.value))
        goal = ""
        if self.goal is not None:
            goal = f"≤ {shown(self.goal) if self.peer is None else f'{self.goal:g}'}"
        return [self.what, shown(self.ours), peer, ratio, goal, _said(self.met)]


def seconds(value: float) -> str:
    """`0.142 s`, or `3.1 ms` for less than 0.1 s."""
    return f"{value:.3f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"


def _memory(value: float) -> str:
    return f"{value:.0f} MiB"


def _plain(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


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
