"""The on-call side: the incident, its pages, and who acknowledged."""

from typing import Literal

from drillmaster.timeline.events.base import Event


class IncidentOpened(Event):
    """The synthetic incident is open: this is the alert."""

    type: Literal["incident-opened"] = "incident-opened"
    incident: str
    provider: str
    severity: str
    summary: str


class AlertRaised(Event):
    """A further alert of an incident. The first alert is the one that opened it, and is told
    by `IncidentOpened` alone."""

    type: Literal["alert-raised"] = "alert-raised"
    incident: str
    name: str


class Escalated(Event):
    """A level of the escalation policy was reached."""

    type: Literal["escalated"] = "escalated"
    incident: str
    level: int
    """From 1."""
    role: str
    people: list[str]
    why: Literal["opened", "timeout", "hand-over", "at-once"]


class PageSent(Event):
    """A page to one person was fired."""

    type: Literal["page-sent"] = "page-sent"
    page: str
    incident: str
    person: str
    role: str
    level: int


class PageDelivered(Event):
    """A channel took the page."""

    type: Literal["page-delivered"] = "page-delivered"
    page: str
    channel: str


class PageFailed(Event):
    """A channel did not take the page; the next one is tried."""

    type: Literal["page-failed"] = "page-failed"
    page: str
    channel: str
    reason: str


class PageSuppressed(Event):
    """A level rings nobody, because the drill makes it unreachable."""

    type: Literal["page-suppressed"] = "page-suppressed"
    incident: str
    person: str
    role: str
    level: int
    by: Literal["drill-policy", "briefed"]


class Acknowledged(Event):
    """Somebody, or something, acknowledged."""

    type: Literal["acknowledged"] = "acknowledged"
    incident: str
    person: str | None
    """Who; None for an automation."""
    role: str | None
    """The role in which that person is on call; None for none."""
    agent: Literal["person", "automation"]
    via: str
    """Through which door: `cli`, `link`, `terminal`, `api`, …"""


class AcknowledgementWithdrawn(Event):
    """Somebody took their ACK back."""

    type: Literal["acknowledgement-withdrawn"] = "acknowledgement-withdrawn"
    incident: str
    person: str


class HandedOver(Event):
    """Somebody who had acknowledged escalated to the next level."""

    type: Literal["handed-over"] = "handed-over"
    incident: str
    person: str


class PolicyExhausted(Event):
    """The last level's time ran out without an ACK."""

    type: Literal["policy-exhausted"] = "policy-exhausted"
    incident: str


class IncidentResolved(Event):
    """The synthetic incident is closed."""

    type: Literal["incident-resolved"] = "incident-resolved"
    incident: str
    by: str


class RealIncidentSeen(Event):
    """A real incident is open for the service or the people of the drill."""

    type: Literal["real-incident-seen"] = "real-incident-seen"
    incident: str
    summary: str
