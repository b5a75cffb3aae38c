"""Can the store be used, and what stands open in it?"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import URL, false, update

from drillmaster.engine.books import ledger
from drillmaster.engine.books.rows import UnreadableError, is_dead
from drillmaster.engine.preflight.row import Row, ok, problem, warning
from drillmaster.engine.preflight.subject import Subject
from drillmaster.errors import DrillmasterError
from drillmaster.timeline.store import HEAD, Store, sqlite_url, store_url
from drillmaster.timeline.tables import runs

CHECK = "store"

_ROOM = 100 * 2**20
"""Bytes that should be free on the store's disk: a thousand drills' timelines."""


class StoreLook:
    """The store as it is: it is neither made nor migrated."""

    def __init__(self, subject: Subject, stack: ExitStack) -> None:
        self._subject = subject
        self._stack = stack
        self.usable: Store | None = None
        """A store that can be asked; an empty one where the real one is not made yet."""

    def rows(self) -> Iterator[Row]:
        """Look at the store, and at what is open in it."""
        try:
            url = store_url()
        except DrillmasterError as error:
            yield problem(CHECK, str(error), "unset DRILLMASTER_DATABASE_URL")
            return
        file = _file(url)
        if file is not None and not file.exists():
            yield self._not_yet(file)
            return
        yield from self._existing(url, file)

    def _existing(self, url: URL, file: Path | None) -> Iterator[Row]:
        named = _named(url, file)
        try:
            store = Store(url)
            self._stack.callback(store.close)
            revision = store.revision()
            if revision is not None and revision > HEAD:
                message = f"{named} was made by a newer Drillmaster"
                yield problem(CHECK, message, "pip install --upgrade drillmaster")
                return
            if revision != HEAD:
                yield ok(CHECK, f"{named} is brought up to date by the next command")
                self._stand_in()
                return
            with store.write() as connection:  # changes no row, and is refused all the same
                connection.execute(update(runs).where(false()).values(fence=runs.c.fence))
        except DrillmasterError as error:
            yield problem(CHECK, f"{named}: {error}", _mend(url, file))
            return
        self.usable = store
        yield ok(CHECK, f"{named} can be read and written")
        if file is not None and shutil.disk_usage(file.parent).free < _ROOM:
            yield warning(CHECK, "less than 100 MiB are free on its disk", f"df -h {file.parent}")
        yield from self._open(store)

    def _not_yet(self, file: Path) -> Row:
        above = file.parent
        while not above.exists():
            above = above.parent
        if not os.access(above, os.W_OK):
            return problem(CHECK, f"{file} cannot be made", f"chmod u+w {above}")
        self._stand_in()
        return ok(CHECK, f"{_shown(file)} is made by the first command that needs it")

    def _stand_in(self) -> None:
        folder = Path(mkdtemp(prefix="drillmaster-preflight-"))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.usable = Store.open(sqlite_url(folder / "empty.db"))
        self._stack.callback(self.usable.close)

    def _open(self, store: Store) -> Iterator[Row]:
        """Runs that are not settled."""
        name = self._subject.environment.name
        with store.read() as connection:
            unsettled = ledger.unsettled(connection, name)
        yield from map(_unsettled, unsettled)
        if not unsettled:
            yield ok("runs", "no run is open")


def _unsettled(row: Any) -> Row:
    if row.state == "stuck":
        message = f"run {row.run} could not be undone, and locks the environment"
        return problem("runs", message, "drillmaster reap")
    try:
        dead = is_dead(row)
    except UnreadableError as error:
        return problem("runs", f"run {row.run}: {error}", "drillmaster reap")
    if dead:
        message = f"run {row.run} is dead; the next drill undoes it first"
        return warning("runs", message, "drillmaster reap")
    message = f"run {row.run} is under way, and holds the environment"
    return problem("runs", message, "drillmaster status")


def _file(url: URL) -> Path | None:
    if url.drivername.startswith("sqlite") and url.database:
        return Path(url.database)
    return None


def _named(url: URL, file: Path | None) -> str:
    return url.render_as_string(hide_password=True) if file is None else _shown(file)


def _shown(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _mend(url: URL, file: Path | None) -> str:
    """The command that says more."""
    if file is None:
        return f"pg_isready -h {url.host or 'localhost'} -p {url.port or 5432}"
    return f"ls -l {_shown(file)}"
