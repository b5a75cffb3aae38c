"""A target in memory, whose answers a test sets."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drillmaster.definitions.probes import Aspect
from drillmaster.targets.base import (
    ActionRecord,
    Address,
    Identity,
    Mark,
    Permission,
    Pod,
    PodsNow,
    UnreachableError,
    WorkloadState,
)

CHECKOUT = WorkloadState(
    desired=4, ready=3, throttled_share=0.6, added_delay=0.25, database="standby"
)


@dataclass
class MemoryTarget:
    """Implements `targets.base.Target`."""

    kind: str = "memory"
    address: Address = field(default_factory=lambda: {"kind": "memory"})
    states: dict[tuple[str, str], WorkloadState] = field(
        default_factory=lambda: {("shop", "checkout"): CHECKOUT}
    )
    may: set[tuple[str, str]] = field(default_factory=set)
    """Who may do what, on any workload."""
    mend: str | None = None
    """What to paste so that somebody may."""
    log: list[ActionRecord] = field(default_factory=list)
    issued: dict[str, Identity] = field(default_factory=dict)
    fails: Exception | None = None
    """Raised instead of any answer."""
    stop: str | None = None
    """Who has stopped drills here, and why."""
    called: list[str] = field(default_factory=list)
    """What it is called where it runs."""
    hangs: threading.Event | None = None
    """Waited for before any answer."""

    def _reach(self) -> None:
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.fails is not None:
            raise self.fails

    def unplug(self) -> None:
        """Let it not answer any more."""
        self.fails = UnreachableError("the target does not answer")

    def did(
        self,
        who: str,
        action: str,
        *,
        workload: str = "checkout",
        allowed: bool = True,
        succeeded: bool = True,
        at: datetime | None = None,
        precision: float = 0.001,
        parameters: dict[str, Any] | None = None,
        doubt: str | None = None,
    ) -> ActionRecord:
        """Write a line of the audit record."""
        record = ActionRecord(
            id=str(len(self.log) + 1),
            at=at or datetime.now(UTC),
            precision=precision,
            who=who,
            action=action,
            namespace="shop",
            workload=workload,
            parameters=parameters or {},
            allowed=allowed,
            succeeded=succeeded,
            doubt=doubt,
        )
        self.log.append(record)
        return record

    def refusal(self) -> str | None:
        return None

    def disposable(self) -> bool:
        return True

    def stopped(self) -> str | None:
        self._reach()
        return self.stop

    def names(self) -> list[str]:
        return self.called

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
        self._reach()
        return []

    def watch(
        self, namespace: str, labels: dict[str, str], stop: threading.Event
    ) -> Iterator[PodsNow]:
        return iter(())

    def state(
        self, namespace: str, workload: str, _what: Aspect | None = None
    ) -> WorkloadState | None:
        self._reach()
        return self.states.get((namespace, workload))

    def permitted(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        self._reach()
        allowed = (who, action) in self.may
        return Permission(allowed, None if allowed else self.mend)

    def audit(self, after: str | None) -> list[ActionRecord]:
        self._reach()
        return self.log[int(after or 0) :]

    def identity(self, who: str) -> Identity:
        return self.issued.get(who, Identity(who))

    def marks(self) -> Iterable[Mark]:
        return []

    def hidden(self) -> Iterable[str]:
        return []

    def claimed(self) -> str | None:
        return None

    def claim(self, run: str, until: datetime) -> None:
        self._reach()

    def release(self, run: str) -> None:
        self._reach()

    def close(self) -> None:
        pass
