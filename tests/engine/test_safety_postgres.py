"""Whole drills whose ledger is on PostgreSQL, and what only a server with many writers shows."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, make_url

from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import NoteAdded
from drillmaster.timeline.log import LostError, append
from drillmaster.timeline.store import Store
from tests.support.drills import DRILL, command, eventually, running, write_project
from tests.support.ledger import opened
from tests.support.postgres import Postgres, postgres

__all__ = ["postgres"]


@pytest.fixture
def url(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    url = postgres.scratch_url()
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", url)
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(make_url(url))
    yield store
    store.close()


def test_a_whole_drill(url: str, store: Store, tmp_path: Path) -> None:
    drill = write_project(tmp_path, DRILL.replace("duration: 2m", "duration: 1s"))
    done = command(tmp_path, "run", str(drill))
    assert done.returncode == 4, done.stdout + done.stderr
    assert "its longest duration, 1 s, is over" in done.stdout
    with store.read() as connection:
        (run,) = connection.exec_driver_sql("SELECT run, state FROM runs").all()
    assert run.state == "settled"
    assert verify(log.read(store, run.run))
    assert not (tmp_path / ".drillmaster").exists()
    password = make_url(url).password
    assert password is not None
    assert password not in done.stdout + done.stderr


@pytest.mark.parametrize("both", [False, True])
def test_no_fault_stays(url: str, tmp_path: Path, *, both: bool) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as drill:
        drill.await_fault("throttle")
        if both:
            os.kill(drill.runner_pid(), signal.SIGKILL)
        os.kill(drill.process.pid, signal.SIGKILL)
        eventually(drill.served, 10, "every request is served")
        row = drill.await_settled(10)
        assert row.ended == "aborted"
        assert drill.events()
        eventually(lambda: drill.processes() == [], 10, "no process is left")


class Late:
    """A transaction of the holder that is slow to commit."""

    def __init__(self, store: Store, work: Any) -> None:
        self._store = store
        self._work = work
        self._commit = threading.Event()
        self._begun = threading.Event()
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._begun.wait(10)

    def _run(self) -> None:
        try:
            with self._store.write() as connection:
                self._work(connection)
                self._begun.set()
                self._commit.wait(10)
        except Exception as error:
            self.error = error
            self._begun.set()

    def commit(self) -> None:
        self._commit.set()
        self._thread.join(10)


def claimed_after(store: Store, late: Late) -> list[str]:
    """Claim the run while the holder's transaction is open; in which order they end."""
    order: list[str] = []
    with store.read() as connection:
        (row,) = ledger.unsettled(connection)

    def claim() -> None:
        with store.write() as connection:
            ledger.claim(connection, row, time.time() + 5)
        order.append("claim")

    claiming = threading.Thread(target=claim)
    claiming.start()
    claiming.join(0.5)
    order.append("commit")
    late.commit()
    claiming.join(10)
    assert late.error is None
    return order


def test_a_claim_waits_for_an_intent_that_is_being_written(store: Store) -> None:
    """Or the claimant would look at what is owed a moment before the fault is."""
    hold = opened(store)

    def intend(connection: Connection) -> None:
        ledger.intend(connection, hold, "f", kind="fault", undo={"name": "f"}, now=time.time())

    assert claimed_after(store, Late(store, intend)) == ["commit", "claim"]


def test_a_claim_waits_for_the_fence_of_a_later_round(store: Store) -> None:
    hold = opened(store)

    def fence(connection: Connection) -> None:
        ledger.may_inject(connection, hold, time.time())

    assert claimed_after(store, Late(store, fence)) == ["commit", "claim"]


def test_a_timeline_has_one_writer(store: Store) -> None:
    hold = opened(store)
    now = datetime.now(UTC)
    note = NoteAdded(
        occurred_at=now, observed_at=now, source="test", precision=0, person="ben", text="late"
    )

    def write(connection: Connection) -> None:
        append(connection, hold.run, hold.fence, [note])

    assert claimed_after(store, Late(store, write)) == ["commit", "claim"]
    with store.write() as connection:
        append(connection, hold.run, hold.fence + 1, [note])
    assert [record.seq for record in log.read(store, hold.run)] == [1, 2, 3]
    with pytest.raises(LostError), store.write() as connection:
        append(connection, hold.run, hold.fence, [note])


def test_the_longest_names_fit(store: Store) -> None:
    """A fault's id is the run's and its own name."""
    name = "a" * 63
    hold = Hold("20261124-224935-7f3a", 1)
    opened(store, hold.run)
    with store.write() as connection:
        ledger.intend(
            connection, hold, f"{hold.run}-{name}", kind="fault", undo={}, now=time.time()
        )
    with store.read() as connection:
        assert len(ledger.owed(connection, hold.run)) == 1
