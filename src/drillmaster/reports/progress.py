"""How far a drill has come, in phases, as its events come in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from drillmaster.definitions.units import count
from drillmaster.reports.lanes import step_titles
from drillmaster.reports.plain import one_line
from drillmaster.reports.wording import ICONS
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import (
    AccessChecked,
    Acknowledged,
    AcknowledgementWithdrawn,
    AnyEvent,
    Escalated,
    FaultEffective,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    FaultStuck,
    FaultUndone,
    GuardChecked,
    PageDelivered,
    PageFailed,
    PolicyExhausted,
    RunSealed,
    SteadyStateChecked,
    SteadyStateLost,
    SteadyStateReturned,
    StepEvidenced,
    UndoOrdered,
)

State = Literal["waiting", "going", "good", "bad"]

_FAULT_STATES: dict[type[AnyEvent], tuple[str, State]] = {
    FaultIntended: ("starting", "going"),
    FaultInjected: ("in force", "going"),
    FaultEffective: ("effect seen", "going"),
    FaultUndone: ("undone", "good"),
    FaultFailed: ("failed", "bad"),
    FaultStuck: ("STUCK", "bad"),
}


@dataclass(slots=True)
class Phase:
    """A part of a drill."""

    name: str
    state: State = "waiting"
    parts: tuple[str, ...] = ()
    """What is known of it now; each part is to be kept on one line."""

    def set(self, state: State, *parts: str) -> None:
        """What is known of it now."""
        self.state, self.parts = state, parts


class Progress:
    """The phases of one drill."""

    def __init__(self) -> None:
        self.title = ""
        self.simulated = False
        self.guard = Phase("guard")
        self.steady = Phase("steady state")
        self.faults = Phase("faults")
        self.page = Phase("page")
        self.ack = Phase("ACK")
        self.access = Phase("access")
        self.runbook = Phase("runbook")
        self.undo = Phase("undo")
        self._held: dict[str, bool] = {}
        self._met: dict[str, bool] = {}
        self._faults: dict[str, tuple[str, State]] = {}
        self._answers: Counter[str] = Counter()
        self._level = ""
        self._steps: dict[str, str] = {}
        self._optional: set[str] = set()
        self._done: set[str] = set()

    def phases(self) -> Iterable[Phase]:
        """In the order in which a drill goes."""
        return (
            self.guard, self.steady, self.faults, self.page,
            self.ack, self.access, self.runbook, self.undo,
        )  # fmt: skip

    def add(self, record: Recorded) -> None:
        """Take an event in."""
        event = record.event
        if event.type == "run-started":
            self.title = one_line(f"{event.drill} on {event.environment}")
            self.simulated = event.simulated
            self._steps = step_titles([record])
            self._optional = _optional_steps(event.definitions)
        self._before(event)
        self._machine(event)
        self._people(event)
        self._after(event)

    def _before(self, event: AnyEvent) -> None:
        match event:
            case GuardChecked():
                self._held[event.rule] = event.passed
                refused = [rule for rule, held in self._held.items() if not held]
                if refused:
                    self.guard.set("bad", f"refused by {', '.join(refused)}")
                else:
                    held = len(self._held)
                    self.guard.set(
                        "good", f"{count(held, 'rule')} {'holds' if held == 1 else 'hold'}"
                    )
            case SteadyStateChecked(phase="before"):
                self._met[event.name] = event.met
                met, asked = sum(self._met.values()), len(self._met)
                self.steady.set(
                    "good" if met == asked else "bad", f"{met} of {count(asked, 'question')} met"
                )
            case _:
                pass

    def _machine(self, event: AnyEvent) -> None:
        known = _FAULT_STATES.get(type(event))
        if known and isinstance(
            event,
            FaultIntended | FaultInjected | FaultEffective | FaultUndone | FaultFailed | FaultStuck,
        ):
            before = self._faults.get(event.fault)
            again = isinstance(event, FaultInjected) and event.round > 1
            self._faults[event.fault] = before if before and again else known
            states = {state for _, state in self._faults.values()}
            worst: State = "bad" if "bad" in states else "going" if "going" in states else "good"
            told = [f"{fault} {what}" for fault, (what, _) in self._faults.items()]
            self.faults.set(worst, *told)

    def _people(self, event: AnyEvent) -> None:
        match event:
            case Escalated():
                people = ", ".join(event.people) or "nobody"
                self._level = f"level {event.level}, {event.role}: {people}"
                self.page.set("going", self._level)
            case PageDelivered():
                self.page.set("good", f"{self._level}, by {event.channel}")
            case PageFailed():
                self.page.set("going", f"{self._level}, {event.channel} failed")
            case PolicyExhausted():
                self.ack.set("bad", "nobody answered")
            case Acknowledged():
                role = event.role or "not on call"
                self.ack.set("good", f"{event.person or 'an automation'} ({role}) by {event.via}")
            case AcknowledgementWithdrawn():
                self.ack.set("bad", f"{event.person} took it back")
            case _:
                self._work(event)

    def _work(self, event: AnyEvent) -> None:
        match event:
            case AccessChecked(subject="person"):
                self._answers[event.answer] += 1
                told = [f"{count} {answer}" for answer, count in self._answers.items()]
                fine = set(self._answers) == {"allowed"}
                self.access.set("good" if fine else "bad", ", ".join(told))
            case StepEvidenced():
                self._done.add(event.step)
                steps = self._steps | {step: self._steps.get(step, step) for step in self._done}
                every = self._done >= set(steps) - self._optional
                told = [f"{_tick(step in self._done)} {title}" for step, title in steps.items()]
                self.runbook.set("good" if every else "going", *told)
            case _:
                pass

    def _after(self, event: AnyEvent) -> None:
        match event:
            case UndoOrdered():
                self.undo.set("going", f"ordered: {event.why}")
            case SteadyStateReturned():
                self.undo.set("good", "steady state returned")
            case SteadyStateLost():
                self.undo.set("bad", f"steady state did not return: {', '.join(event.names)}")
            case RunSealed():
                told = "everything undone" if event.settled else "NOT everything undone"
                state: State = "bad" if not event.settled or self.undo.state == "bad" else "good"
                self.undo.set(state, f"{told}, {event.ended}")
                for phase in self.phases():
                    if phase.state == "going":  # it is over, and did not come to its end
                        phase.state = "bad"
            case _:
                pass


def _optional_steps(definitions: dict[str, Any]) -> set[str]:
    """The ids of the runbook's steps that may be left out."""
    runbook = definitions.get("runbook")
    steps = runbook.get("steps", []) if isinstance(runbook, dict) else []
    return {step["id"] for step in steps if step.get("optional")}


def _tick(done: bool) -> str:
    return ICONS["good" if done else "plain"]
