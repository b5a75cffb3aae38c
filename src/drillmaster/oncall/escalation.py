"""How an incident goes from level to level. Each function works inside the caller's
transaction, on an incident that the caller has locked or just made."""

from datetime import datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import Connection, insert, update

from drillmaster.oncall.record import Incident, change, log, stamp
from drillmaster.timeline.events import (
    Escalated,
    IncidentOpened,
    PageSent,
    PageSuppressed,
    PolicyExhausted,
)
from drillmaster.timeline.tables import incidents, pages

Why = Literal["opened", "timeout", "hand-over", "at-once"]


def begin(connection: Connection, incident: Incident, at: datetime) -> None:
    """The alert, and the first level; the first two where both are engaged at once."""
    opened = IncidentOpened(
        **stamp(at),
        incident=incident.id,
        provider="embedded",
        severity=incident.severity,
        summary=incident.summary,
    )
    log(connection, incident.id, opened)
    if incident.policy.engage == "at-once":
        for level in range(1, min(2, len(incident.policy.levels)) + 1):
            reach(connection, incident, level, "at-once", at)
    else:
        reach(connection, incident, 1, "opened", at)


def reach(connection: Connection, incident: Incident, level: int, why: Why, at: datetime) -> None:
    """Go to a level: its people are paged, and its time runs."""
    escalated = Escalated(
        **stamp(at),
        incident=incident.id,
        level=level,
        role=incident.policy.levels[level - 1].role,
        people=incident.policy.on_level(level),
        why=why,
    )
    log(connection, incident.id, escalated)
    ring(connection, incident, level, at)


def ring(connection: Connection, incident: Incident, level: int, at: datetime) -> None:
    """Page everyone at a level, and let its time run from now."""
    rule = incident.policy.levels[level - 1]
    until = at.timestamp() + rule.timeout
    change(connection, incident.id, state="triggered", level=level, level_until=until)
    # The drill's own policy differs from the real one in this alone.
    silent = level == 1 and incident.policy.unreachable_primary == "drill-policy"
    for person in incident.policy.on_level(level):
        if silent:
            suppressed = PageSuppressed(
                **stamp(at),
                incident=incident.id,
                person=person,
                role=rule.role,
                level=level,
                by="drill-policy",
            )
            log(connection, incident.id, suppressed)
        else:
            _fire(connection, incident, person, level, at)


def time_out(connection: Connection, incident: Incident, at: datetime) -> None:
    """Go on when the level's time is out. One conditional statement claims the step, so
    that of several processes only one pages."""
    claim = (
        update(incidents)
        .where(
            incidents.c.incident == incident.id,
            incidents.c.state == "triggered",
            incidents.c.level == incident.level,
            incidents.c.level_until <= at.timestamp(),
        )
        .values(level_until=None)
    )
    if connection.execute(claim).rowcount != 1:
        return
    if incident.level < len(incident.policy.levels):
        reach(connection, incident, incident.level + 1, "timeout", at)
    else:
        log(connection, incident.id, PolicyExhausted(**stamp(at), incident=incident.id))


def _fire(
    connection: Connection, incident: Incident, person: str, level: int, at: datetime
) -> None:
    page = uuid4().hex
    role = incident.policy.levels[level - 1].role
    sent = PageSent(
        **stamp(at), page=page, incident=incident.id, person=person, role=role, level=level
    )
    log(connection, incident.id, sent)
    connection.execute(
        insert(pages).values(
            page=page,
            incident=incident.id,
            person=person,
            role=role,
            level=level,
            fired_at=at.timestamp(),
            contact=0,
            state="waiting",
        )
    )
