"""`status` says of a stuck run what is stuck, and what to do about it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import Question
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.settling import settlement
from drillmaster.engine.settling.reaper import reap
from drillmaster.engine.settling.settlement import Settlement, SettlementPlan, Why
from drillmaster.errors import StuckError
from drillmaster.faults.base import PlayError
from drillmaster.process import ProcessIdentity
from drillmaster.results.listing import StuckLine, status
from drillmaster.timeline.store import Store, sqlite_url
from tests.support.drills import command
from tests.support.drills import status as shown_by_command
from tests.support.faulty import FAST, Staging, owing, staging
from tests.support.ledger import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(sqlite_url(tmp_path / ".drillmaster" / "drillmaster.db"))
    yield store
    store.close()


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    return staging(monkeypatch, there={"r1-a"})


def settle(
    store: Store,
    hold: Hold,
    there: Staging,
    *questions: dict[str, Any],
    runner: ProcessIdentity | None = None,
) -> None:
    clock = SteadyClock()
    plan = SettlementPlan(
        target={"kind": "memory"},
        timing=FAST,
        steady_state=[Question.model_validate(question) for question in questions],
    )
    heartbeat = Heartbeat(store, hold, clock, FAST)
    work = Settlement(
        Recorder(store, hold, clock, "supervisor"),
        plan,
        heartbeat,
        target=there.target,
        provider=None,
    )
    try:
        work.settle(Why("completed", "it is over", clock.now()), runner)
    finally:
        heartbeat.stop()


def stuck(store: Store) -> list[StuckLine]:
    (run,) = status(store).runs
    assert run.state == "stuck"
    return run.stuck


def for_people(folder: Path) -> tuple[str, int]:
    done = command(folder, "status")
    return done.stdout, done.returncode


def test_a_fault_that_stays(store: Store, there: Staging, tmp_path: Path) -> None:
    def refuse(_fault: Any) -> None:
        raise StuckError("the cluster says 403")

    hold = owing(store, "a")
    there.kind.misbehave = refuse
    settle(store, hold, there)
    (line,) = stuck(store)
    assert line.what == "fault a could not be undone: the cluster says 403"
    assert "take the fault back there by hand" in line.do
    shown, code = for_people(tmp_path)
    assert code == 5
    assert line.what in shown
    assert line.do in shown
    assert "`drillmaster reap`" in shown

    there.kind.misbehave = lambda _fault: None
    assert [settled.stuck for _, settled in reap(store)] == [[]]
    assert status(store).runs == []


@pytest.mark.parametrize(
    ("raised", "why"),
    [
        (
            PlayError("mend_it failed: PermissionError: the key is not there"),
            "mend_it failed: PermissionError: the key is not there",
        ),
        (KeyError("x"), "its undo failed: KeyError"),
    ],
)
def test_an_undo_that_fails_by_itself(
    store: Store, there: Staging, tmp_path: Path, raised: Exception, why: str
) -> None:
    """That is no matter of a target that does not answer."""

    def fail(_fault: Any) -> None:
        raise raised

    hold = owing(store, "a")
    there.kind.misbehave = fail
    settle(store, hold, there)
    (line,) = stuck(store)
    assert line.what == f"fault a could not be undone: {why}"
    assert "mend what its undo needs" in line.do
    assert "answers" not in line.do
    shown, code = for_people(tmp_path)
    assert (code, line.do in shown) == (5, True)


def test_a_steady_state_that_does_not_return(store: Store, there: Staging) -> None:
    hold = owing(store, "a")
    settle(
        store,
        hold,
        there,
        {"name": "checkout answers", "command": {"run": ["false"]}},
        {"name": "the queue is short", "command": {"run": ["true"]}},
    )
    (line,) = stuck(store)
    assert line.what == "steady state does not return: checkout answers"
    assert line.do == "put right at the target what this asks for"


def test_an_incident_that_nobody_resolves(store: Store, there: Staging) -> None:
    hold = owing(store)
    with store.write() as connection:
        ledger.intend(connection, hold, "r1-incident", kind="incident", undo={}, now=time.time())
    settle(store, hold, there)
    (line,) = stuck(store)
    assert line.what == "incident r1-incident could not be resolved"
    assert "on-call system" in line.do


def test_a_process_that_does_not_end(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, runner = owing(store, "a"), ProcessIdentity.mine()
    with store.write() as connection:
        ledger.set_runner(connection, hold, runner)

    def immortal(*_: Any, **__: Any) -> str:
        raise StuckError("processes of run r1 do not die: [1]")

    monkeypatch.setattr(settlement, "see_dead", immortal)
    settle(store, hold, there, runner=runner)
    (line,) = stuck(store)
    assert line.what == f"the process {runner.pid} on {runner.host}, which injects, does not end"


def test_only_what_the_last_settlement_found_is_told(store: Store, there: Staging) -> None:
    def refuse(_fault: Any) -> None:
        raise StuckError("the cluster says 403")

    hold = owing(store, "a")
    there.kind.misbehave = refuse
    settle(store, hold, there)
    there.kind.misbehave = lambda _fault: None
    with store.read() as connection:
        row = ledger.find(connection, "r1")
        assert row is not None
    with store.write() as connection:
        again = ledger.claim(connection, row, time.time() + 5)
    settle(store, again, there, {"name": "all is well", "command": {"run": ["false"]}})
    assert [line.what for line in stuck(store)] == ["steady state does not return: all is well"]


def test_a_settlement_that_broke_off_says_so(store: Store) -> None:
    hold = opened(store)
    with store.write() as connection:
        ledger.close(connection, hold, "stuck", "aborted", time.time())
    (line,) = stuck(store)
    assert line.what == "its settlement did not come to an end"


def test_a_run_that_is_under_way_says_how_to_end_it(store: Store, tmp_path: Path) -> None:
    opened(store)
    shown, code = for_people(tmp_path)
    assert code == 0
    assert "`drillmaster stop --environment sandbox`" in shown
    (run,) = shown_by_command(tmp_path)["runs"]
    assert (run["state"], run["stuck"]) == ("open", [])
