"""A drill: what fails, who is paged, and what must then be true."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from drillmaster.definitions.base import Definition, Model, Name, Text, located
from drillmaster.definitions.faults import Fault
from drillmaster.definitions.probes import AbortCondition, Question
from drillmaster.definitions.units import Duration, Share

FailureMode = Literal["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10"]
"""A way in which a secondary on-call fails: F1 unreachable, F2 role confusion,
F3 privilege gap, F4 alert storm, F5 automation bug, F6 knowledge gap, F7 cross-team lag,
F8 overuse, F9 access revoked, F10 toolchain outage."""

Pattern = Literal[
    "hot-backup", "advisory", "role-based", "follow-the-sun", "shared-pool", "gatekeeper"
]
"""What the role of the secondary promises."""


class Escalation(Model):
    """The synthetic escalation that the drill fires."""

    severity: Literal["critical", "error", "warning", "info"] = "critical"
    """The severity of the synthetic incident."""
    summary: Text
    """One line, as the page shows it. `[DRILL]` is put in front of it."""
    pattern: Pattern = "hot-backup"
    """What the secondary promises; expectations follow from it."""
    page: Literal["when-effective", "immediately", "by-alert"] = "when-effective"
    """When the page is fired: when the first fault is seen at the target (with no such
    fault, at once), at once, or by the real alert chain."""
    engage: Literal["timeout", "hand-over", "at-once"] = "timeout"
    """How the secondary comes in: the primary's time runs out, the primary acknowledges
    and then escalates, or both are paged at once."""


class Targets(Model):
    """What must be reached. A target that is listed is required: a gate of readiness.
    Figures that are not listed are shown and gate nothing."""

    secondary_response: Duration | None = None
    """M1: from the escalation to the secondary to the secondary's ACK."""
    first_mitigation: Duration | None = None
    """M3: from the escalation to the first mitigating step with evidence."""
    access_failures: int | None = Field(None, ge=0)
    """M7: access checks denied to the secondary, at most."""
    alert_noise: float | None = Field(None, gt=0)
    """M8: alerts for the incident, at most."""
    escalation_latency: Duration | None = None
    """M10: from the alert to the escalation to the secondary."""
    delivery: Share | None = None
    """Pages delivered ÷ pages fired in this run, at least."""
    detection_time: Duration | None = None
    """From the fault's effect to the alert. Verified only with `page: by-alert`: a page that
    the drill fires itself says nothing of your monitoring."""
    hand_over_time: Duration | None = None
    """From the primary's ACK to the secondary's."""
    runbook_adherence: Share | None = None
    """Required steps followed once, in order and in time ÷ required steps, at least."""
    recovery_time: Duration | None = None
    """From the undo to steady state."""
    undo_time: Duration | None = None
    """From the order to undo until every fault is gone."""


class Limits(Model):
    """How far it may go. The stricter of the drill's and the environment's limit holds."""

    duration: Duration = 1800.0
    """The longest that a drill may last, from its first fault to the order to undo.
    30 min by default: half of a usual game-day slot."""
    pods: Share = 0.3
    """The largest share of a workload's pods that may be unavailable at the same time,
    rounded down. 30% by default: most services are sized to lose a third."""
    replicas: int = Field(10, ge=1)
    """The largest number of replicas that a fault may give to a workload that has fewer. 10 by
    default: a runaway of some pods, for which a cluster has room."""


class Drill(Definition):
    """A drill."""

    kind: Literal["drill"]
    """`drill`."""
    title: Text
    """What happens, in one line."""
    exercises: list[FailureMode] = []
    """Which failure modes the drill can expose."""
    environment: Name
    """The environment it runs in, unless `--environment` names another."""
    service: Name
    """The service that is drilled, as on-call knows it."""
    steady_state: list[Question] = Field(min_length=1)
    """What is true when all is well: asked before the first fault and after the undo."""
    faults: list[Fault] = []
    """What fails. A drill without a fault measures people and access alone."""
    escalation: Escalation
    """The synthetic escalation."""
    expected_alerts: list[str] = []
    """Names of alerts that the faults are expected to raise; such an alert is no real
    incident."""
    access: Name | None = None
    """The access profile whose checks are asked as the secondary."""
    runbook: Name | None = None
    """The runbook that the secondary follows."""
    targets: Targets
    """What must be reached."""
    abort_when: list[AbortCondition] = []
    """What ends the drill early."""
    limits: Limits = Limits()
    """How far it may go."""

    @field_validator("faults")
    @classmethod
    def _distinct(cls, faults: list[Fault]) -> list[Fault]:
        seen: set[str] = set()
        for index, fault in enumerate(faults):
            if fault.id in seen:
                raise located(f"two faults are called {fault.id}; give one a `name`", index)
            seen.add(fault.id)
        return faults

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = {fault.id for fault in self.faults}
        for index, fault in enumerate(self.faults):
            if isinstance(fault.after, str) and fault.after not in names - {fault.id}:
                raise located(
                    f"{fault.after!r} is neither a duration nor another fault of this drill",
                    *("faults", index, "after"),
                )
        self._refuse_circle()
        unreachable = any(fault.kind == "unreachable-primary" for fault in self.faults)
        if unreachable and self.escalation.engage == "hand-over":
            raise located(
                "hand-over needs a primary who acknowledges; "
                "it excludes the fault unreachable-primary",
                *("escalation", "engage"),
            )
        if self.targets.runbook_adherence is not None and self.runbook is None:
            raise located("needs a runbook", "targets", "runbook_adherence")
        if self.targets.access_failures is not None and self.access is None:
            raise located("needs an access profile", "targets", "access_failures")
        return self

    def _refuse_circle(self) -> None:
        """Faults that wait for each other would never begin."""
        after = {fault.id: fault.after for fault in self.faults}
        for index, fault in enumerate(self.faults):
            way: list[str] = [fault.id]
            while isinstance(before := after[way[-1]], str) and before not in way:
                way.append(before)
            if before == fault.id:
                told = " after ".join([*way, fault.id])
                raise located(f"these faults wait for each other: {told}", "faults", index, "after")
