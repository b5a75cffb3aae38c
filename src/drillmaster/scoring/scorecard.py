"""The scorecard: what a run proved. Its JSON Schema is published with the package."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from drillmaster.definitions.environment import Role
from drillmaster.timeline.events import Answer, Ended, Grade

Verdict = Literal["met", "missed", "unverified"]
"""Unverified is never green."""

Readiness = Literal["ready", "not ready", "unverified"]

AckOutcome = Literal[
    "expected", "wrong-person", "automation", "hollow", "withdrawn", "too-early", "none"
]

StepOutcome = Literal[
    "followed",
    "skipped",
    "substituted",
    "extra",
    "out-of-order",
    "late",
    "doubled",
    "unsound",
    "unverified",
]


class Part(BaseModel):
    """A part of the scorecard."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
        serialize_by_alias=True,
    )


class Metric(Part):
    """A figure of the run."""

    id: str
    """`M1`, `M3`, `M7`, `M8`, `M10`, `delivery`, `detection_time`, `hand_over_time`,
    `runbook_adherence`, `recovery_time` or `undo_time`."""
    name: str
    value: float | None
    """In `unit`; None where it could not be measured."""
    unit: Literal["s", "ratio", "count"]
    bound: float | None
    """The true value lies within `value` ± `bound`."""
    target: float | None
    """In `unit`; None for a figure without a target."""
    required: bool
    """A gate of readiness: the drill lists it."""
    verdict: Verdict
    evidence: Grade | None
    """The weakest evidence that the figure rests on."""
    events: list[int]
    """The `seq` of the events that the figure came from."""
    seen: str
    """What was seen, in one line."""
    cause: str | None
    """The likely cause; for what is not met."""
    next_step: str | None
    """What to do next; for what is not met."""


class AccessRow(Part):
    """One access check."""

    check: str
    person: str
    answer: Answer
    grade: Grade | None
    events: list[int]


class StepRow(Part):
    """One step of the runbook, or an action that is none."""

    step: str
    """The step's id; for an extra action its name."""
    outcome: StepOutcome
    required: bool = False
    """It counts in adherence; False for an optional step and for an extra action."""
    after: float | None
    """Seconds from the secondary's ACK; None where it was not seen."""
    by: list[str]
    """Who did it."""
    grade: Grade | None
    events: list[int]


class RunbookResult(Part):
    """How the runbook was followed."""

    name: str
    revision: str
    steps: list[StepRow]


class Acknowledgement(Part):
    """What became of the page to the secondary."""

    outcome: AckOutcome
    role: str | None
    """The role of whoever acknowledged."""
    after: float | None
    """Seconds from the escalation to the secondary to the ACK."""
    bound: float | None
    events: list[int]


class Cost(Part):
    """What took points off the trend figure."""

    what: str
    points: int


class Changes(Part):
    """Against the last run of this drill: ids of metrics."""

    since: str
    """The run that it is compared with."""
    fixed: list[str]
    regressed: list[str]
    new: list[str]


class Scorecard(Part):
    """The scorecard of one run."""

    schema_: Literal["drillmaster/scorecard/v1"] = Field("drillmaster/scorecard/v1", alias="schema")
    run: str
    drill: str
    title: str
    environment: str
    readiness: Readiness
    simulated: bool
    """A simulated responder took part."""
    played: list[Role]
    """The roles whose part was simulated. With `secondary` among them, this says nothing about a
    person."""
    sentence: str
    """The result in one sentence, for chat."""
    started_at: datetime
    ended: Ended
    trend: int | None = Field(ge=0, le=100)
    """For trends only; never a gate. None for a drill that was refused: it measured nothing."""
    costs: list[Cost]
    metrics: list[Metric]
    access: list[AccessRow]
    runbook: RunbookResult | None
    acknowledgement: Acknowledgement
    failure_modes: list[str]
    """Which of F1 to F10 the run exposed."""
    changes: Changes | None
    """None for the first run of a drill."""
    settled: bool
    """Everything was undone."""
    chain: str
    """The digest of the timeline's last event."""
