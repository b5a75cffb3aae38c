"""Figures as people read them: `2.03 s ± 0.02 s`, `≤ 10 s`, `66.7 %`, `+12.3s`.

A bound is rounded up, never down, and decides how many decimals its value deserves.
"""

import math
from collections.abc import Sequence

from drillmaster.scoring.scorecard import Metric
from drillmaster.timeline.chain import Recorded

NOT_MEASURED = "not measured"

_MOST_DECIMALS = 2


def value_of(metric: Metric) -> str:
    """What a metric measured, with its bound where it has one."""
    return measured(metric.value, metric.bound, metric.unit)


def measured(value: float | None, bound: float | None, unit: str = "s") -> str:
    """A value with its bound; none for an exact one."""
    if value is None:
        return NOT_MEASURED
    if not bound:
        return quantity(value, unit)
    if unit == "s":
        decimals = _decimals(bound)
        return f"{seconds(value, decimals)} ± {seconds(_round_up(bound, decimals), decimals)}"
    return f"{quantity(value, unit)} ± {quantity(bound, unit)}"


def target_of(metric: Metric) -> str:
    """What was asked for; a share is a floor, everything else a ceiling. Empty for none."""
    if metric.target is None:
        return ""
    target = quantity(metric.target, metric.unit)
    if metric.target == 0:
        return target
    return f"≥ {target}" if metric.unit == "ratio" else f"≤ {target}"


def quantity(value: float, unit: str) -> str:
    """An exact value with its unit."""
    match unit:
        case "s":
            return seconds(value)
        case "ratio":
            return f"{round(value * 100, 1):g} %"
        case _:
            return f"{round(value, 2):g}"


def seconds(value: float, decimals: int | None = None) -> str:
    """A duration: `2.03 s`, and from a minute on `3 min 20 s`.

    Without `decimals`: as many as it takes, at most two.
    """
    exact = decimals is None
    places = _MOST_DECIMALS if decimals is None else decimals
    sign, rest = ("-" if value < 0 else ""), round(abs(value), places)
    minutes, rest = divmod(rest, 60) if rest >= 60 else (0.0, rest)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    if rest or not parts:
        parts.append(f"{round(rest, places):g} s" if exact else f"{rest:.{places}f} s")
    return sign + " ".join(parts)


def offset(after: float, decimals: int = 1) -> str:
    """Seconds since the start: `+12.3s`."""
    return f"{after:+.{decimals}f}s"


def precision(half_width: float) -> str:
    """How far off a time may be: `± 0.05 s`."""
    return f"± {seconds(_round_up(half_width, _MOST_DECIMALS), _MOST_DECIMALS)}"


def lasted(records: Sequence[Recorded]) -> float:
    """Seconds from the first event to the last; 0 for an empty timeline."""
    times = [record.event.occurred_at for record in records]
    return (max(times) - min(times)).total_seconds() if times else 0.0


def _decimals(bound: float) -> int:
    # One digit of the bound, and two of one that begins with 1 or 2: rounded up to one
    # digit, those would grow by up to the double.
    enough = (n for n in range(_MOST_DECIMALS) if bound * 10**n >= 3)
    return next(enough, _MOST_DECIMALS)


def _round_up(bound: float, decimals: int) -> float:
    factor = 10.0**decimals
    return (math.ceil(round(bound * factor, 6)) or 1) / factor
