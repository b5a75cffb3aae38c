"""Which failure modes the run exposed: only what it showed, never what it might have.

F8 (overuse) and F9 (access revoked) show over several runs alone, so one run cannot
expose them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drillmaster.scoring.decisions import unsound
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.premises import shared, ungated
from drillmaster.scoring.scorecard import Metric
from drillmaster.timeline.events import PageFailed

NAMES = {
    "F1": "secondary unreachable",
    "F2": "role confusion",
    "F3": "privilege gap",
    "F4": "alert storm",
    "F5": "automation bug",
    "F6": "knowledge gap",
    "F7": "cross-team lag",
    "F8": "overuse",
    "F9": "access revoked",
    "F10": "toolchain outage",
}
"""What each failure mode is called."""

STORM = 5.0
"""More alerts an incident than this are a storm, whatever the drill's own target."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the run showed."""

    findings: Findings
    metrics: dict[str, Metric]

    def missed(self, which: str) -> bool:
        """Whether the run has a figure and missed its target."""
        return which in self.metrics and self.metrics[which].verdict == "missed"


def exposed(findings: Findings, metrics: Sequence[Metric]) -> list[str]:
    """The ids of the failure modes, in their order."""
    shown = Shown(findings, {metric.id: metric for metric in metrics})
    return [mode for mode, shows in _MODES.items() if shows(shown)]


def _unreachable(shown: Shown) -> bool:
    response = shown.findings.response
    return response.outcome == "none" and response.afterwards is None and shown.missed("M1")


def _confusion(shown: Shown) -> bool:
    response, runbook = shown.findings.response, shown.findings.runbook
    if runbook is not None and (runbook.doubled or runbook.wrong_hands):
        return True
    return response.outcome == "wrong-person" or shared(shown.findings.case, response)


def _privilege_gap(shown: Shown) -> bool:
    return shown.findings.access.failures > 0


def _storm(shown: Shown) -> bool:
    noise = shown.metrics.get("M8")
    return shown.missed("M8") or (noise is not None and (noise.value or 0) > STORM)


def _no_gate(shown: Shown) -> bool:
    """Something that is no person acted without a person's leave: it alone took the page,
    or, in the gatekeeper pattern, it acted before the secondary had decided anything."""
    return shown.findings.response.outcome == "automation" or ungated(shown.findings.case)


def _knowledge_gap(shown: Shown) -> bool:
    response, runbook = shown.findings.response, shown.findings.runbook
    if response.outcome == "hollow":
        return True
    if runbook is None or not response.starts:
        return False  # nobody took the incident, so nobody showed what they know
    unfollowed = runbook.outcomes("skipped", "substituted", "out-of-order", "late")
    missed = any(row.step not in runbook.blocked for row in unfollowed)
    return missed or bool(unsound(shown.findings.case))


def _lag(shown: Shown) -> bool:
    """A hand-over that took too long; one that never happened is no lag."""
    return shown.missed("hand_over_time") and shown.metrics["hand_over_time"].value is not None


def _toolchain(shown: Shown) -> bool:
    return bool(shown.findings.case.of(PageFailed))


_MODES: dict[str, Callable[[Shown], bool]] = {
    "F1": _unreachable,
    "F2": _confusion,
    "F3": _privilege_gap,
    "F4": _storm,
    "F5": _no_gate,
    "F6": _knowledge_gap,
    "F7": _lag,
    "F10": _toolchain,
}
