"""Settlement: undo everything, see it gone at the target, close the run.

It is the same whoever does it: the supervisor at the end of a drill, the watchdog when
the supervisor died, the reaper when both did. It believes the target, not the ledger:
also a fault that the runner calls undone is looked at again, after the runner's whole
process group is seen dead.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from drillmaster.definitions.environment import Timing
from drillmaster.definitions.probes import Question
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.recorder import Recorder, stretch
from drillmaster.engine.machine.processes import GRACE, see_dead
from drillmaster.engine.planning.steady import as_events, ask_all
from drillmaster.engine.settling.undoing import Undoing
from drillmaster.errors import DrillmasterError, StuckError
from drillmaster.oncall.base import Provider
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.bounded import bounded
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import GoneError, Target
from drillmaster.targets.gone import is_gone
from drillmaster.timeline.chain import canonical
from drillmaster.timeline.events import (
    AnyEvent,
    Ended,
    RunnerEnded,
    RunSealed,
    SettlementStarted,
    SteadyStateLost,
    SteadyStateReturned,
    UndoOrdered,
)
from drillmaster.timeline.log import LostError, read

_PAUSE = 0.1  # seconds between two tries


class SettlementPlan(BaseModel):
    """What a settlement needs to know, kept with the run: never a drill's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: dict[str, Any] | None = None
    """Where the target is; None while there is none, and so no fault either."""
    steady_state: list[Question] = []
    provider: dict[str, Any] | None = None
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True)
class Why:
    """How a run ended, and the reason in words."""

    ended: Ended
    reason: str
    at: datetime
    """When it was decided; the undo is timed from here."""
    watched: datetime | None = None
    """Until when the drill was watched, where that is before it was decided."""

    def as_order(self) -> dict[str, Any]:
        """The fields of the order to undo."""
        told = {"ended": self.ended, "why": self.reason, "occurred_at": self.at}
        if self.watched is None:
            return told
        return told | {"unwatched": max(0.0, (self.at - self.watched).total_seconds())}


@dataclass(slots=True)
class Settled:
    """What a settlement came to."""

    stuck: list[str] = field(default_factory=list)
    """What could not be undone, or does not return; empty: everything is undone."""


class Settlement:
    """One attempt to settle a run that we hold."""

    def __init__(
        self,
        recorder: Recorder,
        plan: SettlementPlan,
        heartbeat: Heartbeat,
        *,
        target: Target | None,
        provider: Provider | None,
    ) -> None:
        self._recorder = recorder
        self._plan = plan
        self._heartbeat = heartbeat
        self._target = target
        self._provider = provider
        self._begun = False

    def settle(self, why: Why, runner: ProcessIdentity | None) -> Settled:
        """Undo everything and close the run.

        Raises:
            LostError: somebody else took the run over meanwhile.
            StoreError: the store does not answer; it may be called again.
        """
        self._begin(why)
        outcome = Settled(self._stop_runner(runner))
        outcome.stuck += self._undo()
        outcome.stuck += self._resolve()
        if not outcome.stuck:
            outcome.stuck += self._recover(why)
        if not outcome.stuck:  # a target that is not as it was stays claimed
            outcome.stuck += self._release()
        self._close(why, outcome)
        return outcome

    def _begin(self, why: Why) -> None:
        recorder = self._recorder
        recorder.drain()
        if self._begun:
            return  # the store failed after that, and it is tried again
        recorder.record(
            recorder.make(UndoOrdered, **why.as_order()),
            recorder.make(SettlementStarted, by=recorder.source, fence=recorder.hold.fence),
            also=lambda connection: ledger.begin_settling(connection, recorder.hold),
        )
        self._begun = True

    def _stop_runner(self, runner: ProcessIdentity | None) -> list[str]:
        """See the machine side dead. What does not die keeps no fault in: the undo goes on."""
        run = self._recorder.hold.run
        try:
            how = see_dead(run, runner, grace=GRACE + 0.5, deadline=self._plan.timing.lease)
        except StuckError as error:
            return [str(error)]
        finally:
            self._heartbeat.alive()
            self._recorder.drain()
        if runner is not None:
            self._recorder.record(self._recorder.make(RunnerEnded, how=how))
        return []

    def _undo(self) -> list[str]:
        undoing = Undoing(self._recorder, self._target, self._plan.timing, self._heartbeat)
        return undoing.run()

    def _resolve(self) -> list[str]:
        """Close the synthetic incidents, and take the rest of the provider's record."""
        provider, patience = self._provider, self._plan.timing.lease
        if provider is None:
            why = "it cannot be resolved without its on-call system"
            return [f"incident {incident}: {why}" for incident in self._owed("incident")]

        def resolve(incident: str) -> None:
            bounded(lambda: provider.resolve(incident, by="drillmaster"), patience)
            events, _ = bounded(lambda: provider.read(incident, 0), patience)
            self._take_record(events)

        return self._discharge("incident", resolve)

    def _release(self) -> list[str]:
        """Give the claim on the target back; one that is gone is claimed no more."""
        run, target = self._recorder.hold.run, self._target

        def release(_: str) -> None:
            if target is not None:
                with suppress(GoneError):
                    bounded(lambda: target.release(run), self._plan.timing.lease)

        return self._discharge("claim", release)

    def _discharge(self, kind: str, undo: Callable[[str], None]) -> list[str]:
        """Undo what is owed beside the faults; what did not work, in words."""
        problems = ((one, self._insist(one, undo)) for one in self._owed(kind))
        return [f"{kind} {one}: {problem}" for one, problem in problems if problem]

    def _owed(self, kind: str) -> list[str]:
        with self._recorder.store.read() as connection:
            owed = ledger.owed(connection, self._recorder.hold.run)
        return [row.obligation for row in owed if row.kind == kind and row.state != "undone"]

    def _insist(self, obligation: str, undo: Callable[[str], None]) -> str | None:
        """Try for as long as an undo is tried; the problem in words where it did not work."""
        clock = self._recorder.clock
        until = clock.monotonic() + self._plan.timing.undo
        while True:
            problem = self._attempt(obligation, undo)
            self._heartbeat.alive()
            if problem is None or clock.monotonic() >= until:
                return problem
            clock.wait(threading.Event(), _PAUSE)

    def _attempt(self, obligation: str, undo: Callable[[str], None]) -> str | None:
        recorder = self._recorder
        try:
            undo(obligation)
            now = recorder.clock.now().timestamp()
            with recorder.store.write() as connection:
                ledger.undone(connection, recorder.hold, obligation, recorder.source, now)
        except LostError:
            raise
        except DrillmasterError as error:
            return str(error)
        except Exception as error:  # an on-call system's own; its text may hold a secret
            return f"it failed: {type(error).__name__}"
        return None

    def _take_record(self, events: Iterable[AnyEvent]) -> None:
        """Record what the provider says happened and the timeline does not have yet."""
        recorder = self._recorder
        have = {_same(record.event) for record in read(recorder.store, recorder.hold.run)}
        now = recorder.clock.now()
        new = [
            event.model_copy(update={"observed_at": now})
            for event in events
            if _same(event) not in have
        ]
        recorder.record(*new)

    def _recover(self, why: Why) -> list[str]:
        """Wait for steady state. A target that is gone has none to return to; one that was
        never touched is asked where a drill came to its end, because people may have."""
        plan, recorder = self._plan, self._recorder
        if self._target is None or is_gone(self._target):
            return []
        if why.ended != "completed" and not self._touched():
            return []
        clock, asking = recorder.clock, Asking(recorder.clock, self._target)
        until, since = clock.monotonic() + plan.timing.recovery, why.at
        while True:
            asked = ask_all(plan.steady_state, asking, self._heartbeat.alive)
            since = max([since, *(_begun(one.answer) for one in asked if one.surely_lost)])
            lost = [one.name for one in asked if not one.answer.met]
            if not lost or clock.monotonic() >= until:
                break
            clock.wait(threading.Event(), _PAUSE)
        recorder.record(
            *as_events(recorder, "after", asked),
            recorder.make(SteadyStateLost, names=lost)
            if lost
            else recorder.make(SteadyStateReturned, **stretch(since, clock.now())),
        )
        return [f"steady state does not return: {name}" for name in lost]

    def _touched(self) -> bool:
        """Whether there was ever an intent to inject: else there is nothing to recover from."""
        with self._recorder.store.read() as connection:
            owed = ledger.owed(connection, self._recorder.hold.run)
        return any(row.kind == "fault" for row in owed)

    def _close(self, why: Why, outcome: Settled) -> None:
        """The seal and the end of the run, in one transaction. A stuck run is not sealed:
        whoever settles it later writes on."""
        recorder = self._recorder
        recorder.drain()
        now = recorder.clock.now().timestamp()
        state: Literal["settled", "stuck"] = "stuck" if outcome.stuck else "settled"
        seal = [] if outcome.stuck else [recorder.make(RunSealed, ended=why.ended, settled=True)]
        recorder.record(
            *seal,
            also=lambda connection: ledger.close(connection, recorder.hold, state, why.ended, now),
        )


def _begun(answer: Answer) -> datetime:
    """When the asking began."""
    return answer.at - timedelta(seconds=answer.precision)


def _same(event: AnyEvent) -> str:
    """An event without the time at which we saw it."""
    return canonical(event.model_dump(mode="json", exclude={"observed_at"}))
