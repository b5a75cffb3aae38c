"""What to do about figures: those with one likely cause and one next step are told together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drillmaster.reports.wording import capital
from drillmaster.scoring.scorecard import Metric, Verdict
from drillmaster.scoring.wording import listed


@dataclass(frozen=True, slots=True)
class Advised:
    """Figures that have everything but their names, and what was seen, in common."""

    metrics: Sequence[Metric]

    @property
    def first(self) -> Metric:
        """The one that stands for all."""
        return self.metrics[0]

    @property
    def names(self) -> str:
        """`Secondary response, first mitigation and runbook adherence`."""
        return capital(listed([metric.name for metric in self.metrics]))

    @property
    def seen(self) -> str:
        """What was seen, each thing once."""
        return "; ".join(dict.fromkeys(metric.seen for metric in self.metrics))


def advised(metrics: Iterable[Metric]) -> list[Advised]:
    """The figures in their order, each group where its first one stands. What is met has no
    advice, and stands alone."""
    groups: dict[tuple[Verdict, str | None, str | None, str], list[Metric]] = {}
    for metric in metrics:
        alone = metric.id if metric.cause is None else ""
        key = (metric.verdict, metric.cause, metric.next_step, alone)
        groups.setdefault(key, []).append(metric)
    return [Advised(group) for group in groups.values()]
