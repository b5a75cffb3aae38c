"""The result in one sentence, for chat."""

from collections.abc import Sequence

from drillmaster.definitions.units import count
from drillmaster.scoring.aftermath import settled
from drillmaster.scoring.case import Case
from drillmaster.scoring.failure_modes import NAMES
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.gates import Reason
from drillmaster.scoring.scorecard import Metric, Readiness
from drillmaster.scoring.wording import listed, seconds
from drillmaster.timeline.events import GuardChecked

_AT_MOST = 2  # reasons that one sentence can carry


def sentence(
    findings: Findings,
    metrics: Sequence[Metric],
    readiness: Readiness,
    reasons: Sequence[Reason],
    modes: Sequence[str],
) -> str:
    """One sentence that stands alone; roles, never names or ids of people. `ready` is said of
    the targets that the drill lists: a failure mode that none of them covers is named with it."""
    case = findings.case
    if case.ended == "refused":
        text = f"the guard refused the drill{_rules(case)}, and nothing was touched"
    elif readiness == "ready":
        text = f"{_praise(findings, metrics)}; everything was undone{_beside(modes)}"
    else:
        text = _complaint(reasons) + ("; everything was undone" if settled(case) else "")
    simulated = " (simulated)" if case.run.simulated else ""
    return f"{readiness.upper()}: {text}{simulated}."


def _praise(findings: Findings, metrics: Sequence[Metric]) -> str:
    met = {metric.id: metric for metric in metrics if metric.verdict == "met"}
    parts = []
    response = met.get("M1")
    if response and response.value is not None:
        parts.append(f"acknowledged in {seconds(response.value)}")
    if "M7" in met:
        parts.append("had access")
    adherence = met.get("runbook_adherence")
    if findings.runbook and adherence and (adherence.required or adherence.value == 1):
        done, required = findings.runbook.outcomes("followed"), findings.runbook.required
        parts.append(f"followed {len(done)} of {count(len(required), 'step')}")
    return f"the secondary {listed(parts)}" if parts else "every required target was met"


def _beside(modes: Sequence[str]) -> str:
    """What the run exposed and no listed target, by its value, forbids."""
    if not modes:
        return ""
    named = listed([f"{mode} ({NAMES[mode]})" for mode in modes])
    return f"; beside its targets the run exposed {named}"


def _complaint(reasons: Sequence[Reason]) -> str:
    told = "; ".join(reason.seen for reason in reasons[:_AT_MOST])
    more = len(reasons) - _AT_MOST
    return f"{told}; and {more} more" if more > 0 else told


def _rules(case: Case) -> str:
    failed = [fact.event.rule for fact in case.of(GuardChecked) if not fact.event.passed]
    return f" ({listed(list(dict.fromkeys(failed)))})" if failed else ""
