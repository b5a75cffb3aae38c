"""A settlement goes on, whatever fails in it: what can be undone is undone, the rest is told."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import update

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import Question
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.planning.steady import ask_all
from drillmaster.engine.settling import settlement
from drillmaster.engine.settling.settlement import Settled, Why
from drillmaster.engine.settling.taking_back import take_back
from drillmaster.errors import StuckError
from drillmaster.faults.base import Injection, PlayError
from drillmaster.probes.base import Asking
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import Ended, FaultUndone, SteadyStateReturned, UndoFailed
from drillmaster.timeline.store import Store, StoreError
from drillmaster.timeline.tables import obligations
from tests.support import faulty
from tests.support.drills import eventually
from tests.support.faulty import FAST, Staging, hang, owing, staging
from tests.support.http import Asked, Reply, serving

SECRET = "hunter2"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    return staging(monkeypatch, there={"r1-a", "r1-b"})


def settle(store: Store, hold: Hold, there: Staging, provider: Any = None) -> Settled:
    work, heartbeat = faulty.settlement(store, hold, there.target, provider=provider)
    try:
        return work.settle(Why("completed", "it is over", SteadyClock().now()), None)
    finally:
        heartbeat.stop()


def state(store: Store) -> str:
    with store.read() as connection:
        row = ledger.find(connection, "r1")
    assert row is not None
    return str(row.state)


def owed(store: Store) -> dict[str, str]:
    with store.read() as connection:
        return {row.obligation: row.state for row in ledger.owed(connection, "r1")}


def raising(error: Exception, name: str) -> Any:
    def misbehave(fault: Injection) -> None:
        if fault.name == name:
            raise error

    return misbehave


def test_processes_that_do_not_die_keep_no_fault_in(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = owing(store, "a", "b")

    def immortal(*_: Any, **__: Any) -> str:
        raise StuckError("processes of run r1 do not die: [1]")

    monkeypatch.setattr(settlement, "see_dead", immortal)
    assert settle(store, hold, there).stuck == ["processes of run r1 do not die: [1]"]
    assert there.kind.there == set()
    assert state(store) == "stuck"


def test_an_undo_that_raises_keeps_no_other_fault_in(store: Store, there: Staging) -> None:
    hold = owing(store, "a", "b")
    there.kind.misbehave = raising(ZeroDivisionError(SECRET), "a")
    assert settle(store, hold, there).stuck == ["fault a: its undo failed: ZeroDivisionError"]
    assert there.kind.there == {"r1-a"}
    assert owed(store) == {"r1-a": "stuck", "r1-b": "undone"}


def test_an_undo_that_hangs_keeps_no_other_fault_in(store: Store, there: Staging) -> None:
    hold = owing(store, "a", "b")
    there.kind.misbehave = lambda fault: hang(fault) if fault.name == "a" else None
    began = time.monotonic()
    stuck = settle(store, hold, there).stuck
    assert stuck == ["fault a: no whole answer within 500ms"]
    assert time.monotonic() - began < 6
    assert there.kind.there == {"r1-a"}
    assert state(store) == "stuck"


@pytest.mark.parametrize("recorded", [True, False])
def test_an_undo_that_may_take_long_and_hangs_keeps_no_other_in(
    store: Store, there: Staging, *, recorded: bool
) -> None:
    """Chaos Toolkit plays it, and it may take as long as its drill says."""
    hold, there.kind.long = owing(store, "a", "b"), 4.0
    hangs = threading.Event()

    def hang_on(fault: Injection) -> None:
        if fault.name == "a":
            hangs.wait(20)

    there.kind.misbehave = hang_on
    faults = [faulty.injected("r1", name) for name in ("a", "b")]

    def undo() -> None:
        if recorded:
            settle(store, hold, there)
        else:
            take_back(faults, there.target, FAST)

    thread = threading.Thread(target=undo)
    thread.start()
    try:
        eventually(lambda: there.kind.there == {"r1-a"}, 3, "the other is undone")
        assert thread.is_alive()
    finally:
        thread.join(30)
        hangs.set()


def test_one_that_needs_another_undone_first_is_undone_after_it(
    store: Store, there: Staging
) -> None:
    hold, there.kind.long = owing(store, "a", "b"), 4.0

    def slow(fault: Injection) -> None:
        if fault.name == "a":
            time.sleep(0.3)
        elif "r1-a" in there.kind.there:
            raise PlayError("nothing works without the other")

    there.kind.misbehave = slow
    assert settle(store, hold, there).stuck == []
    assert there.kind.undone == ["a", "b"]


@pytest.mark.parametrize("returned", [True, False])
def test_what_was_stuck_is_undone_for_what_may_be_in(
    store: Store, there: Staging, *, returned: bool
) -> None:
    """That an undo failed says nothing of how much of the fault is in."""
    hold = stuck_on_a(store, returned=returned)
    assert settle(store, hold, there).stuck == []
    assert there.kind.known["a"] == ("injected" if returned else "intent")


def test_an_undo_that_never_works_settles_when_the_fault_is_gone_all_the_same(
    store: Store, there: Staging
) -> None:
    """Somebody took it back by hand."""
    hold = stuck_on_a(store, returned=False)
    there.kind.misbehave = raising(PlayError("it never works"), "a")
    there.kind.there.clear()
    assert settle(store, hold, there).stuck == []
    records = verify(log.read(store, "r1"))
    (undone,) = [one.event for one in records if isinstance(one.event, FaultUndone)]
    assert undone.residue is not None
    assert any(isinstance(one.event, UndoFailed) for one in records)


def stuck_on_a(store: Store, *, returned: bool) -> Hold:
    hold = owing(store, "a")
    with store.write() as connection:
        changes = {"state": "stuck"} if returned else {"state": "stuck", "injected_at": None}
        connection.execute(update(obligations).values(**changes))
    return hold


def test_a_fault_that_is_found_gone_may_have_ended_while_it_was_injected(
    store: Store, there: Staging
) -> None:
    """A method that breaks, waits and mends returns when it is gone."""
    hold = owing(store, "a")
    with store.write() as connection:
        connection.execute(update(obligations).values(intent_at=obligations.c.injected_at - 10))
    there.kind.there.clear()
    settle(store, hold, there)
    records = verify(log.read(store, "r1"))
    (undone,) = [one.event for one in records if isinstance(one.event, FaultUndone)]
    assert undone.precision >= 5


def test_an_undo_that_nobody_can_read_keeps_no_other_fault_in(store: Store, there: Staging) -> None:
    hold = owing(store, "b")
    with store.write() as connection:
        ledger.intend(
            connection, hold, "r1-a", kind="fault", undo={"name": "a", "newer": 1}, now=time.time()
        )
    assert settle(store, hold, there).stuck == ["fault a: its undo failed: ValidationError"]
    assert there.kind.there == {"r1-a"}


def test_a_store_that_fails_for_a_moment_keeps_no_fault_in(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = owing(store, "a", "b")
    refusals = iter([True])
    undone = ledger.undone

    def refuse_once(*arguments: Any) -> None:
        if next(refusals, False):
            raise StoreError("the store cannot be written: database is locked")
        undone(*arguments)

    monkeypatch.setattr(ledger, "undone", refuse_once)
    assert settle(store, hold, there).stuck == []
    assert there.kind.there == set()
    told = [record.event for record in verify(log.read(store, "r1"))]
    assert sorted(event.fault for event in told if isinstance(event, FaultUndone)) == ["a", "b"]


class LostProvider:
    """An on-call system that fails in some way when it is to resolve."""

    def __init__(self, failures: int = 99, *, hangs: bool = False) -> None:
        self.failures = failures
        self.hangs = hangs

    def resolve(self, incident: str, by: str) -> None:
        if self.hangs:
            threading.Event().wait(60)
        self.failures -= 1
        if self.failures >= 0:
            raise RuntimeError(f"401 for https://pager.example/?token={SECRET}")

    def read(self, incident: str, after: int) -> tuple[list[Any], int]:
        return [], after


def with_incident(store: Store) -> Hold:
    hold = owing(store, "a")
    with store.write() as connection:
        ledger.intend(connection, hold, "r1-incident", kind="incident", undo={}, now=time.time())
    return hold


@pytest.mark.parametrize("hangs", [False, True])
def test_an_incident_that_cannot_be_resolved_is_told(
    store: Store, there: Staging, *, hangs: bool
) -> None:
    hold = with_incident(store)
    (stuck,) = settle(store, hold, there, LostProvider(hangs=hangs)).stuck
    assert stuck.startswith("incident r1-incident: ")
    assert SECRET not in stuck
    assert "r1-a" not in there.kind.there
    assert state(store) == "stuck"


def test_an_incident_is_tried_again(store: Store, there: Staging) -> None:
    hold = with_incident(store)
    assert settle(store, hold, there, LostProvider(failures=2)).stuck == []
    assert owed(store)["r1-incident"] == "undone"
    assert state(store) == "settled"


@pytest.mark.parametrize("ended", ["completed", "refused", "interrupted"])
def test_a_drill_without_a_fault_sees_steady_state_at_its_end(
    store: Store, there: Staging, ended: Ended
) -> None:
    work, heartbeat = faulty.settlement(store, owing(store), there.target)
    try:
        assert work.settle(Why(ended, "it is over", SteadyClock().now()), None).stuck == []
    finally:
        heartbeat.stop()
    told = [record.event for record in verify(log.read(store, "r1"))]
    seen = any(isinstance(event, SteadyStateReturned) for event in told)
    assert seen == (ended == "completed")


def test_a_later_round_that_is_still_on_its_way_is_awaited(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call of the first round returned; that of a later one may not have."""
    there = staging(monkeypatch, there={"r1-a"}, closing=False)
    hold = owing(store, "a", arguments={"every": 1.0})
    late = threading.Timer(0.15, lambda: there.kind.there.add("r1-a"))
    late.start()
    assert settle(store, hold, there).stuck == []
    late.join()
    assert there.kind.there == set()


def test_an_undo_that_may_take_less_than_a_request_still_looks_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is undone by then is not called stuck."""
    there = staging(monkeypatch, there={"r1-a"}, closing=False)
    hold = owing(store, "a", arguments={"every": 1.0})
    late = threading.Timer(0.15, lambda: there.kind.there.add("r1-a"))
    late.start()
    hasty = FAST.model_copy(update={"undo": 0.01})
    work, heartbeat = faulty.settlement(store, hold, there.target, timing=hasty)
    try:
        settled = work.settle(Why("completed", "it is over", SteadyClock().now()), None)
    finally:
        heartbeat.stop()
    late.join()
    assert settled.stuck == []
    assert there.kind.there == set()
    assert state(store) == "settled"


def test_slow_questions_do_not_look_like_a_hanging_loop() -> None:
    def slow(_asked: Asked) -> Reply:
        time.sleep(1.2)
        return Reply(200)

    ticks: list[float] = []
    with serving(slow) as url:
        question = Question.model_validate({"name": "slow", "http": {"url": url, "timeout": "5s"}})
        asked = ask_all([question], Asking(SteadyClock()), lambda: ticks.append(time.monotonic()))
    assert asked[0].answer.met
    assert len(ticks) >= 2
