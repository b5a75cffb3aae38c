"""A staging in virtual time, of which the truth is known: what it is asked takes time, its
clock is wrong by up to what it admits, and its record comes late."""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from drillmaster.definitions.probes import Aspect
from drillmaster.faults.base import Injected, Injection, Known, Radius, Undone
from drillmaster.targets.base import (
    ActionRecord,
    Address,
    DeclinedError,
    Identity,
    Mark,
    Permission,
    Pod,
    PodsNow,
    Target,
    UnreachableError,
    WorkloadState,
)
from tests.truth.hub import START, Hub


@dataclass
class Nature:
    """How the staging is, drawn anew for every run. All in seconds."""

    latency: float = 0.05
    """The longest that one way of a request takes."""
    effect: float = 0.3
    """From a fault to its effect; infinite for a fault that has none."""
    recovery: float = 0.5
    """From the last fault's end to steady state."""
    precision: float = 0.01
    """What its record admits about its times."""
    skew: float = 0.005
    """How wrong its clock is."""
    lag: float = 0.0
    """How late its record is."""
    deaf: float = 0.0
    """How often it does not answer, from 0 to 1."""
    heals: float = math.inf
    """When its replicas are as the runbook leaves them, without anybody doing anything."""
    denied: frozenset[str] = frozenset()
    """Who may do nothing."""
    controls: bool = True
    """Whether the controls are told what they must be told."""
    fails: bool = False
    """It refuses every fault."""
    recorded: bool = True
    """Whether it keeps a record of who did what."""
    doubt: str | None = None
    """Why its record does not say enough."""


@dataclass
class Hidden:
    """What is really so of a fault. Seconds since the beginning."""

    came: float
    effect: float
    gone: float = math.inf
    lifted: str | None = None
    """By whom, where a person ended it."""


@dataclass
class Staging:
    """What is there, and what really happened."""

    hub: Hub
    nature: Nature
    faults: dict[str, Hidden] = field(default_factory=dict)
    records: list[tuple[float, ActionRecord]] = field(default_factory=list)
    """With the time from which each can be read."""
    acts: list[tuple[float, str, str, dict[str, Any], bool]] = field(default_factory=list)
    """When, who, what, how, and whether it was allowed."""
    scaled: float = math.inf
    """When its replicas were scaled as the runbook says."""

    def ask(self) -> float:
        """A request: on its way, at work, and back; the time at which it was at work."""
        self.hub.pause(self.hub.random.uniform(0, self.nature.latency))
        at = self.hub.now
        if self.hub.random.random() < self.nature.deaf:
            raise UnreachableError("it does not answer")
        return at

    def answered(self) -> None:
        """The way back."""
        self.hub.pause(self.hub.random.uniform(0, self.nature.latency))

    def act(self, who: str, action: str, parameters: dict[str, Any]) -> None:
        """Somebody does something, or is not allowed to."""
        at, nature = self.hub.now, self.nature
        allowed = who not in nature.denied
        self.acts.append((at, who, action, parameters, allowed))
        if allowed and action == "scale" and parameters.get("replicas") == 6:
            self.scaled = min(self.scaled, at)
        throttle = self.faults.get("throttle")
        if allowed and action == "lift-throttle" and throttle and throttle.gone == math.inf:
            throttle.gone, throttle.lifted = at, who
        record = ActionRecord(
            id=str(len(self.records) + 1),
            at=START + timedelta(seconds=at + nature.skew),
            precision=nature.precision,
            who=who,
            action=action,
            namespace="shop",
            workload="checkout",
            parameters=parameters,
            allowed=allowed,
            succeeded=allowed,
            doubt=nature.doubt,
        )
        self.records.append((at + nature.lag, record))

    def turned(self) -> float:
        """When the replicas became as the runbook leaves them."""
        return min(self.scaled, self.nature.heals)

    def well(self) -> float:
        """When steady state was back, or will be."""
        gone = [fault.gone for fault in self.faults.values()]
        return max(gone) + self.nature.recovery if gone else 0.0


class VirtualTarget(Target):
    """The connection of Drillmaster to that staging."""

    kind = "virtual"

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self.address: Address = {"kind": self.kind}

    def refusal(self) -> str | None:
        return None

    def disposable(self) -> bool:
        return True

    def stopped(self) -> str | None:
        return None

    def names(self) -> list[str]:
        return []

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
        return []

    def watch(
        self, namespace: str, labels: dict[str, str], stop: threading.Event
    ) -> Iterator[PodsNow]:
        return iter(())

    def state(self, namespace: str, workload: str, _what: Aspect | None = None) -> WorkloadState:
        at = self.staging.ask()
        healthy = not self.staging.faults or at >= self.staging.well()
        found = WorkloadState(
            desired=6 if at >= self.staging.turned() else 4,
            ready=4 if healthy else 2,
            throttled_share=0.0,
            added_delay=0.0,
            database="primary",
        )
        self.staging.answered()
        return found

    def permitted(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        self.staging.ask()
        self.staging.answered()
        if who == "negative-control":
            return Permission(not self.staging.nature.controls)
        return Permission(who not in self.staging.nature.denied)

    def audit(self, after: str | None) -> list[ActionRecord]:
        at = self.staging.ask()
        if not self.staging.nature.recorded:
            raise DeclinedError("it keeps no record")
        found = [one for since, one in self.staging.records if since <= at]
        self.staging.answered()
        return found[int(after or 0) :]

    def identity(self, who: str) -> Identity:
        return Identity(who, token="t")

    def hidden(self) -> list[str]:
        return []

    def marks(self) -> list[Mark]:
        return []

    def claimed(self) -> str | None:
        return None

    def claim(self, run: str, until: datetime) -> None:
        pass

    def release(self, run: str) -> None:
        pass

    def close(self) -> None:
        pass


class VirtualFault:
    """A fault there."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        return Radius(4, 4, 0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        return None

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        staging = _staging(target)
        at = _surely(staging)
        if staging.nature.fails:
            raise UnreachableError("it refuses")
        staging.faults.setdefault(fault.name, Hidden(at, at + staging.nature.effect))
        staging.answered()
        return Injected(["checkout"])

    def present(self, fault: Injection, target: Target) -> bool:
        staging = _staging(target)
        at = staging.ask()
        there = fault.name in staging.faults and at < staging.faults[fault.name].gone
        staging.answered()
        return there

    def effect(self, fault: Injection, target: Target) -> str | None:
        staging = _staging(target)
        at = staging.ask()
        hidden = staging.faults.get(fault.name)
        seen = hidden is not None and hidden.effect <= at < hidden.gone
        staging.answered()
        return "it is slow" if seen else None

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        staging = _staging(target)
        at = staging.ask()
        hidden = staging.faults.get(fault.name)
        there = hidden is not None and hidden.gone == math.inf
        if hidden is not None and there:
            hidden.gone = at
        if staging.hub.random.random() < staging.nature.deaf:
            raise UnreachableError("the answer got lost")
        staging.answered()
        lifted = hidden.lifted if hidden else None
        return Undone(there, f"lifted by {lifted} meanwhile" if lifted else None)

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        return {}

    def closes_door(self) -> bool:
        return True

    def reenters(self) -> bool:
        return True

    def patience(self, fault: Injection) -> float | None:
        return None


def _surely(staging: Staging) -> float:
    staging.hub.pause(staging.hub.random.uniform(0, staging.nature.latency))
    return staging.hub.now


def _staging(target: Target) -> Staging:
    assert isinstance(target, VirtualTarget)
    return target.staging
