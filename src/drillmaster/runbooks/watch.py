"""Evidence for the steps of a runbook, seen at the target while a drill runs.

Which evidence counts:

- `audit`: the target's own record of what one of the drill's people did. An action that
  was allowed and succeeded is `proved` evidence for a step that it matches. Every action
  is told as well, also a refused one: it may be a step's substitute, or no step at all.
  Where there is no record, or one that does not hold enough or whose time is not of the
  drill, that is told once for each step: it is not known then whether the step was done.
- `state`, `http`, `command`: the world is as the step leaves it, and was not so when the
  page was sent. This shows no person, so it is `authorised` at the most. What was true
  already is never evidence; that is told once, because it says nothing about the step.
- `self-report`: nothing to see here. It comes from the person, through the page's links.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from drillmaster.clock import Clock
from drillmaster.definitions.runbook import Runbook
from drillmaster.probes.audit import records
from drillmaster.probes.base import Answer, Ask, Asking, Outcome
from drillmaster.probes.registry import ask as ask_any
from drillmaster.runbooks.audited import AuditedSteps
from drillmaster.runbooks.times import CLOCK, ended, time_doubt
from drillmaster.runbooks.turned import Already, Turn, Turning
from drillmaster.targets.base import (
    ActionRecord,
    DeclinedError,
    GoneError,
    Target,
    UnreachableError,
)
from drillmaster.timeline.events import (
    ActionSeen,
    AnyEvent,
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
)

_FALSE: dict[str, frozenset[Outcome]] = {
    "state": frozenset({"no"}),
    "command": frozenset({"no"}),
    "http": frozenset({"no", "denied", "unreachable"}),
}
"""What is asked again and again, and which outcomes mean that it is not so now. A page
that does not answer is not there; a target that does not answer may be in any state."""


class EvidenceWatch:
    """Watches one drill, from the sending of the page on.

    Making it takes the baseline: actions recorded before are nobody's step.
    """

    def __init__(
        self,
        runbook: Runbook,
        target: Target,
        people: Collection[str],
        clock: Clock,
        ask: Ask = ask_any,
    ) -> None:
        self._required = {step.id for step in runbook.steps if not step.optional}
        self._target, self._people, self._clock = target, frozenset(people), clock
        self._audited = AuditedSteps(runbook)
        asking = Asking(clock, target)
        self._turnings = [
            (step.id, step.evidence.kind, Turning(step.evidence.body, asking, ask, no))
            for step in runbook.steps
            if step.evidence is not None and (no := _FALSE.get(step.evidence.kind)) is not None
        ]
        self._unseen: dict[str, str] = {}
        """Steps that the record cannot show, and why; those told of among them."""
        self._told: set[str] = set()
        self._cursor: str | None = None
        self._begun = clock.now()
        self._based = False
        """Whether the record was read once, so that what is new has been written since."""
        self._read()

    def poll(self) -> list[AnyEvent]:
        """What was seen since the last call, each thing once.

        It asks the target for its record and waits for that; other questions are asked
        in the background. A target that does not answer delays what it shows, and loses
        nothing.
        """
        found: list[AnyEvent] = []
        for record in self._read():
            if record.who in self._people:
                found.extend(self._of_record(record))
        for step, kind, turning in self._turnings:
            match turning.poll():
                case Turn() as turn:
                    found.append(self._of_turn(step, kind, turn))
                case Already(answer):
                    found.append(self._of_baseline(step, kind, answer))
        return [*found, *self._of_unseen()]

    def complete(self, evidenced: Collection[str]) -> bool:
        """Whether every required step is among those that have evidence."""
        return self._required <= set(evidenced)

    def _read(self) -> list[ActionRecord]:
        """What is new in the record; nothing while the target does not answer.

        Where the target did not answer for the baseline, the times in its record must
        tell what happened before.
        """
        try:
            new = records(self._target, self._cursor)
        except (UnreachableError, GoneError):
            return []
        except DeclinedError as error:
            self._unseen |= {step: str(error) for step in self._audited.steps}
            return []
        based, self._based = self._based, True
        if new:
            self._cursor = new[-1].id
        return [record for record in new if based or ended(record) >= self._begun]

    def _of_unseen(self) -> list[AnyEvent]:
        now = self._clock.now()
        new = {step: why for step, why in self._unseen.items() if step not in self._told}
        self._told |= new.keys()
        return [
            StepUnseen(**self._when("target", now, 0.0), step=step, how="audit", detail=why)
            for step, why in new.items()
        ]

    def _of_record(self, record: ActionRecord) -> list[AnyEvent]:
        if ended(record) < self._begun - CLOCK:
            return []  # no clock is that far behind: it is an old record that came late
        doubt = time_doubt(record, self._begun, self._clock.now())
        if record.allowed:
            doubt = doubt or record.doubt
        if doubt is not None:
            for asked in self._audited.about(record):
                self._unseen.setdefault(asked, f"{record.action}: {doubt}")
            return []
        when = self._when("target", record.at, record.precision)
        seen = ActionSeen(
            **when,
            record=record.id,
            person=record.who,
            action=record.action,
            object=f"{record.namespace}/{record.workload}",
            parameters=record.parameters,
            allowed=record.allowed,
        )
        step = self._audited.take(record)
        if step is None:
            return [seen]
        evidenced = StepEvidenced(
            **when, step=step, person=record.who, grade="proved", how="audit", record=record.id
        )
        return [seen, evidenced]

    def _of_turn(self, step: str, kind: str, turn: Turn) -> StepEvidenced:
        when = self._when(_source(kind), turn.at, turn.precision)
        return StepEvidenced(**when, step=step, person=None, grade="authorised", how=kind)

    def _of_baseline(self, step: str, kind: str, answer: Answer) -> StepAlreadyMet:
        when = self._when(_source(kind), answer.at, answer.precision)
        return StepAlreadyMet(**when, step=step, how=kind, detail=answer.detail)

    def _when(self, source: str, at: datetime, precision: float) -> dict[str, Any]:
        return {
            "occurred_at": at,
            "observed_at": self._clock.now(),
            "source": source,
            "precision": precision,
        }


def _source(kind: str) -> str:
    return "target" if kind == "state" else kind
