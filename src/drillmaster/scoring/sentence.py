"""The result in one sentence, for chat."""

from collections.abc import Sequence

from drillmaster.definitions.units import count
from drillmaster.scoring.aftermath import settled
from drillmaster.scoring.case import Case
from drillmaster.scoring.ends import cut_short, refusal
from drillmaster.scoring.failure_modes import NAMES
from drillmaster.scoring.findings import Findings
from drillmaster.scoring.gates import Reason
from drillmaster.scoring.scorecard import Metric, Readiness
from drillmaster.scoring.wording import listed, seconds

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
        text = f"{refusal(case)}; nothing was touched"
    elif readiness == "ready":
        text = f"{_praise(findings, metrics)}; everything was undone{_beside(modes)}"
    else:
        text = _complaint(case, reasons) + ("; everything was undone" if settled(case) else "")
    simulated = " (simulated)" if case.run.simulated else ""
    stop = "" if f"{text}{simulated}".endswith(("?", "!")) else "."
    return f"{readiness.upper()}: {text}{simulated}{stop}"


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


def _complaint(case: Case, reasons: Sequence[Reason]) -> str:
    """The reasons. What ended the drill early comes first, and tells of all that could not be
    seen because of it."""
    early = cut_short(case)
    others = dict.fromkeys(one.seen for one in reasons if not one.unseen and one.seen != early)
    told = [*([early] if early else []), *others]
    more = len(told) - _AT_MOST
    text = "; ".join(told[:_AT_MOST])
    return f"{text}; and {count(more, 'more reason')}" if more > 0 else text
