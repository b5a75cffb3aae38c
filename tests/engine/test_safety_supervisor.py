"""The supervisor undoes and tells the truth, whatever fails around it."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psutil
import pytest

from drillmaster.engine.books import ledger
from drillmaster.engine.drill import children, endings, supervisor
from drillmaster.engine.drill.children import Watchdog
from drillmaster.engine.drill.conductor import Conductor
from drillmaster.engine.drill.signals import Signals
from drillmaster.engine.drill.workers import Failed, Workers
from drillmaster.engine.settling import reaper
from drillmaster.engine.settling.settlement import Settlement
from drillmaster.errors import ExitCode, RefusedError
from drillmaster.faults.base import Injection
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.targets.base import GoneError
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import PageSent, UndoOrdered
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store, StoreError
from tests.support.drills import eventually
from tests.support.supervised import Supervised, supervised

SECRET = "hunter2"

LEASE = 1.5  # seconds, as the drill of `supervised` has it


@pytest.fixture
def drill(store: Store) -> Iterator[Supervised]:
    yield from supervised(store)


def row_of(store: Store) -> Any:
    with store.read() as connection:
        (found,) = connection.exec_driver_sql("SELECT * FROM runs").all()
    return found


def pages(store: Store) -> list[PageSent]:
    told = [record.event for record in verify(log.read(store, row_of(store).run))]
    return [event for event in told if isinstance(event, PageSent)]


def test_a_drill_comes_to_its_end(drill: Supervised, store: Store) -> None:
    outcome = drill.run()
    assert (outcome.ended, list(outcome.stuck)) == ("aborted", [])
    assert outcome.reason == "its longest duration, 0.5 s, is over"
    assert drill.there.kind.undone
    assert not drill.there.kind.there
    assert len(pages(store)) == 1


class Refusing:
    """Makes every write of a store fail for a while, from the first look for an effect on."""

    def __init__(self, drill: Supervised, seconds: float) -> None:
        self._write = Store.write
        self._effect = drill.there.kind.effect
        self._until = 0.0
        self._seconds = seconds
        drill.patch.setattr(Store, "write", lambda store: self._begin(store))  # noqa: PLW0108
        drill.patch.setattr(drill.there.kind, "effect", self._look)

    def _look(self, *of: Any) -> str | None:
        self._until = self._until or time.monotonic() + self._seconds
        return self._effect(*of)

    def _begin(self, store: Store) -> Any:
        if time.monotonic() < self._until:
            raise StoreError("the store cannot be written: disk is full")
        return self._write(store)


def test_a_store_that_fails_for_a_while_is_waited_for(drill: Supervised, store: Store) -> None:
    Refusing(drill, 0.4)
    outcome = drill.run()
    assert (outcome.exit_code, list(outcome.stuck)) == (ExitCode.ABORTED, [])
    # Whoever writes first tells of it: the loop, or the heartbeat beside it.
    assert "disk is full" in outcome.reason or "lease could not be renewed" in outcome.reason
    assert not drill.there.kind.there
    assert row_of(store).state == "settled"
    assert verify(log.read(store, row_of(store).run))


def test_a_store_that_stays_broken_keeps_no_fault_in(drill: Supervised, store: Store) -> None:
    """Nothing can be recorded any more, but what is in can be taken back, and is."""
    Refusing(drill, 3600)
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.STUCK
    assert list(outcome.stuck) == [
        "the run could not be closed: the store cannot be written: disk is full"
    ]
    assert not drill.there.kind.there
    assert row_of(store).state == "open", "the next command settles it"


def test_what_is_seen_last_keeps_no_fault_in(drill: Supervised, store: Store) -> None:
    def fail(_conductor: Conductor) -> None:
        raise ZeroDivisionError

    drill.patch.setattr(Conductor, "finish", fail)
    assert drill.run().exit_code == ExitCode.ABORTED
    assert not drill.there.kind.there
    assert row_of(store).state == "settled"


def test_nobody_is_paged_once_the_undo_is_ordered(drill: Supervised, store: Store) -> None:
    """The effect that would have paged is seen when the drill is over already."""
    drill.drill["limits"] = {"duration": "300ms"}
    effect = drill.there.kind.effect
    finish = Conductor.finish

    def late_effect(*of: Any) -> str | None:
        time.sleep(0.5)
        return effect(*of)

    def wait_for_it(conductor: Conductor) -> None:
        time.sleep(0.5)
        finish(conductor)

    drill.patch.setattr(drill.there.kind, "effect", late_effect)
    drill.patch.setattr(Conductor, "finish", wait_for_it)
    drill.run()
    assert pages(store) == []


def test_what_hangs_before_the_loop_begins_costs_one_lease(drill: Supervised, store: Store) -> None:
    drill.drill["escalation"] = {"summary": "it is slow", "page": "immediately"}
    go_on = threading.Event()
    opened = EmbeddedProvider.open

    def hang(provider: EmbeddedProvider, incident: Any) -> None:
        go_on.wait(60)
        opened(provider, incident)

    drill.patch.setattr(EmbeddedProvider, "open", hang)
    seen: list[bool] = []

    def look() -> None:
        try:
            eventually(lambda: drill.there.kind.there, 30, "a fault is in")
            eventually(lambda: row_of(store).lease_until < time.time(), 20, "the lease runs out")
            seen.append(True)
        finally:
            go_on.set()

    looking = threading.Thread(target=look)
    looking.start()
    drill.run()
    looking.join()
    assert seen


@pytest.mark.parametrize(("stuck", "code"), [([], ExitCode.ABORTED), (["x"], ExitCode.STUCK)])
def test_a_run_that_was_taken_over_ends_as_the_other_says(
    drill: Supervised, store: Store, stuck: list[str], code: ExitCode
) -> None:
    drill.drill["limits"] = {"duration": "30s"}

    def misbehave(_fault: Injection) -> None:
        if stuck:
            raise ZeroDivisionError

    drill.there.kind.misbehave = misbehave

    def take_over() -> None:
        eventually(lambda: drill.there.kind.there, 30, "a fault is in")
        with store.read() as connection:
            (row,) = ledger.unsettled(connection)
        reaper.settle_run(store, row, "watchdog", "the supervisor does not move any more")

    other = threading.Thread(target=take_over)
    other.start()
    outcome = drill.run()
    other.join()
    assert outcome.exit_code == code
    assert outcome.ended == "aborted"
    assert "another process settled it" in outcome.reason


def test_a_runner_that_died_early_is_a_refusal(
    drill: Supervised, caplog: pytest.LogCaptureFixture
) -> None:
    drill.runner.dead = True
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.REFUSED
    assert outcome.reason == "the runner did not start: killed"
    assert caplog.records == []


def test_a_watchdog_that_died_early_is_a_refusal(drill: Supervised) -> None:
    drill.watchdog.lives = False
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.REFUSED
    assert not drill.there.kind.undone


def test_a_watchdog_that_does_not_start_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    watchdog = Watchdog()
    try:
        with pytest.raises(RefusedError):
            watchdog.watch("sqlite://", "r1")
    finally:
        watchdog.close()
        watchdog._process.wait()


def test_who_interrupts_a_drill_without_a_fault_pages_nobody(
    drill: Supervised, store: Store
) -> None:
    drill.drill["faults"] = []

    def press(*_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return {"kind": "memory"}

    drill.patch.setattr(supervisor, "bring_up", press)
    assert drill.run().exit_code == ExitCode.INTERRUPTED
    assert pages(store) == []


def test_a_bug_tells_no_secret_and_keeps_no_fault_in(
    drill: Supervised, caplog: pytest.LogCaptureFixture, store: Store
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError(f"401 for https://pager.example/?token={SECRET}")

    drill.patch.setattr(EmbeddedProvider, "open", fail)
    outcome = drill.run()
    assert outcome.exit_code == ExitCode.ABORTED
    assert outcome.reason == "internal error: RuntimeError"
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text + "".join(r.line() for r in log.read(store, outcome.run))
    assert not drill.there.kind.there


def failed(error: Exception) -> str:
    workers = Workers()

    def work(*_: Any) -> None:
        raise error

    workers.start("a worker", work)
    (message,) = workers.told(5.0)
    assert isinstance(message, Failed)
    return message.reason


def test_an_expected_failure_of_a_worker_is_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    assert failed(GoneError("the sandbox is gone")) == "the sandbox is gone"
    assert caplog.records == []


def test_a_bug_of_a_worker_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert failed(RuntimeError(SECRET)) == "internal error: RuntimeError"
    assert SECRET not in caplog.text


def test_workers_that_hang_are_waited_for_once() -> None:
    workers, hang = Workers(), threading.Event()

    def work(*_: Any) -> None:
        hang.wait(30)

    for number in range(4):
        workers.start(f"worker {number}", work)
    began = time.monotonic()
    workers.join(0.2)
    hang.set()
    assert time.monotonic() - began < 0.7


def test_a_drill_whose_runner_died_is_never_completed() -> None:
    places = [endings.ENDINGS.index(one) for one in (endings.runner_ended, endings.completed)]
    assert places == sorted(places)


def test_a_bug_in_a_settlement_keeps_no_fault_in(
    drill: Supervised, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError(SECRET)

    drill.patch.setattr(Settlement, "settle", fail)
    outcome = drill.run()
    assert list(outcome.stuck) == ["the run could not be closed: internal error: ZeroDivisionError"]
    assert not drill.there.kind.there
    assert SECRET not in caplog.text


def test_a_runner_that_was_stopped_ends_the_drill(drill: Supervised) -> None:
    drill.drill["limits"] = {"duration": "30s"}
    effect = drill.there.kind.effect

    def stop(*of: Any) -> str | None:
        drill.runner.process.send_signal(signal.SIGSTOP)
        return effect(*of)

    drill.patch.setattr(drill.there.kind, "effect", stop)
    outcome = drill.run()
    assert (outcome.ended, outcome.reason) == (
        "aborted",
        "the runner was stopped, and plays nothing",
    )
    assert not drill.there.kind.there


@pytest.mark.parametrize(
    "place",
    [
        "ask_before",
        "connect",
        "provider_for",
        "start_responders",
        "planned_faults",
        "ask_at_target",
    ],
)
@pytest.mark.parametrize("error", [GoneError("it is gone"), ZeroDivisionError(SECRET)])
def test_what_fails_before_the_first_fault_is_a_refusal(
    drill: Supervised, store: Store, place: str, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    drill.patch.setattr(supervisor, place, fail)
    outcome = drill.run()
    assert (outcome.exit_code, list(outcome.stuck)) == (ExitCode.REFUSED, [])
    assert SECRET not in outcome.reason
    assert not drill.there.kind.undone
    assert row_of(store).state == "settled"
    assert verify(log.read(store, row_of(store).run))


def test_a_drill_without_a_fault_that_fails_is_no_refusal(drill: Supervised, store: Store) -> None:
    """Somebody may have been paged by then."""

    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError(SECRET)

    drill.drill["faults"] = []
    drill.patch.setattr(endings, "over", fail)
    outcome = drill.run()
    assert (outcome.ended, outcome.exit_code) == ("aborted", ExitCode.ABORTED)
    assert row_of(store).state == "settled"


def test_a_watchdog_that_is_stopped_falls_silent(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    mark = uuid4().hex
    monkeypatch.setenv(f"TEST_{mark}", mark)
    watchdog = Watchdog()
    monkeypatch.delenv(f"TEST_{mark}")
    try:
        watchdog.watch(store.secret_url(), "r1")
        monkeypatch.setattr(children, "_SILENCE", 3.0)
        until = time.monotonic() + 4.5
        while time.monotonic() < until:
            assert watchdog.alive()
            time.sleep(0.1)
        (pid,) = [one.pid for one in psutil.process_iter() if mark in environment_of(one)]
        os.kill(pid, signal.SIGSTOP)
        eventually(lambda: not watchdog.alive(), 6, "it is silent")
    finally:
        watchdog.close()
        for one in psutil.process_iter():
            if mark in environment_of(one):
                one.resume()  # it sees the end of the line, and leaves


def environment_of(process: psutil.Process) -> set[str]:
    try:
        return set(process.environ().values())
    except psutil.Error:
        return set()


def test_a_lease_that_lapsed_for_a_moment_is_no_lost_run(drill: Supervised, store: Store) -> None:
    """Nobody else took the run, so that nobody else would settle it."""
    intend = ledger.intend

    def lapse(*of: Any, kind: Any, **how: Any) -> None:
        if kind == "incident":
            raise LostError("the run may not inject any more")
        intend(*of, kind=kind, **how)

    drill.patch.setattr(ledger, "intend", lapse)
    outcome = drill.run()
    assert (outcome.exit_code, list(outcome.stuck)) == (ExitCode.ABORTED, [])
    assert "may not inject any more" in outcome.reason
    assert row_of(store).state == "settled"
    assert not drill.there.kind.there


def test_a_drill_that_stood_still_is_never_completed(drill: Supervised, store: Store) -> None:
    """As when its whole machine is frozen: the watchdog was, too, and nobody took it over."""
    drill.drill |= {"targets": {"secondary_response": "100ms"}, "limits": {"duration": "30s"}}
    read = EmbeddedProvider.read
    frozen: list[float] = []

    def freeze(provider: EmbeddedProvider, incident: str, after: int) -> Any:
        if not frozen:
            frozen.append(time.monotonic())
            time.sleep(1.2 * LEASE)  # that it stands still for so long is what is tried
        return read(provider, incident, after)

    drill.patch.setattr(EmbeddedProvider, "read", freeze)
    outcome = drill.run()
    assert (outcome.ended, outcome.reason) == (
        "aborted",
        "it did not move for longer than its lease",
    )
    told = [record.event for record in verify(log.read(store, row_of(store).run))]
    (order,) = [event for event in told if isinstance(event, UndoOrdered)]
    assert order.unwatched > LEASE
    assert not drill.there.kind.there


def test_a_signal_right_before_the_drill_ends_it(drill: Supervised, store: Store) -> None:
    """Whoever runs the drill notes signals around it, for the reports."""
    with Signals():
        os.kill(os.getpid(), signal.SIGTERM)
        outcome = drill.run()
    assert (outcome.exit_code, outcome.reason) == (ExitCode.INTERRUPTED, "SIGTERM was received")
    assert not drill.there.kind.undone
