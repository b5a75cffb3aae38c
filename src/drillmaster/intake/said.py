"""What people say that they did, taken down: a drill's goes into the run's inbox, a real
incident's into its own log."""

from collections.abc import Callable
from typing import Any

from drillmaster.clock import Clock
from drillmaster.definitions.runbook import Runbook, Step
from drillmaster.intake.forms import RefusalError
from drillmaster.intake.progress import closed, progress_of
from drillmaster.oncall.record import lock, log
from drillmaster.timeline.events import (
    AnyEvent,
    BridgeOpened,
    DecisionAnswered,
    NoteAdded,
    StepEvidenced,
)
from drillmaster.timeline.log import post
from drillmaster.timeline.store import Store

LONGEST_NOTE = 2000
"""Characters."""

PRECISION = 0.001
"""Seconds; the intake's own clock, when the request came in."""


class Said:
    """Takes down what people say. Every method raises RefusalError for what cannot be."""

    def __init__(
        self, store: Store, clock: Clock, runbook: Runbook | None, bridge: str | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._steps = {step.id: step for step in runbook.steps} if runbook else {}
        self._bridge = bridge

    def bridge(self, incident: str, person: str) -> str:
        """The person opens the bridge; returns its address."""
        if self._bridge is None:
            raise RefusalError(404, "This environment has no bridge.")
        self._record(incident, lambda stamp: BridgeOpened(**stamp, person=person))
        return self._bridge

    def note(self, incident: str, person: str, text: str) -> None:
        """The person writes something down."""
        text = text.strip()
        if not text:
            raise RefusalError(400, "The note is empty.")
        if len(text) > LONGEST_NOTE:
            raise RefusalError(413, f"A note has at most {LONGEST_NOTE} characters.")
        self._record(incident, lambda stamp: NoteAdded(**stamp, person=person, text=text))

    def step(self, incident: str, person: str, step: str) -> None:
        """The person says that a step is done. To say so again is to tap twice, not to do
        it twice."""
        known = self._step(step).id
        self._record(
            incident,
            lambda stamp: StepEvidenced(
                **stamp, step=known, person=person, grade="self-reported", how="self-report"
            ),
            once=True,
        )

    def decide(self, incident: str, person: str, step: str, choice: str) -> None:
        """The person chooses at a decision point; who changes their mind is heard again."""
        decision = self._step(step).decision
        if decision is None:
            raise RefusalError(404, "There is nothing to decide at this step.")
        if choice not in decision.options:
            raise RefusalError(400, f"Choose one of: {', '.join(decision.options)}.")
        self._record(
            incident,
            lambda stamp: DecisionAnswered(**stamp, step=step, person=person, choice=choice),
        )

    def _step(self, step: str) -> Step:
        if step not in self._steps:
            raise RefusalError(404, "The runbook has no such step.")
        return self._steps[step]

    def _record(
        self, incident: str, make: Callable[[dict[str, Any]], AnyEvent], *, once: bool = False
    ) -> None:
        at = self._clock.now()
        event = make(
            {"occurred_at": at, "observed_at": at, "source": "intake", "precision": PRECISION}
        )
        with self._store.write() as connection:
            found = lock(connection, incident)
            if closed(connection, found):
                raise RefusalError(409, "This is over: nothing more is taken down.")
            if once and _said(event, progress_of(connection, found)):
                return
            if found.run is None:
                log(connection, incident, event)
            else:
                post(connection, found.run, event)


def _said(event: AnyEvent, before: list[AnyEvent]) -> bool:
    """Whether the same was said before, at whatever time."""
    times = {"occurred_at", "observed_at"}
    return any(
        other.model_dump(exclude=times) == event.model_dump(exclude=times) for other in before
    )
