"""The store: its two databases, its migrations, its one writer."""

import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text

from drillmaster.errors import InvalidError
from drillmaster.timeline import log
from drillmaster.timeline.events import NoteAdded
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store, StoreError, sqlite_url, store_url
from drillmaster.timeline.tables import metadata, runs, stops
from tests.support.ledger import opened
from tests.timeline.test_chain import told


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(sqlite_url(tmp_path / "deep" / "store.db"))
    yield store
    store.close()


def note(words: str) -> NoteAdded:
    return NoteAdded(**told(), person="p", text=words)


def test_the_migrations_make_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_who_uses_sqlite_does_not_load_what_speaks_with_a_server() -> None:
    program = (
        "import sys, drillmaster.engine.drill.supervisor;"
        "print('sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"False\n", "every process would pay 3 MiB and a tenth of a second"


def test_sqlite_is_durable_and_lets_readers_read(store: Store) -> None:
    with store.read() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    row = {"environment": "*", "why": "w", "by": "b", "at": 0.0}
    with pytest.raises(StoreError), store.write() as connection:
        connection.execute(insert(stops), [row, row])  # the second one breaks the key
    with store.read() as connection:
        assert connection.execute(select(stops)).all() == []


def test_a_store_of_a_newer_version_is_refused(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InvalidError, match="another version"):
        Store.open(store.url)


def test_a_store_of_an_older_version_is_brought_up_to_date_with_its_runs(store: Store) -> None:
    opened(store)
    with store.write() as connection:
        for column in ("accepted_by", "accepted_why"):
            connection.execute(text(f"ALTER TABLE runs DROP COLUMN {column}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    again = Store.open(store.url)
    with again.read() as connection:
        row = connection.execute(select(runs)).one()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.close()
    assert (row.run, row.accepted_by, row.accepted_why) == ("r1", None, None)


def test_a_file_that_is_no_database_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(sqlite_url(tmp_path / "store.db"))


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder"):
        Store.open(sqlite_url(tmp_path / "file" / "store.db"))


@pytest.mark.parametrize("url", ["no url", "nosuchdriver://host/db"])
def test_a_wrong_url_is_one_message(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", url)
    with pytest.raises(InvalidError):
        Store.open(store_url())


def test_a_password_stays_out_of_the_url_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", "postgresql+psycopg://me:geheim@db/x")
    assert "geheim" not in str(store_url())


def test_a_locked_store_is_one_message(store: Store) -> None:
    holder = sqlite3.connect(str(store.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="locked"), store.write():
            pass
    finally:
        holder.close()


def test_only_the_holder_of_the_fence_writes(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        log.append(connection, hold.run, hold.fence, [note("mine")])
    with pytest.raises(LostError), store.write() as connection:
        log.append(connection, hold.run, hold.fence + 1, [note("not mine")])
    assert [record.seq for record in log.read(store, hold.run)] == [1, 2]


def test_the_inbox_is_drained_once_and_in_order(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        for words in "abc":
            log.post(connection, hold.run, note(words))
    with store.write() as connection:
        arrived = log.drain(connection, hold.run)
        assert log.drain(connection, hold.run) == []
    assert [event.text for event in arrived if isinstance(event, NoteAdded)] == ["a", "b", "c"]


def test_an_unknown_run_is_one_message(store: Store) -> None:
    with pytest.raises(InvalidError, match="no run 'nosuch'"):
        log.read(store, "nosuch")


def post_many(url: str, run: str, count: int) -> None:
    store = Store.open_url(url)
    for number in range(count):
        with store.write() as connection:
            log.post(connection, run, note(str(number)))


def test_many_processes_post_while_one_drains(store: Store) -> None:
    hold = opened(store)
    context = multiprocessing.get_context("spawn")
    posters = [
        context.Process(target=post_many, args=(store.secret_url(), hold.run, 25)) for _ in range(3)
    ]
    for poster in posters:
        poster.start()
    drained = 0
    while any(poster.is_alive() for poster in posters) or drained < 75:
        with store.write() as connection:
            arrived = log.drain(connection, hold.run)
            log.append(connection, hold.run, hold.fence, arrived)
        drained += len(arrived)
        assert drained <= 75
    assert [poster.exitcode for poster in posters] == [0, 0, 0]
    assert [record.seq for record in log.read(store, hold.run)] == list(range(1, 77))


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "new.db")
    failures: list[Exception] = []

    def open_it() -> None:
        try:
            Store.open(url).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
