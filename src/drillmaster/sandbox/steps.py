"""What one does for a step of a runbook: the same for a simulated responder and for a
person at the terminal."""

from dataclasses import dataclass, field

from drillmaster.definitions.probes import AuditProbe
from drillmaster.definitions.runbook import Step

Value = str | int | float

_NEEDED: dict[str, dict[str, Value]] = {"scale": {"replicas": 6}}
"""What an action cannot do without, where the step leaves it open."""


@dataclass(frozen=True, slots=True)
class Action:
    """Do this to a workload, in one's own name."""

    action: str
    namespace: str
    workload: str
    parameters: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """Open a page."""

    url: str


@dataclass(frozen=True, slots=True)
class Report:
    """Say that it is done."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The target shows by itself whether it is done, and no single action makes it so."""


Deed = Action | Visit | Report | Nothing


def deed_for(step: Step) -> Deed:
    """What makes the step's evidence. A step without evidence is one to report.

    A decision at the step is taken besides: see `step.decision`.
    """
    evidence = step.evidence
    if evidence is None or evidence.self_report is not None:
        return Report()
    if evidence.audit is not None:
        return _action(evidence.audit)
    if evidence.http is not None:
        return Visit(evidence.http.url)
    return Nothing()


def _action(audit: AuditProbe) -> Action:
    parameters = _NEEDED.get(audit.action, {}) | audit.parameters
    return Action(audit.action, audit.namespace, audit.workload, parameters)
