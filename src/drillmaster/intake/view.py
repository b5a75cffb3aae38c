"""What a person sees on the page of an incident, as data for the template."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy import Connection

from drillmaster.definitions.runbook import Runbook, Step
from drillmaster.definitions.units import format_duration
from drillmaster.intake.progress import closed, progress_of
from drillmaster.oncall.base import DRILL_MARK
from drillmaster.oncall.describe import describe
from drillmaster.oncall.record import Incident, entries, standing
from drillmaster.timeline.events import (
    AnyEvent,
    DecisionAnswered,
    Escalated,
    PageSent,
    StepEvidenced,
)

# No raw HTML and no pictures: a runbook is text that somebody else wrote.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the runbook."""

    id: str
    title: str
    html: Markup
    within: str | None
    optional: bool
    question: str | None
    options: list[str]
    chosen: str | None
    """What this person chose last."""
    done_by: list[str]
    """Who did it, by any evidence."""
    mine: bool
    """This person did it."""


@dataclass(frozen=True, slots=True)
class PageView:
    """The page."""

    incident: str
    drill: bool
    closed: bool
    summary: str
    severity: str
    service: str
    person: str
    role: str | None
    state: str
    acknowledged_by: list[str]
    paged: list[str]
    """Whom the level that was reached last pages."""
    mine: bool
    """This person's ACK stands."""
    next_role: str | None
    """Who comes after this person; None for nobody."""
    bridge: str | None
    bridge_is_link: bool
    steps: list[StepView]
    log: list[tuple[datetime, str]]


def view(
    connection: Connection,
    incident: Incident,
    person: str,
    runbook: Runbook | None,
    bridge: str | None,
) -> PageView:
    """The page of an incident for one person."""
    who = standing(connection, incident.id)
    policy = incident.policy
    own = policy.level_of(person, incident.level) or incident.level
    following = policy.levels[own].role if own < len(policy.levels) else None
    history = [event for _, event in entries(connection, incident.id)]
    progress = progress_of(connection, incident)
    return PageView(
        incident=incident.id,
        drill=incident.run is not None,
        closed=closed(connection, incident),
        summary=incident.summary.removeprefix(DRILL_MARK).strip(),
        severity=incident.severity,
        service=incident.service,
        person=person,
        role=policy.role_of(person, incident.level),
        state=incident.state,
        acknowledged_by=[other or "an automation" for other in who],
        paged=_paged(history),
        mine=person in who,
        next_role=following,
        bridge=bridge,
        bridge_is_link=is_link(bridge),
        steps=[_step(step, person, progress) for step in runbook.steps] if runbook else [],
        log=[(event.occurred_at, describe(event)) for event in history],
    )


def _paged(history: list[AnyEvent]) -> list[str]:
    people: list[str] = []
    for event in history:
        if isinstance(event, Escalated):
            people = []
        elif isinstance(event, PageSent) and event.person not in people:
            people.append(event.person)
    return people


def is_link(bridge: str | None) -> bool:
    """Whether the bridge can be opened in a browser; it may as well be a phone number."""
    return bridge is not None and urlsplit(bridge).scheme in {"http", "https"}


def _step(step: Step, person: str, progress: list[AnyEvent]) -> StepView:
    done = [e.person for e in progress if isinstance(e, StepEvidenced) and e.step == step.id]
    chosen = [
        e.choice
        for e in progress
        if isinstance(e, DecisionAnswered) and e.step == step.id and e.person == person
    ]
    return StepView(
        id=step.id,
        title=step.title,
        html=Markup(_MARKDOWN.render(step.text)),  # noqa: S704 (the renderer escapes all HTML)
        within=None if step.within is None else format_duration(step.within),
        optional=step.optional,
        question=step.decision.question if step.decision else None,
        options=list(step.decision.options) if step.decision else [],
        chosen=chosen[-1] if chosen else None,
        done_by=list(dict.fromkeys(who or "somebody" for who in done)),
        mine=person in done,
    )
