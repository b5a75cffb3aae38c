"""An incident's row and its log, the record that the embedded on-call system keeps.

Whoever writes takes the incident's row first (`lock`), so that the log's order is the
order of what happened, on PostgreSQL as on SQLite.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from drillmaster.definitions.errors import did_you_mean
from drillmaster.errors import InvalidError
from drillmaster.oncall.policy import Policy
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    AnyEvent,
    Escalated,
    event_adapter,
)
from drillmaster.timeline.tables import incidents, oncall_log

PRECISION = 0.001
"""Seconds. What is recorded is what this system itself did, at its own clock's reading."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as the store has it."""

    id: str
    environment: str
    service: str
    run: str | None
    """The drill's run; None for a real incident."""
    severity: str
    summary: str
    state: str
    """`triggered`, `acknowledged` or `resolved`."""
    policy: Policy
    level: int
    """The level that was reached, from 1."""
    level_until: float | None
    """When its time is out, in seconds since the epoch; None when no time runs."""
    opened_at: float


def find(connection: Connection, incident: str) -> Incident:
    """Read an incident.

    Raises:
        InvalidError: there is none of that id.
    """
    row = connection.execute(select(incidents).where(incidents.c.incident == incident)).first()
    return _load(connection, row, incident)


def lock(connection: Connection, incident: str) -> Incident:
    """Read an incident for a change: nobody else changes it before the transaction ends.

    Raises:
        InvalidError: there is none of that id.
    """
    query = select(incidents).where(incidents.c.incident == incident).with_for_update()
    return _load(connection, connection.execute(query).first(), incident)


def unresolved(connection: Connection) -> list[Incident]:
    """Every incident that is not resolved, oldest first."""
    query = select(incidents).where(incidents.c.state != "resolved").order_by(incidents.c.opened_at)
    return [_incident(row) for row in connection.execute(query)]


def change(connection: Connection, incident: str, **values: Any) -> None:
    """Write columns of an incident."""
    connection.execute(update(incidents).where(incidents.c.incident == incident).values(values))


def log(connection: Connection, incident: str, event: AnyEvent) -> None:
    """Write an event into the incident's log."""
    connection.execute(
        insert(oncall_log).values(
            incident=incident,
            at=event.occurred_at.timestamp(),
            entry=event.model_dump(mode="json"),
        )
    )


def entries(connection: Connection, incident: str, after: int = 0) -> list[tuple[int, AnyEvent]]:
    """The log after a cursor, oldest first, each entry with its own cursor."""
    query = (
        select(oncall_log.c.id, oncall_log.c.entry)
        .where(oncall_log.c.incident == incident, oncall_log.c.id > after)
        .order_by(oncall_log.c.id)
    )
    return [(row.id, event_adapter.validate_python(row.entry)) for row in connection.execute(query)]


def standing(connection: Connection, incident: str) -> list[str | None]:
    """Who has acknowledged since the last escalation and not taken it back; None stands
    for an automation."""
    who: list[str | None] = []
    for _, event in entries(connection, incident):
        match event:
            case Escalated():
                who = []
            case Acknowledged(person=person) if person not in who:
                who.append(person)
            case AcknowledgementWithdrawn(person=person):
                who = [other for other in who if other != person]
            case _:
                pass
    return who


def stamp(at: datetime) -> dict[str, Any]:
    """The fields that every event of this record has."""
    return {"occurred_at": at, "observed_at": at, "source": "oncall", "precision": PRECISION}


def _load(connection: Connection, row: Row[Any] | None, incident: str) -> Incident:
    if row is not None:
        return _incident(row)
    hint = did_you_mean(incident, connection.scalars(select(incidents.c.incident)))
    raise InvalidError(f"there is no incident {incident!r}" + (f"; {hint}" if hint else ""))


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.incident,
        environment=row.environment,
        service=row.service,
        run=row.run,
        severity=row.severity,
        summary=row.summary,
        state=row.state,
        policy=Policy.model_validate(row.policy),
        level=row.level,
        level_until=row.level_until,
        opened_at=row.opened_at,
    )
