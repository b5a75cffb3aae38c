"""How far the human side of a drill is, as its events tell, and when it is over.

It is measured until the runbook is done or the last listed target has lapsed,
whichever is first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.runbook import Runbook
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    ActionSeen,
    AnyEvent,
    BridgeOpened,
    DecisionAnswered,
    Escalated,
    Event,
    FaultEffective,
    FaultInjected,
    IncidentOpened,
    NoteAdded,
    StepEvidenced,
)

T = TypeVar("T")

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
        self._told = {
            step.id
            for step in self._steps
            if step.evidence is None or step.evidence.kind == "self-report"
        }
        self._effects_to_come = {
            fault.id for fault in drill.faults if fault.kind != "unreachable-primary"
        }
        self._engagement = environment.timing.engagement
        self._secondaries = frozenset(environment.holders("secondary"))
        self._acknowledged: dict[tuple[str, str | None], datetime] = {}
        self._evidenced: dict[str, datetime] = {}
        """The steps of which there is evidence, and the latest moment that it may be of."""
        self._acted: dict[str | None, datetime] = {}
        """Who has done something, and until when at the latest."""
        self._done_at: datetime | None = None
        self._opened_at: datetime | None = None
        self._escalated_at: datetime | None = None
        self._injected_at: datetime | None = None
        self.effective = False
        """Whether some fault's effect was seen."""
        self.access_checked = drill.access is None
        """Whether every access check has its answer."""

    def see(self, event: AnyEvent) -> None:
        """Take an event in."""
        match event:
            case FaultInjected():
                self._injected_at = self._injected_at or event.occurred_at
            case FaultEffective():
                self.effective = True
                self._effects_to_come.discard(event.fault)
            case IncidentOpened():
                self._opened_at = event.occurred_at
            case Escalated(role="secondary"):
                self._escalated_at = self._escalated_at or event.occurred_at
            case Acknowledged(role="primary" | "secondary" as role, agent="person"):
                self._acknowledged.setdefault((role, event.person), event.occurred_at)
            case AcknowledgementWithdrawn():
                for role in ("primary", "secondary"):
                    self._acknowledged.pop((role, event.person), None)
            case StepEvidenced():
                _keep_latest(self._acted, event.person, event)
                self._take_evidence(event)
            case ActionSeen() | BridgeOpened() | NoteAdded() | DecisionAnswered():
                _keep_latest(self._acted, event.person, event)
            case _:
                pass

    def _take_evidence(self, event: StepEvidenced) -> None:
        """What a bystander does is no reason to end a drill of the secondary, and a word none
        where the runbook asks for more."""
        ours = event.person is None or event.person in self._secondaries
        if ours and (event.how != "self-report" or event.step in self._told):
            _keep_latest(self._evidenced, event.step, event)

    def fruitless(self, now: datetime) -> float:
        """Seconds for which some fault has been in, and none has shown an effect."""
        if self._injected_at is None or self.effective:
            return 0.0
        return (now - self._injected_at).total_seconds()

    def over(self, now: datetime) -> str | None:
        """Why the human side is over; None while it is not."""
        self._done_at = (self._done_at or now) if self._runbook_done() else None
        if self._done_at is not None and (now - self._done_at).total_seconds() >= LINGER:
            return "the runbook is done" if self._steps else "the secondary is at work"
        lapses = self._lapses_at()
        if lapses is not None and now >= lapses:
            return "the last target has lapsed"
        return None

    def _runbook_done(self) -> bool:
        """Whether nothing is left to be seen: who acknowledged is at work, and every fault
        has shown its effect, too. What was surely done before the secondary was paged is no
        response to the page."""
        takers = {who for (role, who) in self._acknowledged if role == "secondary"}
        at_work = self._since_paged(self._acted)
        if not takers & at_work or not self.access_checked or self._effects_to_come:
            return False
        return {step.id for step in self._steps} <= self._since_paged(self._evidenced)

    def _since_paged(self, done: Mapping[T, datetime]) -> set[T]:
        paged = self._escalated_at
        return {what for what, until in done.items() if paged is None or until >= paged}

    def _ack_of(self, role: str) -> datetime | None:
        """The first ACK of a role that was not taken back."""
        stand = (at for (whose, _), at in self._acknowledged.items() if whose == role)
        return min(stand, default=None)

    def _lapses_at(self) -> datetime | None:
        """When the last listed target lapses, as far as that can be told by now."""
        if self._opened_at is None:
            return None
        times = [time for time in self._lapses(self._opened_at) if time is not None]
        return max(times, default=None)

    def _lapses(self, opened: datetime) -> Sequence[datetime | None]:
        targets = self._drill.targets
        # Where the secondary is never paged, the policy's own time decides.
        escalated = self._escalated_at or opened + timedelta(seconds=self._policy)
        acknowledged = self._ack_of("secondary") or _after(
            escalated, targets.secondary_response or self._policy
        )
        within = [step.within or self._engagement for step in self._steps]
        work = (targets.first_mitigation, targets.runbook_adherence)
        return [
            _after(opened, targets.escalation_latency),
            _after(escalated, targets.secondary_response),
            # Where no target says by when work must be done, there is time to go to it.
            _after(self._ack_of("secondary"), self._engagement)
            if targets.secondary_response is not None and work == (None, None)
            else None,
            _after(escalated, targets.first_mitigation),
            _after(self._ack_of("primary") or opened, targets.hand_over_time),
            _after(acknowledged, max(within, default=0.0))
            if targets.runbook_adherence is not None
            else None,
            _after(escalated, 0.0 if self.access_checked else _CHECKS)
            if targets.access_failures is not None
            else None,
        ]


def _keep_latest(done: dict[T, datetime], what: T, event: Event) -> None:
    until = event.occurred_at + timedelta(seconds=event.precision)
    done[what] = max(until, done.get(what, until))


def _after(start: datetime | None, seconds: float | None) -> datetime | None:
    return start + timedelta(seconds=seconds) if start and seconds is not None else None
