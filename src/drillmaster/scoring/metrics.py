"""The figures of a run, in the order in which they are shown.

To add a figure: one function from `Findings` and its target to a `Reading`, one line here,
and, where a drill may ask for it, a field of `Targets`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drillmaster.scoring.case import Case
from drillmaster.scoring.causes import ADVICE, Situation
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.paging_figures import (
    alert_noise,
    delivery,
    detection_time,
    escalation_latency,
)
from drillmaster.scoring.reading import Reading
from drillmaster.scoring.response_figures import hand_over_time, secondary_response
from drillmaster.scoring.scorecard import Metric
from drillmaster.scoring.undo_figures import recovery_time, undo_time
from drillmaster.scoring.work_figures import access_failures, first_mitigation, runbook_adherence


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that a run can have."""

    id: str
    name: str
    unit: Literal["s", "ratio", "count"]
    listed_as: str
    """The field of `Targets` that makes it a gate."""
    default: float | None
    """The target that it is held against when the drill lists none; it gates nothing."""
    read: Callable[[Findings, float | None], Reading]
    critical_only: bool = False
    """The default holds for critical incidents alone."""

    def listed(self, case: Case) -> float | None:
        """The drill's own target; None where it lists none."""
        value: float | None = getattr(case.drill.targets, self.listed_as)
        return None if value is None else float(value)

    def target(self, case: Case) -> float | None:
        """The target that the figure is held against."""
        listed = self.listed(case)
        if listed is not None:
            return listed
        critical = case.drill.escalation.severity == "critical"
        return self.default if critical or not self.critical_only else None


RESPONSE = Figure("M1", "secondary response", "s", "secondary_response", 300, secondary_response)

FIGURES: tuple[Figure, ...] = (
    RESPONSE,
    Figure("M3", "first mitigation", "s", "first_mitigation", 900, first_mitigation),
    Figure("M7", "access failures", "count", "access_failures", 0, access_failures),
    Figure("M8", "alert noise", "count", "alert_noise", 5, alert_noise),
    Figure(
        "M10",
        "escalation latency",
        "s",
        "escalation_latency",
        180,
        escalation_latency,
        critical_only=True,
    ),
    Figure("delivery", "pages delivered", "ratio", "delivery", 0.98, delivery),
    Figure("detection_time", "detection time", "s", "detection_time", None, detection_time),
    Figure("hand_over_time", "hand-over time", "s", "hand_over_time", None, hand_over_time),
    Figure(
        "runbook_adherence",
        "runbook adherence",
        "ratio",
        "runbook_adherence",
        None,
        runbook_adherence,
    ),
    Figure("recovery_time", "recovery time", "s", "recovery_time", None, recovery_time),
    Figure("undo_time", "undo time", "s", "undo_time", None, undo_time),
)
"""Every figure of a run."""


def measure(findings: Findings) -> list[Metric]:
    """All figures that apply to the run, and all that the drill requires."""
    rows = (_row(figure, findings) for figure in FIGURES)
    return [row for row in rows if row is not None]


def _row(figure: Figure, findings: Findings) -> Metric | None:
    case = findings.case
    required = figure.listed(case) is not None
    target = figure.target(case)
    reading = figure.read(findings, target)
    if not reading.applies and not required:
        return None
    advice = None if reading.verdict == "met" else ADVICE[_situation(case, reading)]
    return Metric(
        id=figure.id,
        name=figure.name,
        value=reading.value,
        unit=figure.unit,
        bound=reading.bound,
        target=target,
        required=required,
        verdict=reading.verdict,
        evidence=reading.evidence,
        events=list(reading.events),
        seen=reading.seen,
        cause=advice.cause if advice else None,
        next_step=advice.next_step if advice else None,
    )


def _situation(case: Case, reading: Reading) -> Situation:
    situation = reading.situation or "not-measured"
    if situation == "ended-early" and case.unwatched is not None:
        return "unwatched"
    return situation
