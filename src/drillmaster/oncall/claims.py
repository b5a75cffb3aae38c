"""Who delivers a page: each attempt is claimed in the store, so that of several processes
only one sends it.

A process that dies while it sends leaves the page `trying`. When its time is past, the
next process records that nobody knows whether the page arrived, and goes on with the
next contact, never with the same one again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from drillmaster.clock import Clock
from drillmaster.oncall.policy import StoredContact
from drillmaster.oncall.record import Incident, lock, log, stamp
from drillmaster.timeline.events import PageDelivered, PageFailed
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import incidents, pages

SLACK = 5.0
"""Seconds beyond a channel's own time-out before others take the page over."""

UNKNOWN = "the process that sent it ended; whether it arrived is unknown"


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt to deliver a page, which is ours alone."""

    page: str
    incident: Incident
    person: str
    role: str
    level: int
    fired_at: datetime
    contact: StoredContact
    number: int
    """Which of the person's contacts it is, from 0."""


class Claims:
    """The pages of a store, and who may deliver them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def due(self, of: frozenset[str]) -> list[str]:
        """The pages of these incidents that wait for somebody to deliver them."""
        lapsed = and_(pages.c.state == "trying", pages.c.until < self._now())
        query = (
            select(pages.c.page)
            .join(incidents, incidents.c.incident == pages.c.incident)
            .where(
                pages.c.incident.in_(of),
                incidents.c.state != "resolved",
                or_(pages.c.state == "waiting", lapsed),
            )
            .order_by(pages.c.fired_at, pages.c.level)
        )
        with self._store.read() as connection:
            return list(connection.scalars(query))

    def take(self, page: str) -> Claim | None:
        """The next attempt; None when there is nothing (more) to do, or others do it."""
        with self._store.write() as connection:
            incident = lock(connection, _row(connection, page).incident)
            row = _row(connection, page)  # as it is now that nobody else changes it
            if incident.state == "resolved" or not self._free(row):
                return None
            contacts = incident.policy.people[row.person].contacts
            number = row.contact
            if row.state == "trying":
                self._fail(connection, row, contacts[number].channel, UNKNOWN)
                number += 1
            if number >= len(contacts):
                if not contacts:
                    self._fail(connection, row, "none", f"{row.person} has no contact")
                _set(connection, page, state="failed", until=None)
                return None
            until = self._now() + contacts[number].timeout + SLACK
            _set(connection, page, state="trying", contact=number, until=until)
            return _claim(row, incident, number)

    def conclude(self, claim: Claim, at: datetime, failure: str | None) -> None:
        """Record what became of an attempt: delivered, or why not."""
        channel = claim.contact.channel
        event: PageDelivered | PageFailed
        if failure is None:
            event = PageDelivered(**stamp(at), page=claim.page, channel=channel)
            outcome: dict[str, Any] = {"state": "delivered", "until": None}
        else:
            event = PageFailed(**stamp(at), page=claim.page, channel=channel, reason=failure)
            outcome = {"state": "waiting", "until": None, "contact": claim.number + 1}
        ours = and_(
            pages.c.page == claim.page,
            pages.c.state == "trying",
            pages.c.contact == claim.number,
        )
        with self._store.write() as connection:
            lock(connection, claim.incident.id)
            if connection.execute(update(pages).where(ours).values(outcome)).rowcount == 1:
                log(connection, claim.incident.id, event)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _free(self, row: Row[Any]) -> bool:
        return bool(row.state == "waiting" or (row.state == "trying" and row.until < self._now()))

    def _fail(self, connection: Connection, row: Row[Any], channel: str, reason: str) -> None:
        at = self._clock.now()
        log(
            connection,
            row.incident,
            PageFailed(**stamp(at), page=row.page, channel=channel, reason=reason),
        )


def _claim(row: Row[Any], incident: Incident, number: int) -> Claim:
    return Claim(
        page=row.page,
        incident=incident,
        person=row.person,
        role=row.role,
        level=row.level,
        fired_at=datetime.fromtimestamp(row.fired_at, UTC),
        contact=incident.policy.people[row.person].contacts[number],
        number=number,
    )


def _row(connection: Connection, page: str) -> Row[Any]:
    return connection.execute(select(pages).where(pages.c.page == page)).one()


def _set(connection: Connection, page: str, **values: Any) -> None:
    connection.execute(update(pages).where(pages.c.page == page).values(values))
