"""Figures as they stand in a line for people."""

from collections.abc import Sequence


def seconds(value: float) -> str:
    """A duration: `0.03 s`, `2.1 s`, `4 min 12 s`, `1 h 5 min`."""
    if value < 0.995:
        return f"{value:.2f} s" if value >= 0.005 else "0 s"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def allowed(value: float) -> str:
    """A target as it was written: `10 s`, `1.5 s`, `5 min`."""
    return f"{value:g} s" if value < 60 else seconds(value)


def measured(value: float, bound: float) -> str:
    """A duration with its bound; a bound too small to matter is left out."""
    return f"{seconds(value)} ± {seconds(bound)}" if bound >= 0.05 else seconds(value)


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def was(number: int) -> str:
    """The verb that goes with a number."""
    return "was" if number == 1 else "were"
