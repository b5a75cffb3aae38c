"""While a stop is in force nothing is injected and nobody is paged, and all is undone."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from drillmaster.clock import SteadyClock
from drillmaster.engine.books import ledger, stops
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.books.stops import EVERYWHERE, StoppedError
from drillmaster.engine.settling import stopping
from drillmaster.engine.settling.settlement import Why
from drillmaster.errors import ExitCode, InvalidError
from drillmaster.faults.base import Injected
from drillmaster.timeline import log
from drillmaster.timeline.events import PageSent
from drillmaster.timeline.store import Store
from tests.support import faulty
from tests.support.faulty import Staging, machine_of, owing, staging
from tests.support.hands import fresh_store
from tests.support.ledger import failures, opened
from tests.support.postgres import Postgres, postgres
from tests.support.supervised import Supervised, supervised

__all__ = ["postgres"]

CLOCK = SteadyClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind."""
    if request.param == "sqlite":
        store = fresh_store(tmp_path)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        store = Store.open(make_url(server.scratch_url()))
    yield store
    store.close()


def stop(store: Store, environment: str = EVERYWHERE, why: str = "a release") -> None:
    stopping.begin(store, environment, why, "ana", CLOCK)


def resume(store: Store, environment: str = EVERYWHERE) -> bool:
    with store.write() as connection:
        return stops.lift(connection, environment)


def intend(store: Store, hold: Hold, name: str) -> None:
    with store.write() as connection:
        ledger.intend(connection, hold, name, kind="fault", undo={"name": name}, now=time.time())


@pytest.mark.parametrize("where", ["sandbox", EVERYWHERE])
def test_nothing_is_intended_while_a_stop_is_in_force(either: Store, where: str) -> None:
    hold = opened(either)
    stop(either, where)
    with pytest.raises(StoppedError, match=r"ana stopped .*: a release; `drillmaster resume"):
        intend(either, hold, "f")
    with pytest.raises(StoppedError), either.write() as connection:
        ledger.may_inject(connection, hold, time.time())
    with either.read() as connection:
        assert ledger.owed(connection, hold.run) == []
    assert resume(either, where)
    intend(either, hold, "f")


def test_a_stop_of_another_environment_hinders_nothing(either: Store) -> None:
    hold = opened(either)
    stop(either, "elsewhere")
    intend(either, hold, "f")
    assert not resume(either), "the stop of everything is another one"
    assert resume(either, "elsewhere")


def test_a_run_that_is_lost_is_told_so_where_no_stop_is(either: Store) -> None:
    hold = opened(either)
    with pytest.raises(log.LostError):
        intend(either, Hold(hold.run, 7), "f")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    return staging(monkeypatch)


def test_no_round_follows_a_stop(store: Store, there: Staging) -> None:
    """The runner does not wait until its supervisor has seen it."""
    machine, inject, rounds = (
        machine_of(store, there.target, "f", every=0.01),
        there.kind.inject,
        [],
    )

    def thrice(fault: Any, target: Any, round_: int) -> Injected:
        rounds.append(round_)
        if round_ == 3:
            stop(store)
        return inject(fault, target, round_)

    there.kind.inject = thrice  # type: ignore[method-assign]
    with pytest.raises(StoppedError):
        machine.inject("f")
    assert rounds == [1, 2, 3]
    (told,) = failures(store)
    assert told.startswith("ana stopped everything at ")


def test_a_stop_hinders_no_settlement(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    there = staging(monkeypatch, there={"r1-a"})
    hold = owing(store, "a")
    stop(store)
    work, heartbeat = faulty.settlement(store, hold, there.target)
    try:
        settled = work.settle(Why("aborted", "it is stopped", CLOCK.now()), None)
    finally:
        heartbeat.stop()
    assert settled.stuck == []
    assert not there.kind.there


@pytest.fixture
def drill(store: Store) -> Iterator[Supervised]:
    yield from supervised(store)


def test_a_stop_between_the_guard_and_the_page_pages_nobody(
    drill: Supervised, store: Store
) -> None:
    drill.drill |= {"limits": {"duration": "20s"}}
    effect = drill.there.kind.effect

    def stopped_before_it_is_seen(*of: Any) -> str | None:
        stop(store)
        return effect(*of)

    drill.patch.setattr(drill.there.kind, "effect", stopped_before_it_is_seen)
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.ABORTED
    assert "ana stopped everything at " in outcome.reason
    told = [record.event for record in log.read(store, outcome.run)]
    assert not any(isinstance(event, PageSent) for event in told)
    assert not drill.there.kind.there


def test_a_mark_at_the_target_ends_a_drill(drill: Supervised) -> None:
    drill.drill |= {"limits": {"duration": "20s"}}
    effect = drill.there.kind.effect

    def marked(*of: Any) -> str | None:
        drill.there.target.stop = "caro stopped it: customers are looking"
        return effect(*of)

    drill.patch.setattr(drill.there.kind, "effect", marked)
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.ABORTED
    assert outcome.reason == (
        "the target bears a stop mark: caro stopped it: customers are looking"
    )
    assert not drill.there.kind.there


def test_a_drill_without_a_fault_is_stopped_too(drill: Supervised, store: Store) -> None:
    drill.drill |= {"faults": [], "limits": {"duration": "20s"}}
    timer = threading.Timer(1.0, stop, [store])
    timer.start()
    outcome = drill.run()
    timer.join()
    assert outcome.exit_code == ExitCode.ABORTED
    assert "ana stopped everything at " in outcome.reason


def said(store: Store, environment: str = EVERYWHERE) -> tuple[list[str], list[str]]:
    told: list[str] = []
    return stopping.see_settled(store, environment, CLOCK, told.append), told


def test_waiting_for_nothing_is_quick(store: Store) -> None:
    assert said(store) == ([], [])


def test_what_cannot_be_undone_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    there = staging(monkeypatch, there={"r1-a"})
    hold = owing(store, "a")
    there.target.unplug()

    def refuse(_fault: Any) -> None:
        raise there.target.fails or AssertionError

    there.kind.misbehave = refuse
    with store.write() as connection:
        ledger.close(connection, hold, "stuck", "aborted", time.time())
    left, told = said(store)
    assert left == ["run r1 on sandbox: fault a: the target does not answer"]
    assert told[0] == "Run r1 on sandbox is stuck."
    assert said(store, "elsewhere") == ([], []), "another environment's is not waited for"
    there.kind.misbehave = lambda _fault: None
    assert said(store)[0] == []
    assert not there.kind.there


def test_a_run_that_does_not_settle_is_waited_for_no_longer_than_it_may_take(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "_MARGIN", 0.1)
    monkeypatch.setattr(stopping, "_patience", lambda _row: 0.5)
    opened(store)  # its owner is this process, which lives, and does nothing
    left, told = said(store)
    assert left == ["run r1 on sandbox: it is not settled in time"]
    assert told == ["Run r1 on sandbox is told to end."]


def test_a_slip_in_a_name_is_told(store: Store, tmp_path: Path) -> None:
    opened(store, environment="staging-eu")
    assert stopping.named(store, "staging-eu") == "staging-eu"
    with pytest.raises(InvalidError, match="did you mean 'staging-eu'"):
        stopping.named(store, "staging-ue")
