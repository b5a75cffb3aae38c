"""What is known of an incident's steps, and whether there is still something to do."""

import json

from sqlalchemy import Connection, select

from drillmaster.oncall.record import Incident, entries
from drillmaster.timeline.events import AnyEvent, event_adapter
from drillmaster.timeline.tables import events, inbox, runs

_PROGRESS = {"step-evidenced", "decision-answered"}
_PLACE = {"seq", "previous", "digest"}
"""What a line of the timeline has beside the event."""


def progress_of(connection: Connection, incident: Incident) -> list[AnyEvent]:
    """Steps done and decisions made: those in the timeline, then those that wait for it."""
    if incident.run is None:
        return [e for _, e in entries(connection, incident.id) if e.type in _PROGRESS]
    lines = connection.scalars(
        select(events.c.line).where(events.c.run == incident.run).order_by(events.c.seq)
    )
    waiting = connection.scalars(
        select(inbox.c.event).where(inbox.c.run == incident.run).order_by(inbox.c.id)
    )
    return [
        event_adapter.validate_python(
            {key: value for key, value in found.items() if key not in _PLACE}
        )
        for found in [*map(json.loads, lines), *waiting]
        if found["type"] in _PROGRESS
    ]


def closed(connection: Connection, incident: Incident) -> bool:
    """Whether the incident, or its drill, is over."""
    if incident.state == "resolved":
        return True
    if incident.run is None:
        return False
    return connection.scalar(select(runs.c.state).where(runs.c.run == incident.run)) != "open"
