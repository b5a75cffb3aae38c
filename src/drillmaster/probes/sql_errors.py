"""What a database's refusal means: no right, no database, or something else."""

import sqlite3
from dataclasses import dataclass

from drillmaster.probes.base import Outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """A database's refusal."""

    outcome: Outcome
    code: str | None
    """The SQLSTATE, or SQLite's name of the error."""
    text: str
    """What the database says, as far as it is fit to be shown."""


_STATES: list[tuple[str, Outcome]] = [
    ("28", "denied"),  # invalid authorization specification
    ("42501", "denied"),  # insufficient privilege
    ("08", "unreachable"),  # connection exception
    ("57P0", "unreachable"),  # shutting down, starting up, idle too long
    ("53300", "unreachable"),  # too many connections
    ("57014", "unreachable"),  # cancelled by statement_timeout
]
"""SQLSTATE by its beginning (PostgreSQL, appendix A)."""

_LOGIN_WORDS: list[tuple[str, Outcome]] = [
    ("authentication failed", "denied"),
    ("no password supplied", "denied"),
    ("no pg_hba.conf entry", "denied"),
    ("pg_hba.conf rejects", "denied"),
    ("is not permitted to log in", "denied"),
    ("permission denied for database", "denied"),
    ('role "', "denied"),  # … does not exist
    ("refused", "unreachable"),
    ("timeout", "unreachable"),
    ("timed out", "unreachable"),
    ("could not translate host name", "unreachable"),
    ("failed to resolve host", "unreachable"),
    ("unreachable", "unreachable"),
    ("no route to host", "unreachable"),
    ("closed the connection", "unreachable"),
    ("starting up", "unreachable"),
    ("shutting down", "unreachable"),
    ("too many clients", "unreachable"),
    ("connection slots", "unreachable"),
]
"""While logging in, PostgreSQL's client library passes on the server's words alone."""

_SQLITE: dict[int, Outcome] = {
    sqlite3.SQLITE_READONLY: "denied",
    sqlite3.SQLITE_PERM: "denied",
    sqlite3.SQLITE_AUTH: "denied",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_BUSY: "unreachable",
    sqlite3.SQLITE_LOCKED: "unreachable",
    sqlite3.SQLITE_IOERR: "unreachable",
    sqlite3.SQLITE_INTERRUPT: "unreachable",
}
"""SQLite's primary result codes; extended ones hold them in their lowest byte."""


def read(error: BaseException | None) -> Failure:
    """What the driver's own error means."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _of_state(state, _words(error))
    return _of_login(str(error))


def _of_sqlite(error: sqlite3.Error) -> Failure:
    code = getattr(error, "sqlite_errorcode", None)  # absent where Python itself refuses
    outcome = _SQLITE.get(code & 0xFF, "unclear") if code is not None else "unclear"
    return Failure(outcome, getattr(error, "sqlite_errorname", None), str(error))


def _of_state(state: str, text: str) -> Failure:
    for beginning, outcome in _STATES:
        if state.startswith(beginning):
            return Failure(outcome, state, text)
    return Failure("unclear", state, text)


def _of_login(text: str) -> Failure:
    """In our own words: the text names hosts, users and everything that was tried."""
    for words, outcome in _LOGIN_WORDS:
        if words in text.lower():
            why = "the login was refused" if outcome == "denied" else "no connection"
            return Failure(outcome, None, why)
    return Failure("unclear", None, "the login failed for another reason")


def _words(error: BaseException | None) -> str:
    said = getattr(getattr(error, "diag", None), "message_primary", None)
    return said if isinstance(said, str) else ""
