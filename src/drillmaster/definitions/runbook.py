"""A runbook: Markdown for people, with evidence for each step that a drill can see."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from drillmaster.definitions.base import Definition, Model, Name, Text, located
from drillmaster.definitions.probes import Evidence
from drillmaster.definitions.units import Day, Duration, shown


class Decision(Model):
    """A point at which the person must choose."""

    question: Text
    """What is to be decided."""
    options: list[Text] = Field(min_length=2)
    """What can be chosen."""
    sound: list[Text] = Field(min_length=1)
    """The options that are sound here."""

    @model_validator(mode="after")
    def _sound_is_an_option(self) -> Self:
        for index, option in enumerate(self.sound):
            if option not in self.options:
                raise located(f"{shown(option)} is none of the options", "sound", index)
        return self


class StepBlock(Model):
    """The fenced `yaml drill` block under a step."""

    id: Name | None = None
    """The step's id; its heading in lower case with dashes where it is left out."""
    evidence: Evidence | None = None
    """How it is seen that the step was done. Without it: a self-report."""
    within: Duration | None = None
    """How long after the secondary's ACK the step must be done."""
    decision: Decision | None = None
    """What is to be decided at this step."""
    mitigates: bool = False
    """The step eases the incident: M3 ends at the first such step with evidence."""
    optional: bool = False
    """The step is not required, and does not count in adherence."""


class Step(StepBlock):
    """A step of a runbook."""

    prose: ClassVar[frozenset[str]] = frozenset({"text"})

    id: Name
    """The step's id."""
    title: Text
    """The step's heading."""
    text: str = ""
    """What the person reads, in Markdown."""
    line: int = Field(ge=1)
    """Where the step stands in the file."""


class RunbookHead(Model):
    """The front matter of a runbook."""

    owner: Text
    """Who keeps it: a team or a person's id."""
    reviewed: Day
    """The day of the last review, as 2026-11-24."""
    service: Name
    """The service it is for."""


class Runbook(Definition):
    """A runbook with its steps, in order."""

    kind: Literal["runbook"] = "runbook"
    """`runbook`."""
    title: Text
    """The first heading."""
    owner: Text
    """Who keeps it."""
    reviewed: Day
    """The day of the last review."""
    service: Name
    """The service it is for."""
    revision: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    """The digest of the file, so that a result says which text was followed."""
    steps: list[Step] = Field(min_length=1)
    """The steps, in order."""
