"""No fault comes in late: whatever was on its way when all died, or slept meanwhile."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from drillmaster.clock import Anchor
from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.drill.children import Runner
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.engine.settling import reaper
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.faults import registry as faults
from drillmaster.process import ProcessIdentity
from drillmaster.targets import registry as targets
from drillmaster.timeline import log
from drillmaster.timeline.events import FaultUndone
from drillmaster.timeline.store import Store
from tests.support import forgetful
from tests.support.definitions import REPOSITORY
from tests.support.drills import eventually
from tests.support.forgetful import FAULT, KIND, Late, Server, planned_late
from tests.support.ledger import new_run

REQUEST = 0.8
"""Seconds that a request to the target may take."""

TIMES = [3, pytest.param(15, marks=pytest.mark.soak)]

IN_RUNNER = """\
import os, signal, time
if "DRILLMASTER_RUN" in os.environ:
    from tests.support import forgetful
    forgetful.register()
    STOP = os.environ.get("TEST_STOP")
    if STOP:
        from drillmaster.engine.machine.machine import Machine
        played = getattr(Machine, STOP)
        def stop(machine, *of):
            done = played(machine, *of)
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(0.2)  # another thread may have taken the signal
            return done
        setattr(Machine, STOP, stop)
"""
"""What a runner's Python runs first: it knows the target, and may stop itself somewhere."""


@dataclass
class Playing:
    """A real runner that plays a fault on a real target; its supervisor is dead."""

    store: Store
    server: Server
    runner: Runner
    run: str

    def kill(self) -> None:
        """End the runner and all of its group, at once."""
        os.killpg(self.runner.identity.pid, signal.SIGKILL)

    def settle(self) -> list[str]:
        """What the next command does; what is stuck."""
        ((run, settled),) = reaper.reap(self.store)
        assert run == self.run
        return settled.stuck

    def row(self) -> Any:
        with self.store.read() as connection:
            return ledger.find(connection, self.run)

    def owed(self) -> dict[str, str]:
        with self.store.read() as connection:
            return {one.obligation: one.state for one in ledger.owed(connection, self.run)}

    def asks(self, server: Server) -> bool:
        """Whether its request has arrived. One that has died says why instead."""
        assert not self.runner.ended(), (self.runner.complaint(), self.owed(), self.told())
        return bool(server.heard)

    def told(self) -> list[Any]:
        """What it wrote down, and nobody has taken yet."""
        with self.store.write() as connection:
            return log.drain(connection, self.run)

    def stopped(self) -> bool:
        return psutil.Process(self.runner.identity.pid).status() == psutil.STATUS_STOPPED


@pytest.fixture(autouse=True)
def in_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(IN_RUNNER)
    paths = [str(tmp_path), str(REPOSITORY), str(REPOSITORY / "src")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setitem(targets.KINDS, KIND, forgetful.ForgetfulTarget)
    monkeypatch.setitem(faults.KINDS, (FAULT, KIND), Late())


@contextmanager
def playing(
    store: Store, server: Server, monkeypatch: pytest.MonkeyPatch, run: str = "", **fault: Any
) -> Iterator[Playing]:
    run = run or f"late-{uuid4().hex[:8]}"  # processes are known by their run, in all tests
    timing = Timing.model_validate({"request": f"{REQUEST * 1000:.0f}ms", "undo": "10s"})
    plan = SettlementPlan(target=server.address, timing=timing)
    runner = Runner(run)
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    new = new_run(run, run, lease=120.0)
    with monkeypatch.context() as patch, store.write() as connection:
        patch.setattr(ProcessIdentity, "mine", lambda: dead)
        hold = ledger.open_run(connection, new, datetime.now(UTC))
        ledger.set_settlement(connection, hold, plan.model_dump(mode="json", exclude_none=True))
        ledger.set_runner(connection, hold, runner.identity)
    order = RunnerOrder(
        title="late",
        run=run,
        fence=hold.fence,
        database=store.secret_url(),
        anchor=Anchor.here(),
        target=dict(server.address),
        faults=[PlannedFault.model_validate(planned_late(run, **fault))],
        pods=1.0,
        request=REQUEST,
    )
    runner.go(order)
    try:
        yield Playing(store, server, runner, run)
    finally:
        if not runner.ended():
            os.killpg(runner.identity.pid, signal.SIGKILL)
        runner.close()


def within_a_request() -> Callable[[], float]:
    luck = random.Random(4)
    return lambda: luck.uniform(0.1, 0.9) * REQUEST


def on_its_way(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[Playing], None],
    times: int,
    late: Callable[[], float],
) -> int:
    """End a runner while its request is on its way, again and again; how often the fault was
    in when all was over."""
    left = 0
    for _ in range(times):
        with (
            forgetful.forgetful(late) as server,
            playing(store, server, monkeypatch) as drill,
        ):
            eventually(lambda: drill.asks(server), 60, "the request is on its way", every=0.002)
            end(drill)
            assert drill.settle() == []
            assert drill.row().state == "settled"
            eventually(lambda: server.applied, 10, "it was applied", every=0.002)
            left += bool(server.there)
    return left


@pytest.mark.parametrize("times", TIMES)
def test_what_was_on_its_way_when_the_runner_was_killed(
    store: Store, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    assert on_its_way(store, monkeypatch, Playing.kill, times, within_a_request()) == 0


@pytest.mark.soak  # it takes 14 s, and shows of the tests above alone that they can fail
@pytest.mark.parametrize("times", TIMES)
def test_without_looking_again_it_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """What the test above would see: here the target says that it refuses what comes late."""
    monkeypatch.setattr(Late, "closes_door", lambda _: True)
    assert on_its_way(store, monkeypatch, Playing.kill, times, lambda: 4.0) == times


@pytest.mark.parametrize("times", TIMES)
def test_what_was_on_its_way_when_the_runner_rolled_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """The ledger says that it is undone, by the runner, when it is applied."""
    states: set[str] = set()

    def stop_then_kill(drill: Playing) -> None:
        drill.runner.stop()
        soon = time.monotonic() + 0.4
        while time.monotonic() < soon and "undone" not in drill.owed().values():
            time.sleep(0.005)
        states.update(drill.owed().values())
        drill.kill()

    late = within_a_request()
    assert on_its_way(store, monkeypatch, stop_then_kill, times, late) == 0
    assert states <= {"intent", "injected", "undone"}


def test_a_later_round_on_its_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call returned, and the ledger says so."""
    times = iter([0.0, 0.6 * REQUEST])
    with (
        forgetful.forgetful(lambda: next(times, 0.0)) as server,
        playing(store, server, monkeypatch, every=0.2) as drill,
    ):
        eventually(lambda: len(server.heard) == 2, 30, "the second round is on its way")
        drill.kill()
        assert drill.settle() == []
        eventually(lambda: len(server.applied) == 2, 5, "it was applied")
        assert server.there == set()
    told = [record.event for record in log.read(store, drill.run)]
    assert any(isinstance(event, FaultUndone) for event in told)


def asleep(drill: Playing) -> None:
    """Let nobody who settles reach the runner: it is on a machine that was suspended."""
    elsewhere = drill.runner.identity.model_copy(update={"boot": "another"})
    with drill.store.write() as connection:
        held = ledger.Hold(drill.run, drill.row().fence)
        ledger.set_runner(connection, held, elsewhere)


def test_a_runner_that_wakes_up_after_the_settlement_sends_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was suspended before its turn, and asks the fence first."""
    monkeypatch.setenv("TEST_STOP", "_turn")
    with (
        forgetful.forgetful(lambda: 0.0) as server,
        playing(store, server, monkeypatch) as drill,
    ):
        eventually(drill.stopped, 30, "it sleeps")
        asleep(drill)
        assert drill.settle() == []
        os.kill(drill.runner.identity.pid, signal.SIGCONT)
        time.sleep(0.5)  # whatever it wants to do, it does now
        drill.runner.stop()
        eventually(drill.runner.ended, 10, "it is gone")
        assert server.heard == []
        assert drill.owed() == {}


def test_a_runner_that_wakes_up_between_two_rounds_sends_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_STOP", "_inject")
    with (
        forgetful.forgetful(lambda: 0.0) as server,
        playing(store, server, monkeypatch, every=0.05) as drill,
    ):
        eventually(drill.stopped, 30, "it sleeps after its first round")
        assert len(server.heard) == 1
        asleep(drill)
        assert drill.settle() == []
        assert server.there == set()
        os.kill(drill.runner.identity.pid, signal.SIGCONT)
        time.sleep(0.5)  # ten rounds, if it played any
        assert len(server.heard) == 1
        assert server.there == set()


def test_a_runner_that_is_stopped_is_killed_before_the_undo(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the fence and its request: it must never go on."""
    monkeypatch.setenv("TEST_STOP", "_intend")
    with (
        forgetful.forgetful(lambda: 0.0) as server,
        playing(store, server, monkeypatch) as drill,
    ):
        eventually(drill.stopped, 30, "it sleeps")
        assert drill.owed() == {f"{drill.run}-late": "intent"}
        assert drill.settle() == []
        assert drill.runner.ended()
        assert server.heard == []
        assert drill.owed() == {f"{drill.run}-late": "undone"}
