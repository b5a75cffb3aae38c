"""What every kind of target offers, and who asks it.

A target is known to the ledger as data (`address`), so that a reaper which never saw
the drill's files can reach it.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from drillmaster.definitions.probes import Aspect
from drillmaster.errors import DrillmasterError, ExitCode

Address = dict[str, Any]
"""A target as data: its `kind` and what it takes to reach it."""

RUN = "run"
"""Who undoes a fault, as a target remembers it, where that is the run itself."""


class UnreachableError(DrillmasterError):
    """The target does not answer; what is there is unknown."""

    exit_code = ExitCode.STUCK


class GoneError(DrillmasterError):
    """The target is provably gone, and every fault with it."""


class ClosedError(DrillmasterError):
    """The target remembers that this fault is undone, and refuses a late request."""


class DeclinedError(DrillmasterError):
    """The target answers, and refuses: the request is wrong, or not permitted."""


class ClaimedError(DrillmasterError):
    """A run of another store holds the target; nothing was touched."""

    exit_code = ExitCode.REFUSED


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as whom a question is asked. Secrets stay out of its `repr`."""

    id: str
    token: str | None = field(default=None, repr=False)
    sql_user: str | None = None
    sql_password: str | None = field(default=None, repr=False)
    kubeconfig: str | None = None
    """The file of this person's own log-in to a cluster, …"""
    context: str | None = None
    """… and the context in it."""


@dataclass(frozen=True, slots=True)
class Pod:
    """One replica of a workload."""

    name: str
    workload: str
    labels: dict[str, str]
    ready: bool


@dataclass(frozen=True, slots=True)
class WorkloadState:
    """A workload at one moment."""

    desired: int
    ready: int
    throttled_share: float | None = None
    """None for this and the next ones: the target cannot tell."""
    added_delay: float | None = None
    """Seconds."""
    database: str | None = None
    rollout: str | None = None
    """`complete`, `progressing` or `stuck`."""
    image: str | None = None
    """Of its only, or its first, container."""
    cordoned_nodes: int | None = None
    """How many nodes with pods of it take no new pods."""
    warnings: int | None = None
    """How many warnings there were about it or its pods in the last ten minutes."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether somebody may do something."""

    allowed: bool
    mend: str | None = None
    """What to paste so that they may; None where they may, or where the target cannot say."""
    asked: float | None = None
    """When the target was asked, in the seconds of `time.monotonic`: questions may share one
    request. None: just now."""


@dataclass(frozen=True, slots=True)
class PodsNow:
    """The pods of a selector right after a change."""

    present: int
    """Pods that are to stay."""
    ready: int
    restarts: int
    """Since they are watched."""
    change: str
    """What changed, in words."""
    within: float
    """Seconds: it happened no longer ago than this."""


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """A line of the target's own audit record."""

    id: str
    at: datetime
    precision: float
    """Seconds; half the width of the interval in which it happened."""
    who: str
    action: str
    namespace: str
    workload: str
    parameters: dict[str, Any]
    allowed: bool
    succeeded: bool
    doubt: str | None = None
    """Why this record does not show all that was asked, and so proves nothing; None where it
    does."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A fault as the target itself shows it: enough to find and undo it without a store."""

    fault: str
    run: str
    kind: str
    expires: datetime
    arguments: dict[str, Any] = field(default_factory=dict, kw_only=True)
    """What the undo needs beside the fault's id; the fault's definition, or a part of it."""


class Target(Protocol):
    """A connection to a target, as Drillmaster's own identity."""

    kind: str
    address: Address

    def refusal(self) -> str | None:
        """Why the target may not be drilled by its own word; None where it says that it may."""

    def disposable(self) -> bool:
        """Whether the target itself says that simulated responders may act on it."""

    def stopped(self) -> str | None:
        """Who has put a stop mark on the target, when and why, in words; None for nobody.
        Raises UnreachableError, GoneError."""

    def names(self) -> Iterable[str]:
        """What the target is called where it runs, by which production could be told: its
        context, its server, its namespaces, and labels as `name=value`."""

    def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
        """The pods that have all the labels. Raises UnreachableError, GoneError."""

    def watch(
        self, namespace: str, labels: dict[str, str], stop: threading.Event
    ) -> Iterator[PodsNow]:
        """How the pods that have all the labels stand, and then every change, until the event
        is set. It goes on while the target does not answer.

        Raises:
            DeclinedError: the identity in use may not watch.
            GoneError: the target is gone.
        """

    def state(
        self, namespace: str, workload: str, what: Aspect | None = None
    ) -> WorkloadState | None:
        """The workload's state; None where there is no such workload. What takes requests of
        its own to find out is told only where it is asked for by `what`."""

    def permitted(self, who: str, action: str, namespace: str, workload: str) -> Permission:
        """What the target's own policy says. A name that it does not know is not allowed.

        Raises:
            DeclinedError: it cannot be said, because there is no such action or workload here.
        """

    def audit(self, after: str | None) -> list[ActionRecord]:
        """The audit record, oldest first, beginning after the record with that id.

        Raises:
            DeclinedError: there is no such record, or it may not be read.
        """

    def identity(self, who: str | Literal["positive-control", "negative-control"]) -> Identity:
        """The identity that the target itself issued to a person or a control, if any."""

    def marks(self) -> Iterable[Mark]:
        """The faults that the target shows now, of any run."""

    def hidden(self) -> Iterable[str]:
        """Where the target may show faults, and the identity in use may not look, in words."""

    def claimed(self) -> str | None:
        """Which run has claimed the target, until when, in words; None for none."""

    def claim(self, run: str, until: datetime) -> None:
        """Claim the target for a run, so that no run of another store begins there. Where only
        one run can reach it, nothing is to be done.

        Raises:
            ClaimedError: another run has it.
        """

    def release(self, run: str) -> None:
        """Give back what a run has claimed; nothing where it has not."""

    def close(self) -> None:
        """Give the connection back."""
