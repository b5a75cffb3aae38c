"""The ledger: states, the fence, the lease, and the lock of an environment."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import BusyError, Hold
from drillmaster.process import ProcessIdentity
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store
from tests.support.ledger import new_run, opened


def intend(store: Store, hold: Hold, name: str = "f", now: float | None = None) -> None:
    with store.write() as connection:
        ledger.intend(
            connection, hold, name, kind="fault", undo={"name": name}, now=now or time.time()
        )


def states(store: Store, run: str = "r1") -> dict[str, str]:
    with store.read() as connection:
        return {row.obligation: row.state for row in ledger.owed(connection, run)}


def test_an_unsettled_run_locks_its_environment(store: Store) -> None:
    opened(store, "r1", "staging")
    with pytest.raises(BusyError, match="staging"), store.write() as connection:
        ledger.open_run(connection, new_run("r2", "staging"), datetime.now(UTC))
    opened(store, "r3", "another")


def test_a_stuck_run_keeps_the_lock(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        ledger.close(connection, hold, "stuck", "aborted", time.time())
    with pytest.raises(BusyError), store.write() as connection:
        ledger.open_run(connection, new_run("r2"), datetime.now(UTC))


def test_a_settled_run_frees_the_environment(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        ledger.close(connection, hold, "settled", "completed", time.time())
    opened(store, "r2")


def test_an_intent_needs_the_fence(store: Store) -> None:
    hold = opened(store)
    with pytest.raises(LostError):
        intend(store, Hold(hold.run, hold.fence + 1))
    assert states(store) == {}
    intend(store, hold)
    assert states(store) == {"f": "intent"}


def test_an_intent_needs_a_living_lease(store: Store) -> None:
    hold = opened(store)
    with pytest.raises(LostError):
        intend(store, hold, now=time.time() + 60)
    assert states(store) == {}


def test_there_is_no_new_intent_once_the_run_settles(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        ledger.begin_settling(connection, hold)
    with pytest.raises(LostError):
        intend(store, hold)
    with pytest.raises(LostError), store.write() as connection:
        ledger.may_inject(connection, hold, time.time())


def test_a_fault_goes_from_intent_to_undone(store: Store) -> None:
    hold = opened(store)
    intend(store, hold)
    with store.write() as connection:
        ledger.injected(connection, hold, "f", time.time())
    assert states(store) == {"f": "injected"}
    with store.write() as connection:
        ledger.undone(connection, hold, "f", "runner", time.time())
    assert states(store) == {"f": "undone"}


def test_a_late_injected_does_not_revive_an_undone_fault(store: Store) -> None:
    hold = opened(store)
    intend(store, hold)
    with store.write() as connection:
        ledger.undone(connection, hold, "f", "supervisor", time.time())
        ledger.injected(connection, hold, "f", time.time())
    assert states(store) == {"f": "undone"}


def test_a_claim_raises_the_fence_and_the_old_holder_is_lost(store: Store) -> None:
    hold = opened(store)
    intend(store, hold)
    with store.read() as connection:
        row = ledger.find(connection, "r1")
    assert row is not None
    with store.write() as connection:
        mine = ledger.claim(connection, row, time.time() + 5)
    assert mine == Hold("r1", 2)
    late: list[Callable[[Connection], None]] = [
        lambda c: ledger.beat(c, hold, time.time()),
        lambda c: ledger.begin_settling(c, hold),
        lambda c: ledger.undone(c, hold, "f", "supervisor", time.time()),
        lambda c: ledger.close(c, hold, "settled", "completed", time.time()),
    ]
    for write in late:
        with pytest.raises(LostError), store.write() as connection:
            write(connection)
    with pytest.raises(LostError), store.write() as connection:
        ledger.claim(connection, row, time.time() + 5)  # as it was read before


def test_nothing_is_written_to_a_settled_run(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        ledger.close(connection, hold, "settled", "completed", time.time())
    with pytest.raises(LostError), store.write() as connection:
        ledger.beat(connection, hold, time.time())


def test_a_living_owner_is_not_claimable_until_its_lease_is_over(store: Store) -> None:
    opened(store)
    with store.read() as connection:
        (row,) = ledger.unsettled(connection)
    assert not ledger.claimable(row, time.time())
    assert ledger.claimable(row, time.time() + 60)


def test_a_dead_owner_is_claimable_at_once(store: Store) -> None:
    hold = opened(store)
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    with store.write() as connection:
        connection.exec_driver_sql(
            "UPDATE runs SET owner = ? WHERE run = ?", (dead.model_dump_json(), hold.run)
        )
    with store.read() as connection:
        (row,) = ledger.unsettled(connection)
    assert ledger.claimable(row, time.time())


def test_an_owner_elsewhere_is_never_called_dead() -> None:
    mine = ProcessIdentity.mine()
    assert not mine.provably_dead()
    assert not mine.model_copy(update={"host": "another", "pid": 1}).provably_dead()
    assert not mine.model_copy(update={"namespace": "pid:[1]", "pid": 2**22 + 1}).provably_dead()
    assert mine.model_copy(update={"boot": "before"}).provably_dead()
    assert mine.model_copy(update={"started": mine.started - 1}).provably_dead()
