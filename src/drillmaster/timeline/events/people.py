"""What people did, could do, and said."""

from typing import Any, Literal

from drillmaster.timeline.events.base import Event

Grade = Literal["proved", "authorised", "self-reported"]
"""How strong evidence is: the target's own record shows that this person did it; policy
says that they could; they say so."""

Answer = Literal["allowed", "denied", "unreachable", "unverified"]
"""What an access check says."""


class BridgeOpened(Event):
    """A person opened the bridge."""

    type: Literal["bridge-opened"] = "bridge-opened"
    person: str


class NoteAdded(Event):
    """A person, or the facilitator, wrote something down."""

    type: Literal["note-added"] = "note-added"
    person: str
    text: str


class AccessChecked(Event):
    """An access check was asked, as a person or as one of its controls."""

    type: Literal["access-checked"] = "access-checked"
    check: str
    person: str
    """For whom the check is, also in the rows of its controls."""
    subject: Literal["person", "positive-control", "negative-control"]
    answer: Answer
    grade: Grade | None
    """None where there is no answer to grade."""
    detail: str
    mend: str | None = None
    """What to paste so that what was denied to the person is allowed, where the target says so."""


class ActionSeen(Event):
    """The target's own audit record shows what a person did, or tried to do."""

    type: Literal["action-seen"] = "action-seen"
    record: str
    """The record's id at the target."""
    person: str
    action: str
    object: str
    """What it was done to, as `shop/checkout`."""
    parameters: dict[str, Any]
    allowed: bool


class StepEvidenced(Event):
    """There is evidence for a step of the runbook."""

    type: Literal["step-evidenced"] = "step-evidenced"
    step: str
    person: str | None
    """Who did it; None where the evidence shows nobody."""
    grade: Grade
    how: str
    """`audit`, `state`, `http`, `command` or `self-report`."""
    record: str | None = None
    """The audit record that is the evidence."""


class StepAlreadyMet(Event):
    """The evidence of a step was there when it was first looked at, at the sending of the
    page: it can never show that somebody did the step."""

    type: Literal["step-already-met"] = "step-already-met"
    step: str
    how: str
    """`state`, `http` or `command`."""
    detail: str
    """What was seen."""


class StepUnseen(Event):
    """The record that is to show who did a step cannot show it: there is none, or it does not
    hold enough. Whether the step was done is not known."""

    type: Literal["step-unseen"] = "step-unseen"
    step: str
    how: str
    """`audit`."""
    detail: str
    """Why."""


class DecisionAnswered(Event):
    """A person chose at a decision point."""

    type: Literal["decision-answered"] = "decision-answered"
    step: str
    person: str
    choice: str
