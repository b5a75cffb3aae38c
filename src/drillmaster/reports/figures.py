"""Figures as people read them: `2.03 s ± 0.02 s`, `≤ 10 s`, `66.7 %`, `+12.3s`.

A bound is rounded up, never down, and decides how many decimals its value deserves.
"""

from collections.abc import Sequence

from drillmaster.scoring.scorecard import Metric
from drillmaster.scoring.wording import MOST_DECIMALS, duration, round_up
from drillmaster.scoring.wording import measured as measured_duration
from drillmaster.timeline.chain import Recorded

NOT_MEASURED = "not measured"


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
        return measured_duration(value, bound)
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


seconds = duration
"""A duration: `2.03 s`, and from a minute on `3 min 20 s`."""


def offset(after: float, decimals: int = 1) -> str:
    """Seconds since the start: `+12.3s`."""
    return f"{after:+.{decimals}f}s"


def precision(half_width: float) -> str:
    """How far off a time may be: `± 0.05 s`."""
    return f"± {seconds(round_up(half_width, MOST_DECIMALS), MOST_DECIMALS)}"


def lasted(records: Sequence[Recorded]) -> float:
    """Seconds from the first event to the last; 0 for an empty timeline."""
    times = [record.event.occurred_at for record in records]
    return (max(times) - min(times)).total_seconds() if times else 0.0
