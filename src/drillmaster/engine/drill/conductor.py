"""The loop of a drill: hears workers, inbox and provider, writes down, and acts.

One thread, one writer. It ends with the reason why the drill is over; what happens
then is the settlement's.
"""

from collections.abc import Iterable
from datetime import datetime

from drillmaster.definitions.rung import unreachable_primary
from drillmaster.engine.books import ledger
from drillmaster.engine.drill import endings, human, watchers
from drillmaster.engine.drill.children import Runner
from drillmaster.engine.drill.effects import effect_of
from drillmaster.engine.drill.progress import Progress
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.drill.workers import Abort, Done, Failed, Message, Workers
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.settling.settlement import Why
from drillmaster.faults.registry import kind_of
from drillmaster.oncall.base import NewIncident
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import (
    AnyEvent,
    Escalated,
    FaultEffective,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    StepEvidenced,
)

_TICK = 0.05  # seconds that the loop waits for a message


class Conductor:
    """Conducts one drill from the first fault to the order to undo."""

    def __init__(self, stage: Stage, runner: Runner | None) -> None:
        drill, environment = stage.bundle.drill, stage.bundle.environment
        self._stage = stage
        self._runner = runner
        self._clock = stage.recorder.clock
        self._workers = Workers()
        self._progress = Progress(drill, environment, stage.bundle.runbook)
        self._injections = {fault.injection.name: fault.injection for fault in stage.faults}
        self._intended: dict[str, datetime] = {}
        self._incident = f"{stage.recorder.hold.run}-incident"
        self._cursor: int | None = None
        self._abort: str | None = None
        self._checking = False
        self._over = False

    def conduct(self) -> Why:
        """Run the loop.

        Raises:
            LostError: the run was taken over by somebody else.
        """
        stage, began = self._stage, self._clock.monotonic()
        self._start_watchers()
        if stage.bundle.drill.escalation.page == "immediately" or not stage.faults:
            self._open_incident()
        while True:
            self._turn(_TICK)
            over = endings.over(
                endings.Standing(
                    stage=stage,
                    runner=self._runner,
                    progress=self._progress,
                    abort=self._abort,
                    elapsed=self._clock.monotonic() - began,
                )
            )
            if over is not None:
                return over

    def stop(self) -> None:
        """No further look at anything, and nobody is paged any more: the undo may begin."""
        self._over = True
        self._workers.stop()

    def finish(self) -> None:
        """Write down the last that was seen before the undo. A state that came about in
        these moments may be the undo's own work, and is evidence of nothing."""
        self._workers.join(wait=1.0)
        for message in self._workers.told(0.0):
            if not (isinstance(message, StepEvidenced) and message.person is None):
                self._hear(message)
        self._turn(0.0)

    def _turn(self, wait: float) -> None:
        stage = self._stage
        for message in self._workers.told(wait):
            self._hear(message)
        self._take(stage.recorder.drain())
        if self._cursor is not None:
            events, self._cursor = stage.provider.read(self._incident, self._cursor)
            seen = self._clock.now()
            self._record(event.model_copy(update={"observed_at": seen}) for event in events)
        stage.heartbeat.alive()

    def _hear(self, message: Message) -> None:
        match message:
            case Failed():
                self._abort = self._abort or f"{message.worker}: {message.reason}"
            case Abort():
                self._abort = self._abort or message.why
            case Done():
                self._progress.access_checked |= message.worker == human.ACCESS
            case _:
                self._record([message])

    def _record(self, events: Iterable[AnyEvent]) -> None:
        new = list(events)
        if new:
            self._take(self._stage.recorder.record(*new))

    def _take(self, written: Iterable[Recorded]) -> None:
        for record in written:
            self._progress.see(record.event)
            if not self._over:
                self._react(record.event)

    def _react(self, event: AnyEvent) -> None:
        match event:
            case FaultIntended():
                self._intended[event.fault] = event.occurred_at
                if self._slow(event.fault):
                    self._watch_effect(event.fault)  # its call returns when all is played
            case FaultInjected(round=1) if not self._slow(event.fault):
                self._watch_effect(event.fault)
            case FaultFailed():
                self._abort = self._abort or f"fault {event.fault} failed: {event.reason}"
            case FaultEffective():
                if self._cursor is None:
                    self._open_incident()
            case Escalated(role="secondary"):
                self._check_access(event.people)
            case _:
                pass

    def _slow(self, fault: str) -> bool:
        injection, target = self._injections[fault], self._stage.target
        return kind_of(injection.kind, target.kind).patience(injection) is not None

    def _watch_effect(self, fault: str) -> None:
        injection, intended = self._injections[fault], self._intended[fault]
        watch = effect_of(self._stage.recorder, self._stage.target, injection, intended)
        self._workers.start(f"effect of {fault}", watch)

    def _start_watchers(self) -> None:
        stage, start = self._stage, self._workers.start
        name = stage.bundle.environment.name
        start("stop", watchers.stop_in_store(stage.recorder, name))
        start("stop mark", watchers.stop_mark(stage.recorder, stage.target))
        for namespace, selector in _selected(stage.faults):
            watch = watchers.pods(stage.recorder, stage.target, namespace, selector)
            start(f"pods {selector}", watch)
        for condition in stage.bundle.drill.abort_when:
            watch = watchers.abort_condition(stage, condition)
            start(f"abort condition {condition.kind}", watch)

    def _open_incident(self) -> None:
        """Page. The evidence that is there already is looked at before that."""
        stage = self._stage
        drill, people = stage.bundle.drill, stage.bundle.environment.people
        if stage.bundle.runbook is not None:
            look = human.evidence(stage.bundle.runbook, people, stage.target, self._clock)
            self._workers.start("evidence", look)
        with stage.recorder.store.write() as connection:
            ledger.intend(
                connection,
                stage.recorder.hold,
                self._incident,
                kind="incident",
                undo=dict(stage.provider.as_data()),
                now=self._clock.now().timestamp(),
            )
        self._cursor = 0
        stage.provider.open(
            NewIncident(
                id=self._incident,
                run=stage.recorder.hold.run,
                service=drill.service,
                severity=drill.escalation.severity,
                summary=f"[DRILL] {drill.escalation.summary}",
                engage=drill.escalation.engage,
                unreachable_primary=unreachable_primary(drill),
            )
        )
        with stage.recorder.store.write() as connection:
            now = self._clock.now().timestamp()
            ledger.injected(connection, stage.recorder.hold, self._incident, now)
        self._workers.start("pager", human.pager(stage.provider, self._clock))

    def _check_access(self, people: list[str]) -> None:
        bundle = self._stage.bundle
        if bundle.access is None or self._checking:
            return
        self._checking = True
        checks = human.access_checks(
            bundle.access, bundle.environment, people, self._stage.target, self._clock
        )
        self._workers.start(human.ACCESS, checks)


def _selected(faults: Iterable[PlannedFault]) -> list[tuple[str, str]]:
    """The namespaces and selectors of the faults, each pair once."""
    arguments = (fault.injection.arguments for fault in faults)
    pairs = ((one.get("namespace"), one.get("selector")) for one in arguments)
    return sorted(
        {(namespace, selector) for namespace, selector in pairs if namespace and selector}
    )
