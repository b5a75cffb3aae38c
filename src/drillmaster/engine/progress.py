"""How far the human side of a drill is, as its events tell, and when it is over.

It is measured until the runbook is done or the last listed target has lapsed,
whichever is first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.runbook import Runbook
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    AnyEvent,
    Escalated,
    FaultEffective,
    IncidentOpened,
    StepEvidenced,
)

LINGER = 1.0
"""Seconds that the drill goes on when the runbook is done, for what others do at the
same moment."""

_CHECKS = 30.0  # seconds; access checks that take longer are not waited for


class Progress:
    """What has happened so far, from the events alone."""

    def __init__(self, drill: Drill, environment: Environment, runbook: Runbook | None) -> None:
        self._drill = drill
        self._policy = sum(level.timeout for level in environment.oncall.policy)
        self._steps = [step for step in runbook.steps if not step.optional] if runbook else []
        self._engagement = environment.timing.engagement
        self._evidenced: set[str] = set()
        self._done_at: datetime | None = None
        self.effective = False
        self.opened_at: datetime | None = None
        self.escalated_at: datetime | None = None
        self.primary_acknowledged_at: datetime | None = None
        self.acknowledged_at: datetime | None = None
        self.access_checked = drill.access is None

    def see(self, event: AnyEvent) -> None:
        """Take an event in."""
        match event:
            case FaultEffective():
                self.effective = True
            case IncidentOpened():
                self.opened_at = event.occurred_at
            case Escalated(role="secondary"):
                self.escalated_at = self.escalated_at or event.occurred_at
            case Acknowledged(role="primary"):
                self.primary_acknowledged_at = self.primary_acknowledged_at or event.occurred_at
            case Acknowledged(role="secondary", agent="person"):
                self.acknowledged_at = self.acknowledged_at or event.occurred_at
            case AcknowledgementWithdrawn():
                self.acknowledged_at = None
            case StepEvidenced():
                self._evidenced.add(event.step)
            case _:
                pass

    def over(self, now: datetime) -> str | None:
        """Why the human side is over; None while it is not."""
        if self._runbook_done():
            self._done_at = self._done_at or now
            if (now - self._done_at).total_seconds() >= LINGER:
                return "the runbook is done" if self._steps else "the secondary has acknowledged"
        lapses = self._lapses_at()
        if lapses is not None and now >= lapses:
            return "the last target has lapsed"
        return None

    def _runbook_done(self) -> bool:
        if self.acknowledged_at is None or not self.access_checked:
            return False
        return {step.id for step in self._steps} <= self._evidenced

    def _lapses_at(self) -> datetime | None:
        """When the last listed target lapses, as far as that can be told by now."""
        if self.opened_at is None:
            return None
        times = [time for time in self._lapses(self.opened_at) if time is not None]
        return max(times, default=None)

    def _lapses(self, opened: datetime) -> Sequence[datetime | None]:
        targets = self._drill.targets
        # Where the secondary is never paged, the policy's own time decides.
        escalated = self.escalated_at or opened + timedelta(seconds=self._policy)
        acknowledged = self.acknowledged_at or _after(
            escalated, targets.secondary_response or self._policy
        )
        within = [step.within or self._engagement for step in self._steps]
        return [
            _after(opened, targets.escalation_latency),
            _after(escalated, targets.secondary_response),
            _after(escalated, targets.first_mitigation),
            _after(self.primary_acknowledged_at or opened, targets.hand_over_time),
            _after(acknowledged, max(within, default=0.0))
            if targets.runbook_adherence is not None
            else None,
            _after(escalated, 0.0 if self.access_checked else _CHECKS)
            if targets.access_failures is not None
            else None,
        ]


def _after(start: datetime | None, seconds: float | None) -> datetime | None:
    return start + timedelta(seconds=seconds) if start and seconds is not None else None
