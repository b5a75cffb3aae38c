"""Stops: while one is in force, nothing is injected and no drill pages anybody anew.

A stop is a row of the store, so that every process of every run sees it, whoever set it. It
hinders what begins, and never a settlement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select

from drillmaster.errors import RefusedError
from drillmaster.timeline import tables

EVERYWHERE = "*"
"""Stands for every environment."""

table = tables.stops

_WHO = 64  # characters, as the table has it


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that is in force."""

    environment: str
    """Its name, or `*` for all."""
    why: str
    by: str
    since: datetime

    @property
    def where(self) -> str:
        """What is stopped, in words."""
        return "everything" if self.environment == EVERYWHERE else self.environment

    @property
    def lifted_by(self) -> str:
        """The command that lifts it."""
        option = "" if self.environment == EVERYWHERE else f" --environment {self.environment}"
        return f"drillmaster resume{option}"

    def __str__(self) -> str:
        return (
            f"{self.by} stopped {self.where} at {self.since:%Y-%m-%d %H:%M:%S} UTC: {self.why}; "
            f"`{self.lifted_by}` lifts it"
        )


class StoppedError(RefusedError):
    """A stop is in force."""


def begin(connection: Connection, environment: str, why: str, by: str, at: datetime) -> Stop:
    """Put a stop in force; the one that is in force already stays as it is."""
    for stop in in_force(connection):
        if stop.environment == environment:
            return stop
    stop = Stop(environment, why, by[:_WHO], at)
    connection.execute(
        insert(table).values(environment=environment, why=why, by=stop.by, at=at.timestamp())
    )
    return stop


def lift(connection: Connection, environment: str) -> bool:
    """End a stop; whether there was one."""
    return bool(
        connection.execute(delete(table).where(table.c.environment == environment)).rowcount
    )


def in_force(connection: Connection) -> Sequence[Stop]:
    """Every stop, oldest first."""
    rows = connection.execute(select(table).order_by(table.c.at, table.c.environment))
    return [_stop(row) for row in rows]


def stopping(connection: Connection, environment: str) -> Stop | None:
    """The stop that is in force for an environment."""
    rows = connection.execute(select(table).where(covers(environment)).order_by(table.c.at))
    return next(map(_stop, rows), None)


def covers(environment: str | ColumnElement[str]) -> ColumnElement[bool]:
    """What a statement asks of a stop, so that it is one for an environment."""
    return or_(table.c.environment == environment, table.c.environment == EVERYWHERE)


def _stop(row: Row[Any]) -> Stop:
    return Stop(row.environment, row.why, row.by, datetime.fromtimestamp(row.at, UTC))
