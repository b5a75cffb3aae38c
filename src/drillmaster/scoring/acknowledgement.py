"""What became of the page to the secondary: which ACK counts, if any does.

The right ACK counts whatever else happened: if somebody else was first and the secondary
acknowledged after them, the outcome is `expected`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from drillmaster.scoring import pages
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.engagement import NOTHING, Acts, Engagement
from drillmaster.scoring.reading import BEST_FIRST, Span, between, judge
from drillmaster.scoring.scorecard import Acknowledgement, AckOutcome, Verdict
from drillmaster.timeline.events import (
    Acknowledged,
    AcknowledgementWithdrawn,
    Escalated,
)

_TELLING: tuple[AckOutcome, ...] = (
    "hollow",
    "withdrawn",
    "too-early",
    "wrong-person",
    "automation",
    "none",
)
"""Without an ACK that counts: which outcome is told, the secondary's own acts first."""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to the escalation."""

    escalation: Fact[Escalated] | None
    outcome: AckOutcome = "none"
    ack: Fact[Acknowledged] | None = None
    span: Span | None = None
    """From the escalation to the ACK; None without either, or for an ACK before it."""
    engagement: Engagement = NOTHING
    reached: bool = False
    """Whether some channel took a page to the person whose ACK counts."""
    starts: dict[str, Fact[Acknowledged]] = field(default_factory=dict)
    """By person: the first ACK of the secondary that stood. Steps are timed from here."""
    afterwards: Fact[Acknowledged] | None = None
    """The secondary's ACK that came after the drill's end, where there was none before."""

    @property
    def valid(self) -> bool:
        """Whether somebody was paged, acknowledged and went to work."""
        return self.outcome == "expected" and self.engagement.followed == "yes" and self.reached

    def start_for(self, person: str | None) -> Fact[Acknowledged] | None:
        """From when a person's steps are timed: their own ACK, or else the first one."""
        first = min(self.starts.values(), key=lambda ack: (ack.at, ack.seq), default=None)
        return self.starts.get(person or "", first)

    @property
    def events(self) -> tuple[int, ...]:
        """Where the answer shows, in the order of the timeline."""
        facts = [fact.seq for fact in (self.escalation, self.ack) if fact is not None]
        return tuple(sorted({*facts, *self.engagement.events}))

    def row(self) -> Acknowledgement:
        """Its part of the scorecard."""
        ack, escalation = self.ack, self.escalation
        if ack is None:
            return Acknowledgement(
                outcome="none", role=None, after=None, bound=None, events=list(self.events)
            )
        apart = bound = None
        if escalation is not None:
            apart = round(ack.at - escalation.at, 6)
            bound = round(ack.event.precision + escalation.event.precision, 6)
        secondary = self.outcome not in {"wrong-person", "automation"}
        return Acknowledgement(
            outcome=self.outcome,
            role="secondary" if secondary else ack.event.role,
            after=apart,
            bound=bound,
            events=list(self.events),
        )


def respond(case: Case, target: float | None) -> Response:
    """The ACK that counts, or the outcome that tells most about why none does.

    `target` is M1's, in seconds: of several ACKs that count, the one that stands best to it
    is taken, and of those the first.
    """
    escalation, acts = case.escalation, Acts(case)
    told = {outcome: list[Fact[Acknowledged]]() for outcome in _TELLING}
    counted: list[tuple[Fact[Acknowledged], Engagement]] = []
    starts: dict[str, Fact[Acknowledged]] = {}
    for ack, outcome in _judged(case):
        if outcome is not None:
            told[outcome].append(ack)
            continue
        starts.setdefault(ack.event.person or "", ack)
        engagement = acts.after(ack)
        if engagement.followed == "no":
            told["hollow"].append(ack)
        else:
            counted.append((ack, engagement))
    if escalation is not None and counted:
        standings = (_answer(case, escalation, *one) for one in counted)
        best = min(standings, key=lambda answer: _standing(answer, target))
        return replace(best, starts=starts)
    for outcome in _TELLING:
        for ack in told[outcome][:1]:
            span = between(escalation, ack) if escalation else None
            return Response(escalation, outcome, ack, span, starts=starts)
    return Response(escalation, afterwards=_afterwards(case))


def verdict_of(response: Response, span: Span, target: float | None) -> Verdict:
    """How an ACK stands to M1's target. Late is late, whatever followed; one that may have
    come before the page, without a page or without work after it, is unverified."""
    verdict = judge(span.low, span.high, target)
    sure = span.ordered and response.valid
    return "unverified" if verdict == "met" and not sure else verdict


def _answer(
    case: Case, escalation: Fact[Escalated], ack: Fact[Acknowledged], engagement: Engagement
) -> Response:
    span = between(escalation, ack)
    reached = pages.reached(case, ack.event.person)
    return Response(escalation, "expected", ack, span, engagement, reached)


def _standing(response: Response, target: float | None) -> tuple[int, bool, float, int]:
    ack, span = response.ack, response.span
    verdict = verdict_of(response, span, target) if span else "missed"
    at, seq = (ack.at, ack.seq) if ack else (0.0, 0)
    return BEST_FIRST.index(verdict), not response.valid, at, seq


def _judged(case: Case) -> Iterator[tuple[Fact[Acknowledged], AckOutcome | None]]:
    """Every ACK with what speaks against it; None where nothing does."""
    escalation = case.escalation
    for ack in case.human(Acknowledged):
        if escalation and ack.event.incident != escalation.event.incident:
            continue
        person = ack.event.person
        if ack.event.agent == "automation" or person is None:
            if _followed(escalation, ack):
                yield ack, "automation"
        elif person not in case.expected:
            if _followed(escalation, ack) and not _has_a_part(case, ack):
                yield ack, "wrong-person"
        elif escalation is None or between(escalation, ack) is None:
            yield ack, "too-early"
        elif any(took_back(ack, withdrawal) for withdrawal in case.human(AcknowledgementWithdrawn)):
            yield ack, "withdrawn"
        else:
            yield ack, None


def _afterwards(case: Case) -> Fact[Acknowledged] | None:
    """An ACK that is no part of the drill any more, and shows all the same that the page came
    through."""
    later = (ack for ack in case.of(Acknowledged) if ack.earliest > case.end)
    return next((ack for ack in later if ack.event.person in case.expected), None)


def took_back(ack: Fact[Acknowledged], withdrawal: Fact[AcknowledgementWithdrawn]) -> bool:
    """Whether an ACK was withdrawn; in doubt it was: nobody is ready who may be gone again."""
    if withdrawal.event.person != ack.event.person:
        return False
    return (withdrawal.latest, withdrawal.seq) > (ack.earliest, ack.seq)


def _followed(escalation: Fact[Escalated] | None, ack: Fact[Acknowledged]) -> bool:
    """Whether an ACK came after the escalation, by the times as they are told. Without an
    escalation every ACK may be what prevented it."""
    return escalation is None or (ack.at, ack.seq) > (escalation.at, escalation.seq)


def _has_a_part(case: Case, ack: Fact[Acknowledged]) -> bool:
    """Whether somebody who is not the secondary was called as well, so that their ACK is
    no mistake: the primary, until the escalation has surely left them behind, or whoever is
    paged after the secondary."""
    escalation, person = case.escalation, ack.event.person
    if escalation is None:
        return person in case.primaries
    if person in case.primaries and (
        case.drill.escalation.engage == "at-once" or ack.earliest <= escalation.latest
    ):
        return True
    return any(
        person in later.event.people
        and later.event.level > escalation.event.level
        and later.at <= ack.at
        for later in case.human(Escalated)
    )
