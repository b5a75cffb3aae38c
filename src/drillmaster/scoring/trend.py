"""The trend figure: 100 points, less a fixed cost for each thing that was not met.

It is for comparing runs over time, and gates nothing.
"""

from collections.abc import Iterator, Sequence

from drillmaster.scoring.aftermath import settled, steady_state
from drillmaster.scoring.case import Case
from drillmaster.scoring.premises import without_effect
from drillmaster.scoring.scorecard import Cost, Metric, Verdict

REQUIRED: dict[Verdict, int] = {"missed": 25, "unverified": 15}
"""Points for a row that the drill requires."""

SHOWN: dict[Verdict, int] = {"missed": 8, "unverified": 4}
"""Points for a row that gates nothing."""

NOT_UNDONE = 40
"""Points when something could not be undone."""

ENDED_EARLY = 20
"""Points when the drill did not run to its end."""

NOT_STEADY = 10
"""Points when steady state was not seen to return."""

NO_EFFECT = 10
"""Points for each planned fault whose effect was not seen."""


def trend(case: Case, metrics: Sequence[Metric]) -> tuple[int | None, list[Cost]]:
    """The figure, from 0 to 100, and what took points off it; none for a drill that was
    refused, which says nothing of anybody's readiness."""
    if case.ended == "refused":
        return None, []
    costs = [*_of_metrics(metrics), *_of_run(case)]
    return max(0, 100 - sum(cost.points for cost in costs)), costs


def _of_metrics(metrics: Sequence[Metric]) -> Iterator[Cost]:
    for metric in metrics:
        if metric.verdict != "met":
            points = (REQUIRED if metric.required else SHOWN)[metric.verdict]
            yield Cost(what=f"{metric.name} {metric.verdict}", points=points)


def _of_run(case: Case) -> Iterator[Cost]:
    if not settled(case):
        yield Cost(what="not everything was undone", points=NOT_UNDONE)
    if case.ended != "completed":
        yield Cost(what=f"the drill was {case.ended}", points=ENDED_EARLY)
    if steady_state(case) != "returned":
        yield Cost(what="steady state was not seen to return", points=NOT_STEADY)
    for fault in without_effect(case):
        yield Cost(what=f"no effect of the fault {fault} was seen", points=NO_EFFECT)
