"""Somebody wrote into the ledger: no fault of the timeline stays in without a word, and no
other run's fault is touched."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from drillmaster.clock import SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.settling import reaper
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import GoneError, Mark, UnreachableError
from drillmaster.timeline import log
from drillmaster.timeline.events import FaultIntended, FaultUndone
from drillmaster.timeline.store import Store
from tests.support.faulty import Staging, owing, staging

MARK = Mark("r1-f", "r1", "broken", datetime(2026, 1, 1, tzinfo=UTC))
LOST = "DELETE FROM obligations WHERE obligation = 'r1-f'"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    """A fault of a run whose owner is dead, and one of another run."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    monkeypatch.setattr(ProcessIdentity, "mine", lambda: dead)
    return staging(monkeypatch, there={"r1-f", "r9-f"})


def record(store: Store, hold: Hold, *, undone: bool = False) -> None:
    """What the timeline has of a fault."""
    recorder = Recorder(store, hold, SteadyClock(), "runner")
    recorder.record(recorder.make(FaultIntended, fault="f", kind="broken"))
    if undone:
        recorder.record(recorder.make(FaultUndone, fault="f", by="runner"))


def tamper(store: Store, statement: str) -> None:
    with store.write() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def reaped(store: Store) -> list[str]:
    ((run, settled),) = reaper.reap(store)
    assert run == "r1"
    return settled.stuck


def told_undone(store: Store) -> list[str]:
    events = [record.event for record in log.read(store, "r1")]
    return [event.fault for event in events if isinstance(event, FaultUndone)]


def test_a_fault_that_is_called_something_else_is_undone(store: Store, there: Staging) -> None:
    record(store, owing(store, "f"))
    tamper(store, "UPDATE obligations SET kind = 'grant'")
    assert reaped(store) == []
    assert there.kind.there == {"r9-f"}
    assert told_undone(store) == ["f"]


def test_a_lost_fault_is_undone_by_its_mark(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, owing(store, "f"))
    tamper(store, LOST)
    monkeypatch.setattr(there.target, "marks", lambda: [MARK])
    assert reaped(store) == []
    assert there.kind.there == {"r9-f"}
    assert told_undone(store) == ["f"]


def test_a_lost_fault_without_a_mark_is_stuck(store: Store, there: Staging) -> None:
    record(store, owing(store, "f"))
    tamper(store, LOST)
    (problem,) = reaped(store)
    assert problem.startswith("fault f: the ledger has lost it, and no mark at the target")
    (again,) = reaped(store)
    assert again == problem


def test_a_lost_fault_whose_target_does_not_answer_is_stuck(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, owing(store, "f"))
    tamper(store, LOST)

    def silent() -> list[Mark]:
        raise UnreachableError("the target does not answer")

    monkeypatch.setattr(there.target, "marks", silent)
    (problem,) = reaped(store)
    assert "the target's marks cannot be read: the target does not answer" in problem


def test_a_lost_fault_is_gone_with_its_target(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, owing(store, "f"))
    tamper(store, LOST)

    def gone() -> list[Mark]:
        raise GoneError("the target is gone")

    monkeypatch.setattr(there.target, "marks", gone)
    assert reaped(store) == []
    assert told_undone(store) == ["f"]


def test_a_fault_that_was_undone_is_not_missed(store: Store, there: Staging) -> None:
    record(store, owing(store, "f"), undone=True)
    tamper(store, LOST)
    assert reaped(store) == []


@pytest.mark.parametrize(
    "change",
    [
        "undo = json_set(undo, '$.id', 'r9-f')",
        "undo = json_set(undo, '$.id', 'r9-f'), obligation = 'r9-f'",
    ],
)
def test_another_runs_fault_is_not_undone(store: Store, there: Staging, change: str) -> None:
    record(store, owing(store, "f"))
    tamper(store, f"UPDATE obligations SET {change}")
    assert "its undo is that of another fault: r9-f" in " ".join(reaped(store))
    assert there.kind.there == {"r1-f", "r9-f"}


@pytest.mark.parametrize("seq", [1, 2])
def test_a_timeline_that_cannot_be_read_keeps_no_fault_in(
    store: Store, there: Staging, seq: int
) -> None:
    """Its last line too, to which nothing can be bound any more."""
    record(store, owing(store, "f"))
    tamper(store, f"UPDATE events SET line = '{{' WHERE seq = {seq}")
    assert reaped(store) == ["line 1 of the timeline is no event"]
    assert there.kind.there == {"r9-f"}


def test_what_cannot_be_recorded_is_taken_back_all_the_same(store: Store, there: Staging) -> None:
    """Beside an undo that cannot be read, and one of another run's fault."""
    owing(store, "d", "e", "f")
    tamper(store, "UPDATE obligations SET undo = '{' WHERE obligation = 'r1-d'")
    tamper(
        store,
        "UPDATE obligations SET undo = json_set(undo, '$.id', 'r9-f') WHERE obligation = 'r1-e'",
    )
    with store.read() as connection:
        row = ledger.find(connection, "r1")
    assert row is not None
    reaper.take_back_unrecorded(store, row)
    assert there.kind.there == {"r9-f"}
