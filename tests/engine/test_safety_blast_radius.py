"""Faults that take pods down never take more together than the limit, in any round."""

import contextlib
import threading
from dataclasses import dataclass, field

import pytest

from drillmaster.engine.machine.machine import Machine
from drillmaster.errors import DrillmasterError
from drillmaster.faults import registry
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.targets.base import Target
from drillmaster.timeline.store import Store
from tests.support.faulty import MemoryFault, machine_of, staging
from tests.support.sandbox import eventually

SCOPE = {"namespace": "shop", "selector": "app=checkout"}


@dataclass
class Churn(MemoryFault):
    """Four pods. Whoever counts them waits a moment for another who counts them as well."""

    down: int = 0
    most: int = 0
    _meet: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))
    _change: threading.Lock = field(default_factory=threading.Lock)

    def radius(self, fault: Injection, target: Target) -> Radius:
        counted = Radius(selected=4, ready=4 - self.down, takes_down=1)
        with contextlib.suppress(threading.BrokenBarrierError):
            self._meet.wait(0.2)
            self._meet.reset()
        return counted

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        with self._change:
            self.down += 1
            self.most = max(self.most, self.down)
        return super().inject(fault, target, round_)

    def recover_one(self) -> None:
        with self._change:
            self.down = max(0, self.down - 1)


@pytest.fixture
def churn() -> Churn:
    return Churn()


def churning(
    store: Store, churn: Churn, monkeypatch: pytest.MonkeyPatch, pods: float, every: float | None
) -> Machine:
    there = staging(monkeypatch)
    monkeypatch.setitem(registry.KINDS, ("broken", "memory"), churn)
    return machine_of(store, there.target, "one", "two", every=every, pods=pods, arguments=SCOPE)


def play(machine: Machine, failures: list[str]) -> list[threading.Thread]:
    def run(name: str) -> None:
        try:
            machine.inject(name)
        except DrillmasterError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=run, args=[name], daemon=True) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    return threads


def test_two_who_count_at_the_same_instant(
    store: Store, churn: Churn, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = churning(store, churn, monkeypatch, pods=0.25, every=60.0)
    failures: list[str] = []
    threads = play(machine, failures)
    for _ in range(100):
        if churn.down and failures:
            break
        threads[0].join(0.1)
    machine.stopped.set()
    for thread in threads:
        thread.join(10)
    assert churn.most == 1
    assert failures == ["the blast radius is larger than the limit by now"]


def test_round_after_round(store: Store, churn: Churn, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = churning(store, churn, monkeypatch, pods=0.5, every=0.01)
    failures: list[str] = []
    threads = play(machine, failures)
    for _ in range(8):
        threads[0].join(0.25)
        churn.recover_one()
    machine.stopped.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
    assert churn.most == 2, "both play, and the limit is reached and kept"


class Drain(MemoryFault):
    """Takes one of two pods of a workload down, beside a large one that loses nothing."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        small, large = Radius(2, 2, takes_down=1), Radius(20, 20, takes_down=0)
        return Radius(22, 22, takes_down=1, parts={"small": small, "large": large})


@pytest.mark.parametrize(("pods", "fits"), [(0.4, False), (0.5, True)])
def test_a_fault_on_several_workloads_fits_each_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, pods: float, fits: bool
) -> None:
    there, drain = staging(monkeypatch), Drain()
    monkeypatch.setitem(registry.KINDS, ("broken", "memory"), drain)
    machine = machine_of(store, there.target, "one", "two", pods=pods, arguments=SCOPE)
    failures: list[str] = []
    threads = play(machine, failures)
    eventually(lambda: len(drain.there) + len(failures) == 2)
    machine.stopped.set()
    for thread in threads:
        thread.join(10)
    assert failures == ([] if fits else ["the blast radius is larger than the limit by now"] * 2)
