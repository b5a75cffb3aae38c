"""The machine side, inside the runner: faults round by round, each behind the fence."""

import math
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection

from drillmaster.clock import Clock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import Hold
from drillmaster.engine.books.played import played_activities
from drillmaster.engine.books.undone import told_of
from drillmaster.engine.failures import reason_of
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.errors import DrillmasterError
from drillmaster.faults import shares
from drillmaster.faults.base import (
    Activity,
    FaultKind,
    Injection,
    Known,
    PlayError,
    Radius,
    Undone,
)
from drillmaster.faults.registry import kind_of
from drillmaster.faults.signs import spoiled
from drillmaster.targets.base import GoneError, Target, UnreachableError
from drillmaster.timeline.events import (
    ActivitiesPlayed,
    Event,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    FaultUndone,
)
from drillmaster.timeline.events.machine import GONE
from drillmaster.timeline.log import LostError, post
from drillmaster.timeline.store import Store, StoreError

E = TypeVar("E", bound=Event)

_PAUSE = 0.2  # seconds between two tries of an undo
_QUICK = 1.0  # seconds
_FAR = 365 * 86400.0  # `Event.wait` without a time-out cannot be interrupted everywhere


class Machine:
    """Injects and undoes the faults of one run."""

    def __init__(self, order: RunnerOrder, store: Store, target: Target, clock: Clock) -> None:
        self._order = order
        self._store = store
        self._target = target
        self._clock = clock
        self._hold = Hold(order.run, order.fence)
        self._planned = {planned.injection.name: planned for planned in order.faults}
        self._in = {name: threading.Event() for name in self._planned}
        self._selected: dict[str, int] = {}
        self._counting = threading.Lock()
        self._intended: dict[str, datetime] = {}
        self._mute = threading.Event()
        self.stopped = threading.Event()
        """Set when the runner is told to stop: loops end, nothing new is injected."""

    def inject(self, name: str) -> str:
        """Play all rounds of a fault. Any failure is told before it is raised: a fault that
        silently plays no more would be a drill that measures nothing."""
        planned = self._planned[name]
        if not self._turn(planned):
            return "stopped before its turn"
        try:
            self._play(planned)
        except Exception as error:
            if isinstance(error, LostError):
                self.stopped.set()
            self._tell_failure(name, error)
            raise
        return "played"

    def _tell_failure(self, name: str, error: Exception) -> None:
        played = error.activities if isinstance(error, PlayError) else ()
        try:
            with self._store.write() as connection:
                self._tell_played(connection, self._planned[name].injection, "method", played)
                self._tell(connection, FaultFailed, fault=name, reason=_reason(error))
        except Exception:
            self._mute.set()  # the store does not take it: the end of the runner tells
            raise

    def undo(self, name: str) -> str:
        """Take a fault back, unless it is known that there is nothing to take back."""
        planned = self._planned[name]
        known = self._known(planned)
        if known is None or known == "undone":
            return "nothing to undo"
        if self._kind(planned).patience(planned.injection) is not None:
            return "left to the settlement"  # it takes longer than a runner has that must end
        self._undo(planned, known, by="runner")
        return "undone"

    def _known(self, planned: PlannedFault) -> Known | None:
        """What the ledger knows of a fault; None where it was never intended."""
        try:
            with self._store.read() as connection:
                owed = ledger.owed(connection, self._order.run)
        except StoreError:
            return "intent"  # an undo of nothing does no harm
        states: dict[str, Known] = {row.obligation: row.state for row in owed}
        return states.get(planned.injection.id)

    def hold(self) -> None:
        """Wait for the signal that ends the method. Nothing else does, but a failure that
        cannot be told in any other way."""
        self._mute.wait(_FAR)

    def _turn(self, planned: PlannedFault) -> bool:
        """Wait for the fault's turn; False when the runner was stopped before it came."""
        if isinstance(planned.after, str):
            while not self._in[planned.after].wait(0.05):
                if self.stopped.is_set():
                    return False
            return not self.stopped.is_set()
        return not self._clock.wait(self.stopped, planned.after or 0.0)

    def _play(self, planned: PlannedFault) -> None:
        began = self._clock.monotonic()
        ends = math.inf if planned.lasts is None else began + planned.lasts
        round_ = 1
        while not self.stopped.is_set():
            if self._round(planned, round_):
                round_ += 1
            pause = min(planned.every or _FAR, ends - self._clock.monotonic())
            if self._clock.wait(self.stopped, pause):
                return
            if self._clock.monotonic() >= ends:
                self._undo(planned, "injected", by="expiry")
                return

    def _round(self, planned: PlannedFault, round_: int) -> bool:
        """One injection. False when the blast radius leaves no room for this round."""
        injection, kind = planned.injection, self._kind(planned)
        takes_down = kind.radius(injection, self._target).takes_down
        if not (takes_down or planned.every):
            return self._inject(planned, round_)
        while not self._counting.acquire(timeout=0.05):
            if self.stopped.is_set():
                return False
        try:  # what is counted here stays so until these pods are down as well
            if self._room(planned, kind.radius(injection, self._target)):
                return self._inject(planned, round_)
        finally:
            self._counting.release()
        if round_ == 1:
            raise DrillmasterError("the blast radius is larger than the limit by now")
        return False

    def _inject(self, planned: PlannedFault, round_: int) -> bool:
        """One injection, behind the fence. False when the runner was stopped meanwhile."""
        injection, kind = planned.injection, self._kind(planned)
        if round_ == 1:
            self._look_before(planned)  # for as long as a probe may take
        if self.stopped.is_set():
            return False
        if round_ == 1:
            self._intend(planned)
        else:
            self._fence()
        done = kind.inject(injection, self._target, round_)
        with self._store.write() as connection:
            now = self._clock.now()
            ledger.injected(connection, self._hold, injection.id, now.timestamp())
            self._tell(
                connection, FaultInjected, fault=injection.name, round=round_, touched=done.touched
            )
            self._tell_played(connection, injection, "method", done.activities)
        self._in[injection.name].set()
        return True

    def _look_before(self, planned: PlannedFault) -> None:
        """Another fault may show by now as this one would: nobody could say what it does."""
        injection, kind = planned.injection, self._kind(planned)
        if self.stopped.is_set():
            return
        if kind.patience(injection) is not None and kind.present(injection, self._target):
            raise DrillmasterError("its `present` is met before it is in")
        if (why := spoiled(injection, self._target)) is not None:
            raise DrillmasterError(f"it would prove nothing: {why}")

    def _room(self, planned: PlannedFault, radius: Radius) -> bool:
        """Whether the round stays within the limit, counting what is down already."""
        parts = radius.parts or {_scope(planned): radius}
        return all(self._has_room(scope, part) for scope, part in parts.items())

    def _has_room(self, scope: str, radius: Radius) -> bool:
        selected = self._selected.setdefault(scope, max(radius.selected, radius.ready))
        down = max(0, selected - radius.ready)
        return radius.takes_down == 0 or down + radius.takes_down <= shares.of(
            self._order.pods, selected
        )

    def _intend(self, planned: PlannedFault) -> None:
        injection = planned.injection
        self._intended[injection.name] = self._clock.now()
        with self._store.write() as connection:
            ledger.intend(
                connection,
                self._hold,
                injection.id,
                kind="fault",
                undo=injection.model_dump(mode="json"),
                now=self._clock.now().timestamp(),
            )
            self._tell(connection, FaultIntended, fault=injection.name, kind=injection.kind)

    def _fence(self) -> None:
        with self._store.write() as connection:
            ledger.may_inject(connection, self._hold, self._clock.now().timestamp())

    def _undo(self, planned: PlannedFault, known: Known, by: str) -> None:
        injection = planned.injection
        since = self._clock.now()
        done, known = self._undone(planned, known)
        if not done.was_present:  # it may have been gone ever since it was in
            since = self._intended.get(injection.name, since)
        told = told_of(done, known, by, since, self._clock.now())
        with self._store.write() as connection:
            now = self._clock.now().timestamp()
            ledger.undone(connection, self._hold, injection.id, by, now)
            self._tell_played(connection, injection, "rollbacks", done.activities)
            self._tell(connection, FaultUndone, fault=injection.name, **told)

    def _undone(self, planned: PlannedFault, known: Known, again: int = 2) -> tuple[Undone, Known]:
        """What an undo came to, and what was known of the fault before it. One without an answer
        may have worked, so that it is tried again here: whoever finds the fault gone later would
        take that for somebody else's work. A runner that must end has no time for slow ones."""
        kind, injection = self._kind(planned), planned.injection
        began = self._clock.monotonic()
        try:
            return kind.undo(injection, self._target, known), known
        except GoneError:
            return Undone(was_present=False, residue=GONE), known
        except UnreachableError:
            slow = self._clock.monotonic() - began > _QUICK and self.stopped.is_set()
            if not again or slow or kind.patience(injection) is not None:
                raise
        self._clock.wait(self.stopped, _PAUSE)
        return self._undone(planned, "intent", again - 1)

    def _tell_played(
        self,
        connection: Connection,
        injection: Injection,
        part: Literal["method", "rollbacks"],
        activities: Sequence[Activity],
    ) -> None:
        if activities:
            played = played_activities(activities)
            self._tell(
                connection, ActivitiesPlayed, fault=injection.name, part=part, activities=played
            )

    def _kind(self, planned: PlannedFault) -> FaultKind:
        return kind_of(planned.injection.kind, self._target.kind)

    def _tell(self, connection: Connection, kind: type[E], /, **fields: Any) -> None:
        now: datetime = self._clock.now()
        told = {"occurred_at": now, "observed_at": now, "source": "runner", "precision": 0.001}
        event = kind(**(told | fields))
        post(connection, self._order.run, event)  # type: ignore[arg-type]


def _scope(planned: PlannedFault) -> str:
    """The pods that a fault selects, so that faults on the same pods count from the same."""
    injection, arguments = planned.injection, planned.injection.arguments
    namespace, selector = arguments.get("namespace"), arguments.get("selector")
    return f"{namespace} {selector}" if namespace and selector else injection.name


def _reason(error: Exception) -> str:
    if isinstance(error, UnreachableError):
        return f"it is unknown whether the request arrived: {error}"
    return reason_of(error)
