"""`runs` and `status` show what there is, whatever stands in another run's row."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from drillmaster.engine.books import ledger
from drillmaster.process import ProcessIdentity
from drillmaster.timeline.store import Store, sqlite_url
from tests.support.drills import command
from tests.support.drills import status as shown_by_command
from tests.support.ledger import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(sqlite_url(tmp_path / ".drillmaster" / "drillmaster.db"))
    yield store
    store.close()


def garble(store: Store, cell: str) -> None:
    with store.write() as connection:
        assert connection.execute(text(f"UPDATE runs SET {cell} WHERE run = 'r1'")).rowcount == 1


@pytest.mark.parametrize("cell", ["state = 'bogus'", "started_at = 'abc'"])
def test_a_row_that_cannot_be_read_hides_no_other(store: Store, tmp_path: Path, cell: str) -> None:
    opened(store)
    opened(store, "r2", "staging")
    garble(store, cell)
    for_people = command(tmp_path, "runs")
    assert for_people.returncode == 1
    assert "r2" in for_people.stdout
    assert "Run r1 cannot be read" in for_people.stderr
    assert [run["run"] for run in json.loads(command(tmp_path, "runs", "--json").stdout)] == ["r2"]

    open_now = command(tmp_path, "status")
    assert open_now.returncode == 5
    assert "Run r2: d on staging: open" in open_now.stdout
    assert "Run r1 cannot be read" in open_now.stdout


@pytest.mark.parametrize("cell", ["owner = '{'", "anchor = '{}'"])
def test_a_run_whose_owner_cannot_be_read_is_named(store: Store, tmp_path: Path, cell: str) -> None:
    opened(store)
    opened(store, "r2", "staging")
    garble(store, cell)
    assert command(tmp_path, "runs").returncode == 0, "it is listed: no owner stands there"
    shown = shown_by_command(tmp_path)
    assert [run["run"] for run in shown["runs"]] == ["r2"]
    ((run, why),) = [one.values() for one in shown["unreadable"]]
    assert (run, why) == (
        "r1",
        f"its row in the store cannot be read: {cell.partition(' ')[0]}",
    )


def test_a_run_whose_owner_was_killed_is_called_dead(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    monkeypatch.setattr(ProcessIdentity, "mine", lambda: dead)
    hold = opened(store)
    with store.write() as connection:
        ledger.beat(connection, hold, time.time() + 60)
    shown = command(tmp_path, "status").stdout
    assert "It is dead" in shown
    assert "`drillmaster reap`" in shown
    assert "under way" not in shown
    (run,) = shown_by_command(tmp_path)["runs"]
    assert run["dead"] is True


def test_a_run_whose_lease_is_over_is_called_dead(store: Store, tmp_path: Path) -> None:
    hold = opened(store)
    assert "under way" in command(tmp_path, "status").stdout
    with store.write() as connection:
        ledger.beat(connection, hold, time.time() - 1)
    assert "It is dead" in command(tmp_path, "status").stdout


def test_reap_names_the_run_that_it_cannot_read(store: Store, tmp_path: Path) -> None:
    opened(store)
    garble(store, "owner = '{'")
    done = command(tmp_path, "reap")
    assert done.returncode == 5
    assert "Run r1: NOT undone" in done.stdout
    assert "its row in the store cannot be read: owner" in done.stdout
