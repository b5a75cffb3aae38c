"""Can one log in to this database and run this statement? It is always rolled back."""

import os
from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from drillmaster.definitions.probes import SqlProbe
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.errors import DrillmasterError, InvalidError
from drillmaster.probes import sql_errors
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.bounded import OvertimeError, bounded
from drillmaster.probes.moment import Moment
from drillmaster.probes.redact import message
from drillmaster.targets.base import Identity, UnreachableError

_DRIVERS = ("psycopg", "psycopg2", "pysqlite")
"""Drivers of PostgreSQL and SQLite: these roll everything back, table definitions
included, and we can read their refusals. Others commit some statements by themselves."""

_NO_PASSFILE = f"{os.devnull}/none"
"""A file that cannot be: no password of somebody else is picked up from this machine."""


class _Statement:
    """One statement in a transaction of its own, and a way to end it from outside."""

    def __init__(self, engine: Engine, probe: SqlProbe) -> None:
        self._engine = engine
        self._probe = probe
        self._connection: Connection | None = None

    def run(self) -> None:
        """Log in, run the statement, roll it back."""
        with self._engine.connect() as connection:
            self._connection = connection
            self._begin(connection)
            try:
                statement = self._probe.statement.strip().removesuffix(";")
                options = {"no_parameters": True}  # a % in the statement is just a %
                connection.exec_driver_sql(statement, execution_options=options).close()
            finally:
                connection.rollback()

    def abandon(self) -> None:
        """End the statement. PostgreSQL ends it by its own statement_timeout."""
        if self._connection is not None and self._engine.dialect.name == "sqlite":
            self._connection.connection.driver_connection.interrupt()  # type: ignore[union-attr]  # a sqlite3.Connection

    def _begin(self, connection: Connection) -> None:
        if self._engine.dialect.name == "sqlite":
            # the driver begins no transaction of its own for table definitions
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql(
                f"SET LOCAL statement_timeout = {max(1, round(self._probe.timeout * 1000))}"
            )


def ask(probe: SqlProbe, asking: Asking) -> Answer:
    """Log in and run one statement. The value is the database's error code, if any.

    Wrong logins and missing privileges are `denied`, on PostgreSQL and SQLite.
    """
    moment = Moment(asking.clock)
    password: str | None = None
    try:
        _one_statement(probe.statement)
        user, password = _login(probe, asking.identity)
        statement = _Statement(_engine(_address(probe), user, password, probe.timeout), probe)
        bounded(statement.run, probe.timeout, statement.abandon)
    except DBAPIError as error:
        failure = sql_errors.read(error.orig)
        said = message(failure.text, [password or ""])
        return moment.answer(failure.outcome, failure.code, said or "the database says no")
    except (OvertimeError, UnreachableError) as error:
        return moment.answer("unreachable", None, str(error))
    except DrillmasterError as error:
        return moment.answer("unclear", None, str(error))
    except SQLAlchemyError as error:
        return moment.answer("unclear", None, f"cannot be asked: {type(error).__name__}")
    return moment.answer("yes", None, "logged in; the statement ran and was rolled back")


def _one_statement(text: str) -> None:
    """Refuses a second statement, which could escape the rollback of the first.

    A `;` inside a text counts as well: telling it apart takes the database's own parser.
    """
    statement = text.strip().removesuffix(";").strip()
    if not statement or ";" in statement:
        raise InvalidError("a sql probe is one statement, with a ';' at its end at most")


def _login(probe: SqlProbe, identity: Identity | None) -> tuple[str | None, str | None]:
    """User and password: the person's own, or else the probe's."""
    if identity is not None:
        return identity.sql_user, identity.sql_password
    return probe.user, resolve_secret(probe.password) if probe.password else None


def _address(probe: SqlProbe) -> URL:
    try:
        url = make_url(probe.url)
        driver = url.get_driver_name()
    except ArgumentError:  # its text holds the address
        raise InvalidError("the database's address cannot be read") from None
    if url.username or url.password or {"user", "password"} & set(url.query):
        raise InvalidError("the database's address holds a login; name it beside the address")
    if driver not in _DRIVERS:
        raise InvalidError("a sql probe asks PostgreSQL (psycopg) or SQLite, and no other database")
    return url


def _engine(url: URL, user: str | None, password: str | None, seconds: float) -> Engine:
    options: dict[str, object]
    if url.get_backend_name() == "sqlite":  # it has no logins
        if not Path((url.database or "").removeprefix("file:")).is_file():  # it would make one
            raise UnreachableError("there is no such database file")
        options = {"timeout": seconds, "isolation_level": None}
    elif user is None:
        raise InvalidError("there is no login to ask with")
    else:
        options = {
            "user": user,
            "password": password or "",
            "passfile": _NO_PASSFILE,
            "connect_timeout": max(2, round(seconds)),
            "tcp_user_timeout": max(1, round(seconds * 1000)),
        }
    try:
        return sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=options)
    except ModuleNotFoundError as error:
        raise InvalidError(f"the database driver {error.name} is not installed") from None
