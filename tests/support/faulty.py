"""A target in memory with faults that misbehave as a test says, and runs that owe them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drillmaster.clock import Anchor, SteadyClock
from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.machine.machine import Machine
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.engine.settling.settlement import Settlement, SettlementPlan
from drillmaster.faults import registry as faults
from drillmaster.faults.base import Injected, Injection, Known, Radius, Undone
from drillmaster.oncall.base import Provider
from drillmaster.targets import registry as targets
from drillmaster.targets.base import Mark, Target
from drillmaster.timeline.store import Store
from tests.support.ledger import opened
from tests.support.target import MemoryTarget

FAST = Timing.model_validate(
    {
        "lease": "500ms",
        "heartbeat": "100ms",
        "request": "300ms",
        "undo": "800ms",
        "recovery": "500ms",
    }
)
"""Times of a run whose failures are waited for in a test."""


@dataclass
class MemoryFault:
    """Implements `faults.base.FaultKind`: a fault is in when its id is in `there`."""

    there: set[str] = field(default_factory=set)
    closing: bool = True
    """The target refuses a fault that was undone."""
    misbehave: Callable[[Injection], None] = lambda fault: None
    """Called by every undo before it does anything: raises, or hangs."""
    undone: list[str] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    """What the last undo was told of each fault."""
    long: float | None = None
    """How long its undo may take, where that is longer than a lease."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        return Radius(selected=4, ready=4, takes_down=0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        return None

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        self.there.add(fault.id)
        return Injected([fault.name])

    def present(self, fault: Injection, target: Target) -> bool:
        return fault.id in self.there

    def effect(self, fault: Injection, target: Target) -> str | None:
        return "seen" if fault.id in self.there else None

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        self.known[fault.name] = known
        self.misbehave(fault)
        was_present = fault.id in self.there
        self.there.discard(fault.id)
        self.undone.append(fault.name)
        return Undone(was_present)

    def doubt(self, mark: Mark) -> str | None:
        return None

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        return {}

    def closes_door(self) -> bool:
        return self.closing

    def reenters(self) -> bool:
        return True

    def patience(self, fault: Injection) -> float | None:
        return self.long


@dataclass
class Staging:
    """A memory target that is registered, and its one kind of fault."""

    target: MemoryTarget
    kind: MemoryFault


def staging(monkeypatch: pytest.MonkeyPatch, **of_kind: Any) -> Staging:
    """Register a memory target with one kind of fault, `broken`, until the test is over."""
    made = Staging(MemoryTarget(), MemoryFault(**of_kind))
    monkeypatch.setitem(targets.KINDS, "memory", lambda _address, _timeout: made.target)
    monkeypatch.setitem(faults.KINDS, ("broken", "memory"), made.kind)
    return made


def owing(
    store: Store,
    *names: str,
    timing: Timing = FAST,
    provider: dict[str, Any] | None = None,
    run: str = "r1",
    environment: str = "sandbox",
    arguments: dict[str, Any] | None = None,
) -> Hold:
    """An open run on the memory target that owes faults; their calls have returned."""
    hold = opened(store, run, environment)
    plan = SettlementPlan(target={"kind": "memory"}, timing=timing, provider=provider)
    now = SteadyClock().now().timestamp()
    with store.write() as connection:
        ledger.set_settlement(connection, hold, plan.model_dump(mode="json", exclude_none=True))
        for name in names:
            injection = injected(run, name, arguments)
            ledger.intend(
                connection,
                hold,
                injection.id,
                kind="fault",
                undo=injection.model_dump(mode="json"),
                now=now,
            )
            ledger.injected(connection, hold, injection.id, now)
    return hold


def injected(run: str, name: str, arguments: dict[str, Any] | None = None) -> Injection:
    """A fault as the ledger has it."""
    return Injection(
        id=f"{run}-{name}", run=run, name=name, kind="broken", arguments=arguments or {}, expires=0
    )


def machine_of(
    store: Store,
    target: Target,
    *names: str,
    every: float | None = None,
    lasts: float | None = None,
    pods: float = 0.5,
    arguments: dict[str, Any] | None = None,
) -> Machine:
    """The machine side of a new run `r1`, with faults that nobody has injected yet."""
    opened(store)
    order = RunnerOrder(
        title="t",
        run="r1",
        fence=1,
        database="",
        anchor=Anchor.here(),
        target={"kind": "memory"},
        faults=[
            PlannedFault(
                injection=injected("r1", name, arguments), after=None, every=every, lasts=lasts
            )
            for name in names
        ],
        pods=pods,
        request=1.0,
    )
    return Machine(order, store, target, SteadyClock(order.anchor))


def settlement(
    store: Store,
    hold: Hold,
    target: Target | None,
    *,
    provider: Provider | None = None,
    timing: Timing = FAST,
) -> tuple[Settlement, Heartbeat]:
    """A settlement as the supervisor does it, and its heartbeat, which the test stops."""
    clock = SteadyClock()
    heartbeat = Heartbeat(store, hold, clock, timing)
    plan = SettlementPlan(target={"kind": "memory"}, timing=timing)
    recorder = Recorder(store, hold, clock, "supervisor")
    return Settlement(recorder, plan, heartbeat, target=target, provider=provider), heartbeat


def hang(_fault: Injection) -> None:
    """Never come back, as far as a test can tell."""
    threading.Event().wait(60)
