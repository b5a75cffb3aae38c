"""A fault that plays no more is told, in whatever way is left."""

import threading
from pathlib import Path
from typing import Any

import pytest

from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.errors import DrillmasterError
from drillmaster.faults.base import Injected, Injection
from drillmaster.targets.base import UnreachableError
from drillmaster.timeline.events import FaultUndone
from drillmaster.timeline.log import LostError, drain
from drillmaster.timeline.store import Store, StoreError
from tests.support.chaos import shown_by
from tests.support.faulty import Staging, machine_of, staging
from tests.support.ledger import failures


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    return staging(monkeypatch)


def test_a_lease_that_ran_out_is_told(store: Store, there: Staging) -> None:
    """It may be renewed a moment later, and the drill would go on without its fault."""
    machine = machine_of(store, there.target, "f")
    with store.write() as connection:
        ledger.beat(connection, Hold("r1", 1), 0.0)
    with pytest.raises(LostError):
        machine.inject("f")
    assert machine.stopped.is_set()
    assert failures(store) == ["run r1 may not inject any more"]
    assert not there.kind.there


def test_a_later_round_that_may_not_be_played_is_told(store: Store, there: Staging) -> None:
    machine = machine_of(store, there.target, "f", every=0.01)
    inject = there.kind.inject

    def once(fault: Any, target: Any, round_: int) -> Injected:
        with store.write() as connection:
            ledger.beat(connection, Hold("r1", 1), 0.0)
        return inject(fault, target, round_)

    there.kind.inject = once  # type: ignore[method-assign]
    with pytest.raises(LostError):
        machine.inject("f")
    assert failures(store) == ["run r1 may not inject any more"]


def test_what_shows_already_as_it_would_is_not_injected(store: Store, there: Staging) -> None:
    """Another fault of the drill may show so by then, and its effect would be taken for this
    one's."""
    machine, there.kind.long = machine_of(store, there.target, "f"), 20.0
    there.kind.there.add("r1-f")
    with pytest.raises(DrillmasterError):
        machine.inject("f")
    assert failures(store) == ["its `present` is met before it is in"]
    with store.read() as connection:
        assert not ledger.owed(connection, "r1")


def test_an_effect_that_shows_before_its_fault_is_in_proves_nothing(
    store: Store, there: Staging, tmp_path: Path
) -> None:
    """An earlier fault of the drill may have it, of which the guard could not know."""
    machine = machine_of(store, there.target, "f", arguments={"effect": shown_by(tmp_path)})
    with pytest.raises(DrillmasterError):
        machine.inject("f")
    assert failures(store) == [
        "it would prove nothing: its `effect` is met already: test ended with 0"
    ]
    assert not there.kind.there
    with store.read() as connection:
        assert not ledger.owed(connection, "r1")


def test_a_stop_that_comes_while_an_effect_is_asked_for_is_heard(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_ready = {"namespace": "shop", "workload": "checkout", "what": "ready-replicas"}
    arguments = {"effect": {"state": {**none_ready, "at_most": 0}}}
    machine, state = machine_of(store, there.target, "f", arguments=arguments), there.target.state

    def stopped(*of: Any) -> Any:
        machine.stopped.set()
        return state(*of)

    monkeypatch.setattr(there.target, "state", stopped)
    machine.inject("f")
    assert not there.kind.there
    with store.read() as connection:
        assert not ledger.owed(connection, "r1"), "it was not even intended"


def test_what_cannot_be_told_ends_the_runner(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = machine_of(store, there.target, "f")
    holding = threading.Thread(target=machine.hold, daemon=True)
    holding.start()

    def refuse(*_: Any) -> Any:
        raise StoreError("the store cannot be written: database is locked")

    monkeypatch.setattr(Store, "write", refuse)
    with pytest.raises(StoreError):
        machine.inject("f")
    holding.join(5)
    assert not holding.is_alive(), "the supervisor sees the end of the runner, and aborts"


def test_a_rollback_needs_no_store(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = machine_of(store, there.target, "f")
    there.kind.there.add("r1-f")

    def refuse(*_: Any) -> Any:
        raise StoreError("the store cannot be read: the server is gone")

    monkeypatch.setattr(Store, "read", refuse)
    monkeypatch.setattr(Store, "write", refuse)
    with pytest.raises(StoreError):
        machine.undo("f")
    assert not there.kind.there


def test_an_undo_whose_answer_got_lost_is_told_as_our_own(store: Store, there: Staging) -> None:
    machine = machine_of(store, there.target, "f", lasts=0.01)

    def lose_one(fault: Injection) -> None:
        if fault.id in there.kind.there:
            there.kind.there.discard(fault.id)
            raise UnreachableError("the answer got lost")

    there.kind.misbehave = lose_one
    assert machine.inject("f") == "played"
    with store.write() as connection:
        (undone,) = [one for one in drain(connection, "r1") if isinstance(one, FaultUndone)]
    assert undone.by == "expiry"
