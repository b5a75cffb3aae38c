"""A whole drill in virtual time: the real conductor, on-call system, machine side, watchers,
ledger, settlement and scoring, among people and a staging of which the truth is known."""

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drillmaster.clock import Anchor
from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Channel, Environment, TerminalChannel, Timing
from drillmaster.definitions.runbook import Runbook
from drillmaster.engine.books import ledger
from drillmaster.engine.books.ledger import NewRun
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.conductor import Conductor
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.machine.machine import Machine
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.engine.planning.faults import definitions_of, planned_faults
from drillmaster.engine.settling.settlement import Settlement, SettlementPlan, Why
from drillmaster.errors import DrillmasterError
from drillmaster.intake.forms import RefusalError
from drillmaster.intake.said import Said
from drillmaster.oncall import doors
from drillmaster.oncall.channels.base import NotDeliveredError, Page
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import RunStarted
from drillmaster.timeline.log import append, read
from drillmaster.timeline.store import Store
from tests.support.hands import fresh_store
from tests.truth.hub import START, Hub, VirtualClock
from tests.truth.parts import Quiet, SlowStore, put_in
from tests.truth.plans import Do, Person, Plan, Told
from tests.truth.staging import Staging, VirtualTarget

RUN = "run-1"

INCIDENT = f"{RUN}-incident"


class World:
    """One drill."""

    def __init__(self, plan: Plan, seed: int, folder: Path) -> None:
        self.plan = plan
        self.hub = Hub(Random(seed))
        self.clock = VirtualClock(self.hub)
        self.staging = Staging(self.hub, plan.nature)
        self.target = VirtualTarget(self.staging)
        self.log: list[tuple[float, dict[str, Any]]] = []
        self.done: list[tuple[float, str | None, str]] = []
        self.pages: dict[str, list[str]] = {"fired": [], "taken": []}
        self.opened = threading.Event()
        self.paged = {who: threading.Event() for who in plan.environment["people"]}
        self.store = _slow(fresh_store(folder), self)
        self.bundle = Bundle(
            Drill.model_validate(plan.drill),
            Environment.model_validate(plan.environment),
            None if plan.access is None else AccessProfile.model_validate(plan.access),
            None if plan.runbook is None else Runbook.model_validate(plan.runbook),
            folder,
        )

    def play(self, patch: pytest.MonkeyPatch) -> Told:
        """The whole drill, from the first fault to the seal."""
        put_in(patch, self.hub, lambda usual: usual * self.plan.rhythm)
        try:
            why = self._play()
        finally:
            self.store.close()
        assert not self.hub.errors, self.hub.errors
        return Told(
            records=self._records,
            staging=self.staging,
            ordered=why,
            opened=self._first("incident-opened"),
            escalated=self._first("escalated", role="secondary"),
            done=self.done,
            pages=self.pages,
        )

    def _play(self) -> float:
        timing = self.bundle.environment.timing
        recorder = self._begin(timing)
        quiet: Any = Quiet()
        faults = planned_faults(self.bundle, RUN, self.clock.now())
        stage = Stage(
            bundle=self.bundle,
            faults=faults,
            target=self.target,
            provider=self._provider(),
            recorder=recorder,
            heartbeat=quiet,
            watchdog=quiet,
            signals=quiet,
        )
        machine = self._machine(recorder, faults)
        for person in self.plan.people:
            self.hub.spawn(f"person {person.who}", self._acting(person), actor=True)
        conductor = Conductor(stage, quiet if faults else None)
        decided = conductor.conduct()
        conductor.stop()
        machine.stopped.set()
        for fault in faults:
            self.hub.spawn("machine", partial(_quietly, machine.undo, fault.injection.name))
        conductor.finish()
        ended = self.plan.ended if decided.ended == "completed" else decided.ended
        plan = SettlementPlan(steady_state=self.bundle.drill.steady_state, timing=timing)
        settlement = Settlement(recorder, plan, quiet, target=self.target, provider=stage.provider)
        settled = settlement.settle(Why(ended, decided.reason, decided.at), None)
        self.hub.finish()
        records = read(self.store, RUN)
        self._records = records if settled.stuck else verify(records)
        return (decided.at - START).total_seconds()

    def _begin(self, timing: Timing) -> Recorder:
        now, bundle = self.clock.now(), self.bundle
        new = NewRun(
            run=RUN,
            drill=bundle.drill.name,
            environment=bundle.environment.name,
            simulated=False,
            anchor=Anchor.here(),
            settlement={},
            lease=timing.lease,
        )
        started = RunStarted(
            occurred_at=now,
            observed_at=now,
            source="supervisor",
            precision=0.001,
            run=RUN,
            drill=bundle.drill.name,
            environment=bundle.environment.name,
            service=bundle.drill.service,
            target="virtual",
            simulated=False,
            operator="somebody",
            version="0",
            definitions=definitions_of(bundle),
        )
        with self.store.write() as connection:
            hold = ledger.open_run(connection, new, now)
            append(connection, RUN, hold.fence, [started])
        return Recorder(self.store, hold, self.clock, "supervisor")

    def _machine(self, recorder: Recorder, faults: list[PlannedFault]) -> Machine:
        order = RunnerOrder(
            title="a drill",
            run=RUN,
            fence=recorder.hold.fence,
            database="",
            anchor=Anchor.here(),
            target=self.target.address,
            faults=faults,
            pods=1.0,
            request=4.0,
        )
        machine = Machine(order, self.store, self.target, self.clock)
        for fault in faults:
            self.hub.spawn("machine", partial(_quietly, machine.inject, fault.injection.name))
        return machine

    def _provider(self) -> EmbeddedProvider:
        terminal = [Channel(terminal=TerminalChannel())]
        return EmbeddedProvider.for_environment(
            self.bundle.environment,
            self.store,
            self.clock,
            show=self._show,
            extra_contacts=dict.fromkeys(self.bundle.environment.people, terminal),
        )

    def _show(self, page: Page) -> None:
        self.hub.pause(self.hub.random.uniform(0, self.plan.slow_channel))
        if page.person in self.plan.undelivered:
            raise NotDeliveredError("nobody there")
        self.pages["taken"].append(page.person)
        self.paged[page.person].set()

    def _noted(self, at: float, entry: dict[str, Any]) -> None:
        self.log.append((at, entry))
        if entry["type"] == "incident-opened":
            self.opened.set()
        if entry["type"] == "page-sent":
            self.pages["fired"].append(entry["person"])

    def _first(self, kind: str, **fields: str) -> float:
        found = (
            at
            for at, entry in self.log
            if entry["type"] == kind and fields.items() <= entry.items()
        )
        return next(found, math.inf)

    def _acting(self, person: Person) -> Callable[[], None]:
        said = Said(self.store, self.clock, self.bundle.runbook, None)

        def work() -> None:
            page = person.page_of or person.who or ""
            begins = self.opened if person.begins == "alert" else self.paged[page]
            self.hub.pause(math.inf, begins)
            for deed in person.does:
                self.hub.pause(deed.after)
                with suppress(DrillmasterError, RefusalError):
                    self._do(said, person.who, deed)

        return work

    def _do(self, said: Said, who: str | None, deed: Do) -> None:
        self.done.append((self.hub.now, who, deed.what))
        match deed.what:
            case "ack":
                doors.acknowledge(self.store, self.clock, INCIDENT, who, via="link")
            case "withdraw":
                doors.withdraw(self.store, self.clock, INCIDENT, who or "")
            case "hand-over":
                doors.hand_over(self.store, self.clock, INCIDENT, who or "")
            case "note":
                said.note(INCIDENT, who or "", "I am on it")
            case "say":
                said.step(INCIDENT, who or "", deed.action)
            case _:
                self.staging.act(who or "robot", deed.action, dict(deed.parameters))


def _slow(store: Store, world: World) -> SlowStore:
    slow = SlowStore(store.url)
    store.close()
    slow.hub, slow.busy, slow.log = world.hub, world.plan.busy, world._noted
    return slow


def _quietly(work: Callable[[str], object], name: str) -> None:
    """What the machine side raises it has told before."""
    with suppress(Exception):
        work(name)
