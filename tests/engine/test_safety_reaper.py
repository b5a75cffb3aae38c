"""The reaper settles what it can reach: one run that it cannot settle stops no other."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from drillmaster.clock import SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import BusyError
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.settling import reaper
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import UnreachableError
from drillmaster.timeline.events import FaultIntended, RunSealed, UndoOrdered
from drillmaster.timeline.log import LostError, read
from drillmaster.timeline.store import Store
from tests.support.faulty import FAST, Staging, owing, staging


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    """Two faults of two runs; whoever owned the runs is dead."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    monkeypatch.setattr(ProcessIdentity, "mine", lambda: dead)
    return staging(monkeypatch, there={"r1-f", "r2-f"})


def states(store: Store) -> dict[str, str]:
    with store.read() as connection:
        rows = [ledger.find(connection, run) for run in ("r1", "r2")]
    return {row.run: row.state for row in rows if row is not None}


def test_a_target_that_cannot_be_held_is_undone_all_the_same(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing(store, "f")

    def unreachable(_address: Any) -> Any:
        raise UnreachableError("the sandbox cannot be held")

    monkeypatch.setattr(reaper, "holding", unreachable)
    assert [(run, settled.stuck) for run, settled in reaper.reap(store)] == [("r1", [])]
    assert "r1-f" not in there.kind.there


def test_one_run_that_cannot_be_settled_stops_no_other(store: Store, there: Staging) -> None:
    hold = owing(store, "f")
    owing(store, "f", run="r2", environment="staging")
    with store.write() as connection:
        ledger.set_settlement(connection, hold, {"target": {"kind": "unheard-of"}})
    (one, first), (two, second) = reaper.reap(store)
    assert (one, first.stuck) == ("r1", ["it could not be settled: KeyError"])
    assert (two, second.stuck) == ("r2", [])
    assert there.kind.there == {"r1-f"}
    assert states(store)["r2"] == "settled"
    with pytest.raises(BusyError, match="r1 could not be settled"):
        reaper.make_room(store, "sandbox", SteadyClock())


@pytest.mark.parametrize(
    "cell",
    [
        "anchor='{}'",
        "anchor='{'",
        "owner='{'",
        "fence='x'",
        "lease_until='x'",
        "state='bogus'",
        "settlement='{'",
    ],
)
def test_one_run_that_cannot_be_read_stops_no_other(
    store: Store, there: Staging, cell: str
) -> None:
    owing(store, "f")
    owing(store, "f", run="r2", environment="staging")
    with store.write() as connection:
        connection.execute(text(f"UPDATE runs SET {cell} WHERE run = 'r1'"))
    (one, first), (two, second) = reaper.reap(store)
    assert one == "r1"
    (problem,) = first.stuck
    assert cell.partition("=")[0] in problem or problem == (
        "it could not be settled: ValidationError"
    )
    assert (two, second.stuck) == ("r2", [])
    assert there.kind.there == {"r1-f"}
    with pytest.raises(BusyError, match="r1 could not be settled"):
        reaper.make_room(store, "sandbox", SteadyClock())


def test_an_undo_that_cannot_be_read_keeps_no_other_fault_in(store: Store, there: Staging) -> None:
    owing(store, "e", "f")
    with store.write() as connection:
        connection.execute(text("UPDATE obligations SET undo = '{' WHERE obligation = 'r1-e'"))
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == ["fault r1-e: its undo failed: ValidationError"]
    assert "r1-f" not in there.kind.there


def test_a_run_that_somebody_else_takes_stops_no_other(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing(store, "f")
    owing(store, "f", run="r2", environment="staging")
    claim = ledger.claim

    def taken(connection: Any, row: Any, until: float) -> Any:
        if row.run == "r1":
            raise LostError("run r1 is not ours any more")
        return claim(connection, row, until)

    monkeypatch.setattr(ledger, "claim", taken)
    assert [run for run, _ in reaper.reap(store)] == ["r2"]
    assert states(store) == {"r1": "open", "r2": "settled"}


def test_an_on_call_system_that_is_not_installed_keeps_no_fault_in(
    store: Store, there: Staging
) -> None:
    hold = owing(store, "f", provider={"provider": "unheard-of"})
    with store.write() as connection:
        ledger.intend(connection, hold, "r1-incident", kind="incident", undo={}, now=0)
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == [
        "incident r1-incident: it cannot be resolved without its on-call system"
    ]
    assert "r1-f" not in there.kind.there
    assert states(store) == {"r1": "stuck"}


def test_until_when_a_dead_drill_was_watched_is_told(store: Store, there: Staging) -> None:
    """Nobody saw what people did since then: it must not count against them."""
    owing(store, "f")
    with store.write() as connection:
        connection.execute(text("UPDATE runs SET lease_until = lease_until - 600"))
        renewed = connection.scalar(text("SELECT lease_until FROM runs")) - FAST.lease
    reaper.reap(store)
    (order,) = orders(store)
    assert order.unwatched == pytest.approx(order.occurred_at.timestamp() - renewed, abs=0.001)
    assert order.unwatched > 500


def test_a_claim_is_no_sign_that_somebody_watched(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever claimed the run before us had come too late, too."""
    hold = owing(store, "f")
    died = SteadyClock().now() - timedelta(seconds=600)
    noted = Recorder(store, hold, SteadyClock(), "supervisor")
    noted.record(noted.make(FaultIntended, fault="f", kind="broken", observed_at=died))
    with monkeypatch.context() as broken:
        broken.setattr(Recorder, "drain", lambda _: 1 / 0)
        ((_, first),) = reaper.reap(store)
    assert first.stuck
    reaper.reap(store)
    (order,) = orders(store)
    assert order.unwatched == (order.occurred_at - died).total_seconds()


@pytest.mark.parametrize(
    ("ordered", "ended"),
    [("interrupted", "interrupted"), ("aborted", "aborted"), ("completed", "aborted")],
)
def test_a_run_keeps_the_word_of_its_own_order(
    store: Store, there: Staging, ordered: str, ended: str
) -> None:
    """As when the disk is full before the supervisor can close the run that it has ended."""
    hold = owing(store, "f")
    noted = Recorder(store, hold, SteadyClock(), "supervisor")
    noted.record(noted.make(UndoOrdered, ended=ordered, why="it is over"))
    reaper.reap(store)
    with store.read() as connection:
        row = ledger.find(connection, "r1")
    assert row is not None
    assert row.ended == ended
    sealed = read(store, "r1")[-1].event
    assert isinstance(sealed, RunSealed)
    assert sealed.ended == ended


def orders(store: Store) -> list[UndoOrdered]:
    told = [record.event for record in read(store, "r1")]
    return [event for event in told if isinstance(event, UndoOrdered)]
