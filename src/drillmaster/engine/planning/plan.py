"""The plan: what a drill would do, to what, and how far it could go. It touches nothing."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Targets
from drillmaster.definitions.duration import ends_before_page
from drillmaster.definitions.needs import unasked
from drillmaster.definitions.rung import played_roles
from drillmaster.definitions.units import format_duration
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.engine.planning.worst_case import worst_case


class PlannedStep(BaseModel):
    """One fault of the plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    kind: str
    does: str
    undone_by: str
    starts: str
    lasts: str


class PlannedPage(BaseModel):
    """One level of the escalation policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: int
    role: str
    people: list[str]
    waits: str


class Plan(BaseModel):
    """What a drill would do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drill: str
    title: str
    environment: str
    target: str
    simulated: bool
    steady_state: list[str]
    faults: list[PlannedStep]
    pages: list[PlannedPage]
    engage: str
    access_checks: list[str]
    runbook_steps: list[str]
    targets: dict[str, str]
    """The required targets, as they are written in the drill."""
    warnings: list[str]
    """Why it may not prove what it is meant to."""
    longest: str
    """The longest that it may last."""
    worst_case: str
    """In one sentence."""


def make_plan(bundle: Bundle, now: datetime) -> Plan:
    """The plan of a drill, from its definitions alone."""
    drill, environment = bundle.drill, bundle.environment
    return Plan(
        drill=drill.name,
        title=drill.title,
        environment=environment.name,
        target=environment.target.kind,
        simulated=bool(played_roles(drill, environment)),
        steady_state=[question.name for question in drill.steady_state],
        faults=[
            PlannedStep(
                fault=fault.id,
                kind=fault.kind,
                does=fault.body.does,
                undone_by=fault.body.undone_by,
                starts=_starts(fault.after),
                lasts=_lasts(getattr(fault.body, "for_", None)),
            )
            for fault in drill.faults
        ],
        pages=[
            PlannedPage(
                level=number,
                role=level.page,
                people=environment.holders(level.page),
                waits=format_duration(level.timeout),
            )
            for number, level in enumerate(environment.oncall.policy, 1)
        ],
        engage=drill.escalation.engage,
        access_checks=[check.name for check in bundle.access.checks] if bundle.access else [],
        runbook_steps=[step.title for step in bundle.runbook.steps] if bundle.runbook else [],
        targets=_targets(drill.targets),
        warnings=_warnings(bundle),
        longest=format_duration(duration_limit(drill, environment)),
        worst_case=worst_case(bundle, now),
    )


def _warnings(bundle: Bundle) -> list[str]:
    told = [ends_before_page(bundle), _unrecorded(bundle)]
    return [*(need.message for need in unasked(bundle)), *filter(None, told)]


def _unrecorded(bundle: Bundle) -> str | None:
    """That no step can be proved by what was done, where the target has no record of it."""
    target = bundle.environment.target
    steps = [
        step.id
        for step in (bundle.runbook.steps if bundle.runbook else [])
        if step.evidence is not None and step.evidence.audit is not None
    ]
    if not steps or target.kind != "kubernetes" or target.audit_log is not None:
        return None
    return (
        f"the target names no audit_log, so these steps of the runbook cannot be proved: "
        f"{', '.join(steps)}"
    )


def _starts(after: float | str | None) -> str:
    if after is None:
        return "at once"
    if isinstance(after, str):
        return f"once {after} is in"
    return f"after {format_duration(after)}"


def _lasts(seconds: float | None) -> str:
    return "until the drill ends" if seconds is None else format_duration(seconds)


def _targets(targets: Targets) -> dict[str, str]:
    listed = targets.model_dump(mode="json", exclude_none=True)
    return {name: str(value) for name, value in listed.items()}
