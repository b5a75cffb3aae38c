"""What people (and automations) do with an incident: the command line and the intake
both come through here.

What a person does happens when they come to the door; what the system does about it (a
level is reached, a page is fired) when it has the incident's row: a busy store may lie
between the two.
"""

from sqlalchemy import Connection

from drillmaster.clock import Clock
from drillmaster.errors import InvalidError
from drillmaster.oncall.escalation import reach, ring
from drillmaster.oncall.record import Incident, change, lock, log, stamp, standing
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    HandedOver,
    IncidentResolved,
)
from drillmaster.timeline.store import Store


def acknowledge(
    store: Store, clock: Clock, incident: str, person: str | None, via: str
) -> Acknowledged | None:
    """Acknowledge: the escalation stops. `person` is None for an automation.

    Somebody who is not on call may do it too, and is recorded with no role. Returns what
    was recorded; None when the same person's ACK stands already.

    Raises:
        InvalidError: no such incident or person, or the incident is resolved.
    """
    at = clock.now()
    with store.write() as connection:
        found = _open(connection, incident)
        if person is not None:
            found.policy.check_person(person)
        if person in standing(connection, incident):
            return None
        event = Acknowledged(
            **stamp(at),
            incident=incident,
            person=person,
            role=None if person is None else found.policy.role_of(person, found.level),
            agent="automation" if person is None else "person",
            via=via,
        )
        log(connection, incident, event)
        change(connection, incident, state="acknowledged", level_until=None)
    return event


def withdraw(store: Store, clock: Clock, incident: str, person: str) -> None:
    """Take an ACK back. Where no other ACK stands, the current level is paged again and
    its time runs from the start.

    Raises:
        InvalidError: no such incident or person, it is resolved, or the person's ACK does
            not stand.
    """
    at = clock.now()
    with store.write() as connection:
        found = _open(connection, incident)
        others = [who for who in _acknowledged(connection, found, person) if who != person]
        event = AcknowledgementWithdrawn(**stamp(at), incident=incident, person=person)
        log(connection, incident, event)
        if not others:
            ring(connection, found, found.level, clock.now())


def hand_over(store: Store, clock: Clock, incident: str, person: str) -> None:
    """Escalate to the level after one's own, at once. Its people are to acknowledge anew.

    Raises:
        InvalidError: no such incident or person, it is resolved, the person's ACK does not
            stand, or there is no next level.
    """
    at = clock.now()
    with store.write() as connection:
        found = _open(connection, incident)
        _acknowledged(connection, found, person)
        own = found.policy.level_of(person, found.level) or found.level
        if own >= len(found.policy.levels):
            last = found.policy.levels[-1].role
            raise InvalidError(f"there is no level after {last} to hand over to")
        log(connection, incident, HandedOver(**stamp(at), incident=incident, person=person))
        reach(connection, found, own + 1, "hand-over", clock.now())


def resolve(store: Store, clock: Clock, incident: str, by: str) -> None:
    """Close an incident; closing it again does nothing.

    Raises:
        InvalidError: no such incident.
    """
    at = clock.now()
    with store.write() as connection:
        if lock(connection, incident).state == "resolved":
            return
        change(connection, incident, state="resolved", level_until=None)
        log(connection, incident, IncidentResolved(**stamp(at), incident=incident, by=by))


def _open(connection: Connection, incident: str) -> Incident:
    found = lock(connection, incident)
    if found.state == "resolved":
        raise InvalidError(f"incident {incident} is resolved")
    return found


def _acknowledged(connection: Connection, incident: Incident, person: str) -> list[str | None]:
    incident.policy.check_person(person)
    who = standing(connection, incident.id)
    if person not in who:
        others = " and ".join(other or "an automation" for other in who)
        raise InvalidError(
            f"{person} has not acknowledged incident {incident.id}, but {others} did"
            if who
            else f"nobody has acknowledged incident {incident.id}"
        )
    return who
