"""What changed since the last run of the drill."""

from collections.abc import Sequence

from drillmaster.scoring.case import Case
from drillmaster.scoring.scorecard import Changes, Metric
from drillmaster.timeline.events import HistoryRecorded


def compare(case: Case, metrics: Sequence[Metric]) -> Changes | None:
    """Figures that are met and were not, that were met and are not, and that were not
    there; None for the first run of a drill. Between missed and unverified nothing
    changed: neither is met."""
    history = case.of(HistoryRecorded)
    if not history:
        return None
    before = history[-1].event.verdicts
    both = [metric for metric in metrics if metric.id in before]
    return Changes(
        since=history[-1].event.run,
        fixed=[m.id for m in both if m.verdict == "met" and before[m.id] != "met"],
        regressed=[m.id for m in both if m.verdict != "met" and before[m.id] == "met"],
        new=[metric.id for metric in metrics if metric.id not in before],
    )
