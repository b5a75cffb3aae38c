"""The store: one database, SQLite by default, PostgreSQL by URL.

SQLite runs in WAL mode with `synchronous=FULL`: an intent that is not on the disk is
no intent. Every write begins with `BEGIN IMMEDIATE`, because a read that turns into a
write fails at once under another writer.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from drillmaster.errors import DrillmasterError, ExitCode, InvalidError

DEFAULT_PATH = Path(".drillmaster") / "drillmaster.db"

_BUSY = 4.0
"""Seconds to wait for another process that writes to an SQLite file."""

HEAD = "0002"
"""The newest migration; compared before Alembic, which is slow to import, is."""


class StoreError(DrillmasterError):
    """The store cannot be used."""

    exit_code = ExitCode.INVALID


def store_url() -> URL:
    """`DRILLMASTER_DATABASE_URL`, or the SQLite file below the current folder.

    Raises:
        InvalidError: the variable holds no database URL.
    """
    given = os.environ.get("DRILLMASTER_DATABASE_URL")
    try:
        return make_url(given) if given else sqlite_url(DEFAULT_PATH)
    except ArgumentError:
        raise InvalidError("DRILLMASTER_DATABASE_URL is no database URL") from None


def sqlite_url(path: Path) -> URL:
    """The URL of an SQLite file."""
    return URL.create("sqlite", database=str(path.absolute()))


class Store:
    """A connection pool and its two kinds of transaction."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._file: tuple[int, int] | None = None
        try:
            self.engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise InvalidError(f"the store's URL cannot be used: {error}") from None

    @classmethod
    def open(cls, url: URL | None = None) -> "Store":
        """A store that is ready: created or migrated where it is not yet.

        Raises:
            StoreError: the database cannot be opened, or is newer than this program.
        """
        store = cls(url or store_url())
        if store.url.drivername.startswith("sqlite") and store.url.database:
            _make_folder(Path(store.url.database).parent)
        try:
            store._migrate()
        except DBAPIError as error:
            raise StoreError(f"the store cannot be opened: {_said(error)}") from None
        store._file = store._file_now()
        return store

    @classmethod
    def open_url(cls, url: str) -> "Store":
        """As `open`, from a URL with its password in it."""
        return cls.open(make_url(url))

    def secret_url(self) -> str:
        """The URL with its password: for a pipe, never for an argument or a log."""
        return self.url.render_as_string(hide_password=False)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; nothing of it stays when the block raises.

        Raises:
            StoreError: the database refuses (full, locked, gone).
        """
        self._check_file()
        try:
            with (
                self.engine.connect().execution_options(writes=True) as connection,
                connection.begin(),
            ):
                yield connection
        except DBAPIError as error:
            raise StoreError(f"the store cannot be written: {_said(error)}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises:
            StoreError: the database cannot be read.
        """
        self._check_file()
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(f"the store cannot be read: {_said(error)}") from error

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def revision(self) -> str | None:
        """The migration that the tables are at; None where there are no tables yet.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return self._revision()
        except DBAPIError as error:
            raise StoreError(f"the store cannot be read: {_said(error)}") from error

    def _check_file(self) -> None:
        """A connection goes on in an SQLite file that was removed, where nobody else sees what
        it writes, and a new one would begin a file without anything in it."""
        if self._file is not None and self._file != self._file_now():
            raise StoreError("the store's file was removed, or another one lies in its place")

    def _file_now(self) -> tuple[int, int] | None:
        if self.engine.dialect.name != "sqlite" or not self.url.database:
            return None
        try:
            found = Path(self.url.database).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return None if found is None else str(found)

    def _migrate(self) -> None:
        if self._revision() == HEAD:
            return
        from drillmaster.timeline.migrations.upgrade import upgrade  # noqa: PLC0415 (slow)

        upgrade(self.engine)


def _said(error: DBAPIError) -> str:
    """What the database says, in one line: a message may be the last line of a command."""
    return " ".join(str(error.orig).split())


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the store's folder cannot be made: {error}") from None


def _engine(url: URL) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own
    connection.execute(f"PRAGMA busy_timeout={_BUSY * 1000:.0f}")
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: Any) -> None:
    """SQLite itself does not wait while another process turns the same new file over."""
    until = time.monotonic() + _BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
