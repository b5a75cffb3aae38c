"""Figures as they stand in a line for people."""

import math
from collections.abc import Sequence

MOST_DECIMALS = 2
"""Of a second: what is told of a time is never finer."""


def seconds(value: float) -> str:
    """About how long, for a sentence: `0.03 s`, `2.1 s`, `4 min 12 s`, `1 h 5 min`."""
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


def duration(value: float, decimals: int | None = None) -> str:
    """A duration: `2.03 s`, and from a minute on `3 min 20 s`.

    Without `decimals`: as many as it takes, at most two.
    """
    exact = decimals is None
    places = MOST_DECIMALS if decimals is None else decimals
    sign, rest = ("-" if value < 0 else ""), round(abs(value), places)
    minutes, rest = divmod(rest, 60) if rest >= 60 else (0.0, rest)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    if rest or not parts:
        parts.append(f"{round(rest, places):g} s" if exact else f"{rest:.{places}f} s")
    return sign + " ".join(parts)


def measured(value: float, bound: float) -> str:
    """A duration with its bound, which is rounded up, never down, and decides how many decimals
    its value deserves; without one where it is exact."""
    if not bound:
        return duration(value)
    decimals = _decimals(bound)
    return f"{duration(value, decimals)} ± {duration(round_up(bound, decimals), decimals)}"


def round_up(bound: float, decimals: int) -> float:
    """A bound as it is told: rounded up, and never to nothing."""
    factor = 10.0**decimals
    return (math.ceil(round(bound * factor, 6)) or 1) / factor


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def was(number: int) -> str:
    """The verb that goes with a number."""
    return "was" if number == 1 else "were"


def _decimals(bound: float) -> int:
    # One digit of the bound, and two of one that begins with 1 or 2: rounded up to one
    # digit, those would grow by up to the double.
    enough = (n for n in range(MOST_DECIMALS) if bound * 10**n >= 3)
    return next(enough, MOST_DECIMALS)
