"""The reaper: settles what dead runs left, from the store alone.

It runs in the watchdog, at the start of every `run`, and as `drillmaster reap`. It
never loads a drill's files.
"""

import logging
import threading
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from drillmaster.clock import Clock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.ledger import BusyError, Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.books.rows import UnreadableError, clock_of, is_dead
from drillmaster.engine.machine.processes import GRACE, see_dead
from drillmaster.engine.settling.once import injection_of
from drillmaster.engine.settling.presence import holding
from drillmaster.engine.settling.settlement import Settled, Settlement, SettlementPlan, Why
from drillmaster.engine.settling.taking_back import take_back
from drillmaster.errors import DrillmasterError, StuckError
from drillmaster.oncall.base import Provider
from drillmaster.oncall.registry import from_data
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import GoneError, Target, UnreachableError
from drillmaster.targets.gone import gone_target
from drillmaster.targets.registry import connect
from drillmaster.timeline.chain import ChainError
from drillmaster.timeline.events import AnyEvent, Ended, UndoOrdered
from drillmaster.timeline.log import LostError, read
from drillmaster.timeline.store import Store

_log = logging.getLogger(__name__)

_GONE = "its supervisor is gone"
_PATIENCE = 30.0  # seconds to wait for a run that is being settled by somebody else


def settle_run(store: Store, row: Row[Any], source: str, why: str) -> Settled:
    """Claim an unsettled run as it was read, and settle it.

    Raises:
        LostError: somebody else claimed it.
    """
    clock = clock_of(row)
    plan = SettlementPlan.model_validate(row.settlement)
    until = clock.now().timestamp() + plan.timing.lease
    told = _told(store, row.run)
    watched = _watched(told, row, plan.timing.lease)
    with store.write() as connection:
        hold = ledger.claim(connection, row, until)
    heartbeat = Heartbeat(store, hold, clock, plan.timing)
    try:
        with ExitStack() as stack:
            settlement = Settlement(
                Recorder(store, hold, clock, source),
                plan,
                heartbeat,
                target=reach(plan, stack),
                provider=_provider(plan, store, clock),
            )
            runner = ProcessIdentity.model_validate(row.runner) if row.runner else None
            return settlement.settle(Why(_ended(told, row), why, clock.now(), watched), runner)
    finally:
        heartbeat.stop()


def _told(store: Store, run: str) -> list[AnyEvent]:
    """What a run's timeline tells so far; what cannot be read, the settlement says by itself."""
    try:
        return [record.event for record in read(store, run)]
    except DrillmasterError:
        return []


def _ended(told: list[AnyEvent], row: Row[Any]) -> Ended:
    """How a run ended, in the word of its own order to undo where it gave one. A drill that
    others had to settle is never completed."""
    if row.ended is not None:  # somebody has tried to settle it before
        before: Ended = row.ended
        return before
    ordered = next((one for one in told if isinstance(one, UndoOrdered)), None)
    if ordered is None or ordered.ended == "completed":
        return "aborted"
    return ordered.ended


def _watched(told: list[AnyEvent], row: Row[Any], lease: float) -> datetime | None:
    """Until when the supervisor of a run surely lived: until it wrote down an event, or renewed
    its lease, whichever came last. Once the run was claimed, the lease is not the supervisor's."""
    signs = [event.observed_at for event in told]
    if row.state == "open":
        signs.append(datetime.fromtimestamp(row.lease_until - lease, UTC))
    return max(signs, default=None)


def take_back_unrecorded(store: Store, row: Row[Any]) -> None:
    """Take back what a run owes while the store can be read, and not written.

    Raises:
        StoreError: it cannot be read either.
    """
    plan = SettlementPlan.model_validate(row.settlement)
    runner = ProcessIdentity.model_validate(row.runner) if row.runner else None
    with suppress(StuckError):
        see_dead(row.run, runner, grace=GRACE + 0.5, deadline=plan.timing.lease)
    with store.read() as connection:
        owed = [one for one in ledger.owed(connection, row.run) if one.kind == "fault"]
    faults = []
    for one in owed:
        with suppress(ValidationError, StuckError):  # the settlement tells of it
            faults.append(injection_of(one))
    with ExitStack() as stack:
        target = reach(plan, stack)
        if target is not None:
            take_back(faults, target, plan.timing)


def reap(store: Store, environment: str | None = None) -> list[tuple[str, Settled]]:
    """Settle every run whose owner is gone; each run's id and what it came to. One that cannot
    be read is among them, and stuck."""
    with store.read() as connection:
        rows = ledger.unsettled(connection, environment)
    reaped = []
    for row in rows:
        with suppress(LostError):  # somebody else is settling it
            settled = settle_if_dead(store, row)
            if settled is not None:
                reaped.append((row.run, settled))
    return reaped


def make_room(store: Store, environment: str, clock: Clock) -> None:
    """Free an environment from what dead runs left, and wait while one is being settled.

    Raises:
        BusyError: a living run, or one that could not be settled, holds it.
    """
    until = clock.monotonic() + _PATIENCE
    while True:
        with store.read() as connection:
            rows = ledger.unsettled(connection, environment)
        if not rows:
            return
        row = rows[0]
        if _is_over(store, row):
            continue
        if row.state == "settling" and clock.monotonic() < until:
            clock.wait(threading.Event(), 0.1)
        else:
            raise BusyError(
                f"run {row.run} holds the environment {environment}; `drillmaster status` shows it"
            )


def settle_if_dead(store: Store, row: Row[Any]) -> Settled | None:
    """Settle a run whose owner is gone; None for one that somebody lives for.

    Raises:
        LostError: somebody else claimed it.
    """
    try:
        dead = is_dead(row)
    except UnreadableError as error:
        return Settled([str(error)])
    return _try_to_settle(store, row) if dead else None


def _try_to_settle(store: Store, row: Row[Any]) -> Settled:
    """Settle a run; what prevents it is told, so that it stops no other run's settlement.

    Raises:
        LostError: somebody else claimed it.
    """
    try:
        return settle_run(store, row, "reaper", _GONE)
    except LostError:
        raise
    except ChainError as error:  # nothing can be recorded, but what is in need not stay
        with suppress(Exception):
            take_back_unrecorded(store, row)
        problem = str(error)
    except DrillmasterError as error:
        problem = str(error)
    except Exception as error:  # its text may hold a secret
        problem = f"it could not be settled: {type(error).__name__}"
    ours, now = Hold(row.run, row.fence + 1), clock_of(row).now().timestamp()
    with suppress(DrillmasterError), store.write() as connection:  # nor may it look under way
        ledger.close(connection, ours, "stuck", _ended(_told(store, row.run), row), now)
    return Settled([problem])


def _is_over(store: Store, row: Row[Any]) -> bool:
    """Whether the run was settled, here or by somebody else; False while somebody lives for it.

    Raises:
        BusyError: it could not be settled.
    """
    try:
        settled = settle_if_dead(store, row)
    except LostError:
        return True
    if settled is not None and settled.stuck:
        raise BusyError(
            f"the environment {row.environment} is locked: run {row.run} could not be "
            f"settled: {settled.stuck[0]}; `drillmaster status` says what to do"
        )
    return settled is not None


def reach(plan: SettlementPlan, stack: ExitStack) -> Target | None:
    """The target, held; None where there never was one. One that is provably gone says so to
    whoever asks. One that is merely unreachable is connected to all the same: the undo tries
    again, and says so where it cannot."""
    if plan.target is None:
        return None
    try:
        stack.enter_context(holding(plan.target))
    except GoneError:
        return gone_target(plan.target)
    except UnreachableError:
        pass
    return stack.enter_context(closing(connect(plan.target, plan.timing.request)))


def _provider(plan: SettlementPlan, store: Store, clock: Clock) -> Provider | None:
    """The on-call system; without it the incident stays, and the faults are undone."""
    if plan.provider is None:
        return None
    try:
        return from_data(plan.provider, store, clock)
    except Exception:  # it is not installed any more, or does not load
        _log.debug("the on-call system cannot be made", exc_info=True)
        return None
