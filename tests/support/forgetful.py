"""A target that applies faults late and remembers nothing, over real HTTP.

A request that arrived is applied after a while, though whoever sent it may be dead by then;
and nothing that was undone is refused afterwards.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from drillmaster.faults import registry as faults
from drillmaster.faults.base import Injected, Injection, Known, Radius, Undone
from drillmaster.targets import registry as targets
from drillmaster.targets.base import Address, Mark, Target, UnreachableError
from tests.support.http import Asked, Reply, serving
from tests.support.target import MemoryTarget

KIND, FAULT = "forgetful", "late"


@dataclass
class Server:
    """The target itself."""

    slow: Callable[[], float]
    """Seconds that the next request for a fault takes."""
    there: set[str] = field(default_factory=set)
    heard: list[float] = field(default_factory=list)
    """When a request for a fault arrived."""
    applied: list[float] = field(default_factory=list)
    """When one was applied."""
    address: Address = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        """Do what is asked."""
        fault = asked.path.rpartition("/")[2]
        if asked.method == "PUT":
            self.heard.append(time.monotonic())
            threading.Event().wait(self.slow())
            self.there.add(fault)
            self.applied.append(time.monotonic())
        was_there = fault in self.there
        if asked.method == "DELETE":
            self.there.discard(fault)
        return Reply(200 if was_there else 404)


class ForgetfulTarget(MemoryTarget):
    """A connection to it."""

    def __init__(self, address: Address, timeout: float) -> None:
        super().__init__(kind=KIND, address=address)
        self.client = httpx.Client(base_url=address["url"], timeout=timeout, trust_env=False)

    def ask(self, method: str, fault: Injection) -> bool:
        """One request; whether the fault was there."""
        try:
            return self.client.request(method, f"/faults/{fault.id}").status_code == 200
        except httpx.TransportError as error:
            raise UnreachableError(type(error).__name__) from None

    def close(self) -> None:
        self.client.close()


class Late:
    """Implements `faults.base.FaultKind`."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        return Radius(selected=4, ready=4, takes_down=0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        return None

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        _of(target).ask("PUT", fault)
        return Injected([fault.name])

    def present(self, fault: Injection, target: Target) -> bool:
        return _of(target).ask("GET", fault)

    def effect(self, fault: Injection, target: Target) -> str | None:
        return "seen" if self.present(fault, target) else None

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        return Undone(_of(target).ask("DELETE", fault))

    def doubt(self, mark: Mark) -> str | None:
        return None

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        return {}

    def closes_door(self) -> bool:
        return False

    def reenters(self) -> bool:
        return True

    def patience(self, fault: Injection) -> float | None:
        return None


def _of(target: Target) -> ForgetfulTarget:
    assert isinstance(target, ForgetfulTarget)
    return target


def register() -> None:
    """Make it known to this process."""
    targets.KINDS[KIND] = ForgetfulTarget
    faults.KINDS[FAULT, KIND] = Late()


@contextmanager
def forgetful(slow: Callable[[], float]) -> Iterator[Server]:
    """A running target of that kind."""
    server = Server(slow)
    with serving(server.answer) as url:
        server.address = {"kind": KIND, "url": url}
        yield server


def planned_late(run: str, **more: Any) -> dict[str, Any]:
    """The fault as a runner is told it."""
    injection = Injection(
        id=f"{run}-{FAULT}", run=run, name=FAULT, kind=FAULT, arguments=more, expires=0
    )
    rhythm = {"after": None, "every": more.get("every"), "lasts": None}
    return {"injection": injection, **rhythm}
