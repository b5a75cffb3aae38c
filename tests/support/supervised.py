"""A supervisor in the process of the test: a memory target, a runner without a process, no
watchdog. What is real is the supervisor, the machine, the ledger and the settlement."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.engine.drill import supervisor
from drillmaster.engine.drill.request import RunOutcome, RunRequest
from drillmaster.engine.machine.machine import Machine
from drillmaster.engine.machine.order import RunnerOrder
from drillmaster.faults import registry as faults
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import Address
from drillmaster.timeline.store import Store
from tests.support.faulty import FAST, Staging, staging

DRILL: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "drill",
    "name": "broken",
    "title": "Something is broken",
    "environment": "staging",
    "service": "checkout",
    "steady_state": [{"name": "all is well", "command": {"run": ["true"]}}],
    "faults": [{"throttle": {"namespace": "shop", "selector": "app=checkout", "share": "100%"}}],
    "escalation": {"summary": "checkout refuses every request"},
    "targets": {"secondary_response": "60s"},
    "limits": {"duration": "500ms"},
}

ENVIRONMENT: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "environment",
    "name": "staging",
    "target": {"kind": "sandbox"},
    "oncall": {"provider": "embedded", "policy": [{"page": "secondary", "timeout": "60s"}]},
    "people": {"ben": {"roles": ["secondary"]}},
    "timing": FAST.model_dump(mode="json") | {"lease": "1500ms"},
}


class NoDoors:
    """Implements `engine.request.Doors`: nobody comes in."""

    def links(self, incident: str, person: str) -> dict[str, str]:
        return {}

    def automation(self, incident: str) -> str:
        return ""

    def close(self) -> None:
        pass


@dataclass
class Threaded:
    """Stands for `engine.children.Runner`: plays the order in a thread. Its identity is
    that of a process that does nothing, and may be killed."""

    store: Store
    there: Staging
    dead: bool = False
    """It has died before it was told anything."""
    _stopped: threading.Event | None = None

    def __call__(self, run: str) -> "Threaded":
        self.process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        self.identity = ProcessIdentity.of(self.process.pid)
        if self.dead:
            self.stop()
        return self

    def go(self, order: RunnerOrder) -> None:
        machine = Machine(order, self.store, self.there.target, SteadyClock(order.anchor))
        for fault in order.faults:
            threading.Thread(target=_play, args=[machine, fault.injection.name]).start()
        self._stopped = machine.stopped

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stopped(self) -> bool:
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED

    def complaint(self) -> str:
        return ""

    def stop(self) -> None:
        if self._stopped is not None:
            self._stopped.set()
        self.process.kill()  # it rolls nothing back: the settlement must
        self.process.wait()

    def close(self) -> None:
        self.stop()


def _play(machine: Machine, fault: str) -> None:
    with contextlib.suppress(Exception):  # a runner that fails has told so, if it could
        machine.inject(fault)


@dataclass
class Quiet:
    """Stands for `engine.children.Watchdog`."""

    lives: bool = True

    def watch(self, database: str, run: str) -> None:
        pass

    def hold(self, address: Address) -> None:
        pass

    def alive(self) -> bool:
        return self.lives

    def close(self) -> None:
        pass


@dataclass
class Supervised:
    """Runs one drill."""

    store: Store
    there: Staging
    patch: pytest.MonkeyPatch
    drill: dict[str, Any] = field(default_factory=lambda: dict(DRILL))
    watchdog: Quiet = field(default_factory=Quiet)

    def __post_init__(self) -> None:
        self.runner = Threaded(self.store, self.there)
        self.patch.setitem(faults.KINDS, ("throttle", "memory"), self.there.kind)
        self.patch.setattr(supervisor, "bring_up", lambda *_: {"kind": "memory"})
        self.patch.setattr(supervisor, "Watchdog", lambda: self.watchdog)
        self.patch.setattr(supervisor, "Runner", self.runner)

    def run(self) -> RunOutcome:
        bundle = Bundle(
            drill=Drill.model_validate(self.drill),
            environment=Environment.model_validate(ENVIRONMENT),
            access=None,
            runbook=None,
            root=Path(),
        )
        request = RunRequest(bundle=bundle, store=self.store, open_doors=lambda *_: NoDoors())
        return supervisor.run_drill(request)


def supervised(store: Store) -> Iterator[Supervised]:
    """A supervisor that runs in this process, until the test is over."""
    with pytest.MonkeyPatch.context() as patch:
        yield Supervised(store, staging(patch), patch)
