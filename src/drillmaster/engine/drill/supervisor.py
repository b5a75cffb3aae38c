"""The supervisor: the parent of a run, from its row in the ledger to its settlement.

Order at the start: signal handlers → watchdog ready → run row → guard → target → watchdog holds
it → guard at the target → runner's identity in the ledger → go. Whatever happens after the
run row, a settlement follows.
"""

import logging
import os
from contextlib import ExitStack, closing

from drillmaster.clock import Anchor, SteadyClock
from drillmaster.engine.books import ledger
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.asking import ask_at_target, ask_before
from drillmaster.engine.drill.children import Runner, Watchdog
from drillmaster.engine.drill.conductor import Conductor
from drillmaster.engine.drill.last_resort import Insisting, await_other
from drillmaster.engine.drill.opening import open_run, tell_start
from drillmaster.engine.drill.request import RunOutcome, RunRequest
from drillmaster.engine.drill.signals import Signals
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.drill.staging import bring_up, start_responders
from drillmaster.engine.failures import log_bug, reason_of
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.engine.planning.faults import (
    new_run_id,
    planned_faults,
    stale_after,
    target_faults,
)
from drillmaster.engine.planning.limits import pods_limit
from drillmaster.engine.settling.presence import holding
from drillmaster.engine.settling.reaper import make_room
from drillmaster.engine.settling.settlement import Settled, Settlement, SettlementPlan, Why
from drillmaster.errors import RefusedError
from drillmaster.oncall.registry import provider_for
from drillmaster.process import MARK
from drillmaster.targets.base import Address, Target
from drillmaster.targets.registry import connect
from drillmaster.timeline.events import (
    Ended,
)
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import StoreError

_log = logging.getLogger(__name__)


def run_drill(request: RunRequest) -> RunOutcome:
    """Run a drill, undo everything, and close the run.

    Raises:
        BusyError: another run holds the environment; nothing was touched.
        RefusedError: nobody could watch over the run; nothing was touched.
        StoreError: the store cannot be used; nothing was touched.
    """
    with Signals() as signals, ExitStack() as stack:
        return _Supervisor(request, signals, stack).run()


class _Supervisor:
    def __init__(self, request: RunRequest, signals: Signals, stack: ExitStack) -> None:
        self._request = request
        self._signals = signals
        self._stack = stack
        anchor = Anchor.here()
        self._clock = SteadyClock(anchor)
        self._anchor = anchor
        self._run = new_run_id(self._clock.now())
        self._bundle = request.bundle
        self._plan = SettlementPlan(timing=request.bundle.environment.timing)
        self._runner: Runner | None = None
        self._going = False  # it has begun: from now on something may be in, or somebody paged
        self._store_fails = False
        self._stage: Stage | None = None
        self._conductor: Conductor | None = None

    def run(self) -> RunOutcome:
        request, timing = self._request, self._plan.timing
        watchdog = self._stack.enter_context(closing(Watchdog()))
        if target_faults(self._bundle.drill):
            # It takes its time to import; until it is told to go it does nothing else.
            self._runner = self._stack.enter_context(closing(Runner(self._run)))
        watchdog.watch(request.store.secret_url(), self._run)
        make_room(request.store, self._bundle.environment.name, self._clock)
        hold = open_run(request, self._run, self._anchor, self._plan)
        recorder = Recorder(
            request.store, hold, self._clock, "supervisor", observers=request.observers
        )
        heartbeat = Heartbeat(request.store, hold, self._clock, timing)
        try:
            why = self._drill(recorder, heartbeat, watchdog)
            settled = self._settle(recorder, heartbeat, why)
        except LostError:
            self._stop()
            return await_other(request.store, self._run, self._clock, timing)
        finally:
            heartbeat.stop()
        return RunOutcome(self._run, why.ended, why.reason, settled.stuck)

    def _drill(self, recorder: Recorder, heartbeat: Heartbeat, watchdog: Watchdog) -> Why:
        """From the target to the order to undo; never raises. A run that seems lost may only
        have had a lease that lapsed for a moment: the settlement finds out."""
        try:
            tell_start(recorder, self._request.previous)
            ask_before(recorder, self._bundle)
            stage = self._prepare(recorder, heartbeat, watchdog)
            self._start_runner(stage)
            self._conductor = Conductor(stage, self._runner)
            return self._conductor.conduct()
        except Exception as error:  # a bug of ours, too, must not leave a fault behind
            log_bug(_log, f"run {self._run}", error)
            self._store_fails = isinstance(error, StoreError)
            reason = reason_of(error)
        ended: Ended = "aborted" if self._going else "refused"
        if self._signals.received:
            ended, reason = "interrupted", f"{self._signals.received} was received"
        return Why(ended, reason, self._clock.now(), heartbeat.watched_until())

    def _prepare(self, recorder: Recorder, heartbeat: Heartbeat, watchdog: Watchdog) -> Stage:
        """Target, doors, responders, provider and the guard.

        Raises:
            RefusedError: a safety rule forbids the drill.
        """
        self._go_on()
        request = self._request
        address = bring_up(self._bundle.environment, self._run, self._anchor)
        self._stack.enter_context(holding(address))
        bundle = self._bundle = self._bundle.resolved(address.get("ports", {}))
        target = self._stack.enter_context(closing(connect(address, self._plan.timing.request)))
        doors = self._stack.enter_context(
            closing(request.open_doors(self._run, self._clock, bundle))
        )
        provider = provider_for(
            bundle.environment,
            request.store,
            self._clock,
            links=doors.links,
            show=request.show,
            extra_contacts=start_responders(bundle, target, self._stack),
        )
        self._remember(recorder, address, provider.as_data())
        watchdog.hold(address)
        stage = Stage(
            bundle=bundle,
            faults=planned_faults(bundle, self._run, self._clock.now()),
            target=target,
            provider=provider,
            recorder=recorder,
            heartbeat=heartbeat,
            watchdog=watchdog,
            signals=self._signals,
        )
        self._stage = stage
        self._mark_children()
        ask_at_target(stage)
        self._claim(recorder, target)
        if request.ready is not None:
            request.ready(self._run, bundle, address)
        return stage

    def _remember(self, recorder: Recorder, address: Address, provider: dict[str, object]) -> None:
        """Put into the ledger what a settlement needs, before anything is touched."""
        self._plan = self._plan.model_copy(
            update={
                "target": address,
                "steady_state": self._bundle.drill.steady_state,
                "provider": provider,
            }
        )
        with recorder.store.write() as connection:
            ledger.set_settlement(
                connection, recorder.hold, self._plan.model_dump(mode="json", exclude_none=True)
            )

    def _claim(self, recorder: Recorder, target: Target) -> None:
        """Keep runs of other stores off the target. Whoever settles gives it back.

        Raises:
            ClaimedError: one of them has it.
        """
        obligation, now = f"{self._run}-claim", self._clock.now()
        with recorder.store.write() as connection:
            ledger.intend(
                connection, recorder.hold, obligation, kind="claim", undo={}, now=now.timestamp()
            )
        target.claim(self._run, stale_after(self._bundle, now))
        with recorder.store.write() as connection:
            ledger.injected(connection, recorder.hold, obligation, self._clock.now().timestamp())

    def _mark_children(self) -> None:
        """What a question starts must not outlive us: from now on it carries the run's id."""
        os.environ[MARK] = self._run
        self._stack.callback(os.environ.pop, MARK, None)

    def _start_runner(self, stage: Stage) -> None:
        """Start the machine side: its identity is in the ledger before it is told to go.

        From then on the heartbeat speaks for us: what hangs before the loop begins must not
        keep the lease alive while a fault is in.
        """
        self._go_on()
        if not stage.watchdog.alive():
            raise RefusedError("the watchdog died; nothing was injected")
        if self._runner is not None and self._runner.ended():
            raise RefusedError(f"the runner did not start: {self._runner.complaint() or 'killed'}")
        if self._runner is not None:
            with stage.recorder.store.write() as connection:
                ledger.set_runner(connection, stage.recorder.hold, self._runner.identity)
        stage.heartbeat.alive()
        self._going = True
        if self._runner is not None:
            self._runner.go(self._order(stage, stage.faults))

    def _order(self, stage: Stage, faults: list[PlannedFault]) -> RunnerOrder:
        bundle, hold = stage.bundle, stage.recorder.hold
        return RunnerOrder(
            title=bundle.drill.title,
            run=hold.run,
            fence=hold.fence,
            database=self._request.store.secret_url(),
            anchor=self._anchor,
            target=stage.target.address,
            faults=faults,
            pods=pods_limit(bundle.drill, bundle.environment),
            request=self._plan.timing.request,
        )

    def _go_on(self) -> None:
        """Raises RefusedError where somebody has interrupted: nobody is paged after that."""
        if self._signals.received:
            raise RefusedError("interrupted before anything was touched")

    def _settle(self, recorder: Recorder, heartbeat: Heartbeat, why: Why) -> Settled:
        self._stop()
        stage = self._stage
        settlement = Settlement(
            recorder,
            self._plan,
            heartbeat,
            target=stage.target if stage else None,
            provider=stage.provider if stage else None,
        )
        insisting = Insisting(
            settlement,
            heartbeat,
            self._clock,
            self._plan.timing,
            run=self._run,
            target=stage.target if stage else None,
            faults=[planned.injection for planned in stage.faults] if stage else [],
        )
        return insisting.settle(
            why,
            self._runner.identity if self._runner and self._going else None,
            finish=self._finish,
            failing=self._store_fails or heartbeat.lapsed(),
        )

    def _stop(self) -> None:
        """End what goes on beside us; the runner begins to roll back."""
        if self._conductor is not None:
            self._conductor.stop()
        if self._runner is not None:
            self._runner.stop()

    def _finish(self) -> None:
        try:
            if self._conductor is not None:
                self._conductor.finish()
        except (LostError, StoreError):
            raise
        except Exception as error:  # what was seen last is not worth a fault that stays
            log_bug(_log, f"the end of run {self._run}", error)
