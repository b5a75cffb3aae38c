"""How the runbook was followed: an outcome for every step, and what was done beside it."""

from dataclasses import dataclass

from drillmaster.definitions.runbook import Runbook, Step
from drillmaster.scoring.acknowledgement import Response
from drillmaster.scoring.actions import Strays, denied, is_looking, is_of, strays
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.decisions import unsound_at_last
from drillmaster.scoring.evidence import StepEvidence, gather, grade_of
from drillmaster.scoring.extras import extras
from drillmaster.scoring.order import in_order
from drillmaster.scoring.reading import between, judge, weakest
from drillmaster.scoring.scorecard import RunbookResult, StepOutcome, StepRow
from drillmaster.timeline.events import StepEvidenced


@dataclass(frozen=True, slots=True)
class Followed:
    """The runbook of a run, step by step."""

    result: RunbookResult
    evidence: dict[str, StepEvidence]
    blocked: frozenset[str]
    """Steps that the secondary tried and was not allowed to do."""
    already: frozenset[str]
    """Steps that cannot be seen, because their evidence was there before the page, and
    nothing else shows that the secondary did them."""
    unseen: dict[str, str]
    """Steps that cannot be seen, because the record that is to show them cannot, and why."""
    wrong_hands: tuple[int, ...]
    """Events in which somebody who was not expected to did a step."""

    @property
    def required(self) -> list[StepRow]:
        """The rows that count in adherence."""
        return [row for row in self.result.steps if row.required]

    @property
    def doubled(self) -> list[StepRow]:
        """Steps that two people did, also those that are optional."""
        return [row for row in self.result.steps if row.outcome == "doubled"]

    def evidence_of(self, step: str) -> StepEvidence:
        """What shows that a step was done."""
        return self.evidence.get(step, StepEvidence())

    def outcomes(self, *wanted: StepOutcome) -> list[StepRow]:
        """The required steps with one of some outcomes."""
        return [row for row in self.required if row.outcome in wanted]


def follow(case: Case, response: Response) -> Followed | None:
    """How the runbook was followed; None for a drill without one."""
    return _Reader(case, response, case.runbook).read() if case.runbook else None


def _record_of(fact: Fact[StepEvidenced]) -> tuple[str, int]:
    """Which record tells of a step: all that is in one stands in its order. A state that was
    seen to change is in none; it happened somewhere between two looks."""
    event = fact.event
    kept = event.how in {"audit", "self-report"}
    return f"{event.source} {event.how}", 0 if kept else fact.seq


def _moment(fact: Fact[StepEvidenced], alone: bool) -> tuple[float, float]:
    """When a step was done, for its place among the others. Where one source tells of all,
    its own order counts, however imprecise its times are."""
    return (fact.at, fact.at) if alone else (fact.earliest, fact.latest)


def _order_of(before: Fact[StepEvidenced], after: Fact[StepEvidenced]) -> StepOutcome:
    """What becomes of a step that is said to have been done after another."""
    if _record_of(before) == _record_of(after):
        in_turn = (before.at, before.seq) < (after.at, after.seq)
        return "followed" if in_turn else "out-of-order"
    return "followed" if before.latest <= after.earliest else "unverified"


class _Reader:
    def __init__(self, case: Case, response: Response, runbook: Runbook) -> None:
        self._case = case
        self._response = response
        self._runbook = runbook
        self._steps = runbook.steps
        self._evidence = gather(case, response.start_for(None))
        self._denied = denied(case)
        self._unsound = unsound_at_last(case)

    def read(self) -> Followed:
        done = [step for step in self._steps if self._of(step).ours]
        outcomes = {step.id: self._outcome(step) for step in done}
        self._put_in_order(done, outcomes)
        counted = [fact for step in done for fact in self._all(step)]
        left = strays(self._case, self._steps, counted)
        rows = {step.id: self._row(step, outcomes[step.id]) for step in done}
        for step in sorted(self._steps, key=lambda step: step.optional):
            if step.id not in rows:  # required steps first: they claim what was done instead
                rows[step.id] = self._missing(step, left)
        result = RunbookResult(
            name=self._runbook.name,
            revision=self._runbook.revision,
            steps=[
                *(rows[step.id] for step in self._steps),
                *extras(self._steps, self._evidence, left, self._response),
            ],
        )
        return Followed(
            result,
            self._evidence,
            self._blocked(),
            self._already(),
            self._unseen(),
            self._wrong_hands(),
        )

    def _of(self, step: Step) -> StepEvidence:
        return self._evidence.get(step.id, StepEvidence())

    def _second(self, step: Step) -> Fact[StepEvidenced] | None:
        return None if is_looking(step) else self._of(step).second

    def _all(self, step: Step) -> list[Fact[StepEvidenced]]:
        found = self._of(step)
        return [*found.ours, *(found.others if self._second(step) else [])]

    def _outcome(self, step: Step) -> StepOutcome:
        """The outcome of a step that was done, order left aside."""
        evidence = self._of(step).ours[0]
        if self._second(step):
            return "doubled"
        if step.id in self._unsound:
            return "unsound"
        if step.within is None:
            return "followed"
        start = self._response.start_for(evidence.event.person)
        if start is None:
            return "unverified"
        span = between(start, evidence)
        verdict = judge(span.low, span.high, step.within) if span else "met"
        told: dict[str, StepOutcome] = {"met": "followed", "missed": "late"}
        return told.get(verdict, "unverified")

    def _put_in_order(self, done: list[Step], outcomes: dict[str, StepOutcome]) -> None:
        """Order is judged among the required steps that were done well otherwise, so that
        one mistake costs one step."""
        well = [step for step in done if outcomes[step.id] == "followed" and not step.optional]
        facts = [self._of(step).ours[0] for step in well]
        alone = len({_record_of(fact) for fact in facts}) == 1
        kept = in_order([_moment(fact, alone) for fact in facts])
        before: Fact[StepEvidenced] | None = None
        for index, (step, fact) in enumerate(zip(well, facts, strict=True)):
            if index not in kept:
                outcomes[step.id] = "out-of-order"
                continue
            outcomes[step.id] = _order_of(before, fact) if before else "followed"
            before = fact

    def _row(self, step: Step, outcome: StepOutcome) -> StepRow:
        evidence = self._of(step).ours[0]
        facts = [evidence] + ([second] if (second := self._second(step)) else [])
        start = self._response.start_for(evidence.event.person)
        decided = [self._unsound[step.id].seq] if outcome == "unsound" else []
        return StepRow(
            step=step.id,
            outcome=outcome,
            required=not step.optional,
            after=round(evidence.at - start.at, 6) if start else None,
            by=[fact.event.person for fact in facts if fact.event.person is not None],
            grade=weakest([grade_of(fact) for fact in facts]),
            events=[fact.seq for fact in facts] + decided,
        )

    def _missing(self, step: Step, left: Strays) -> StepRow:
        """The row of a step that nothing shows to be done."""
        tried = [fact.seq for fact in self._denied if is_of(step, fact.event)]
        found = self._of(step)
        nobodys = [fact.seq for fact in [*found.unproved, *found.already, *found.unseen]]
        outcome: StepOutcome = "unverified" if nobodys or self._may_yet_come(step) else "skipped"
        instead = None
        if outcome == "skipped" and not step.optional and not tried:
            instead = left.claim(*self._gap(step))
        return StepRow(
            step=step.id,
            outcome="substituted" if instead else outcome,
            required=not step.optional,
            after=None,
            by=[instead.event.person] if instead else [],
            grade=None,
            events=[instead.seq] if instead else sorted(tried + nobodys),
        )

    def _may_yet_come(self, step: Step) -> bool:
        """Whether the secondary had no fair chance to do the step."""
        if self._response.escalation is None or not self._case.answer_expected:
            return True
        start = self._response.start_for(None)
        return self._case.early and not self._case.lapsed(start, step.within)

    def _gap(self, step: Step) -> tuple[float, float]:
        """When the step should have been done: between the steps around it."""
        place = self._steps.index(step)
        before = [fact for one in self._steps[:place] for fact in self._of(one).ours[:1]]
        after = [fact for one in self._steps[place + 1 :] for fact in self._of(one).ours[:1]]
        start = self._response.start_for(None) or self._response.escalation
        begin = before[-1].at if before else start.at if start else self._case.end
        return begin, after[0].at if after else self._case.end

    def _blocked(self) -> frozenset[str]:
        return frozenset(
            step.id
            for step in self._steps
            if not self._of(step).ours and any(is_of(step, fact.event) for fact in self._denied)
        )

    def _already(self) -> frozenset[str]:
        return frozenset(
            step.id for step in self._steps if self._of(step).already and not self._of(step).ours
        )

    def _unseen(self) -> dict[str, str]:
        return {
            step.id: self._of(step).unseen[0].event.detail
            for step in self._steps
            if self._of(step).unseen and not self._of(step).ours
        }

    def _wrong_hands(self) -> tuple[int, ...]:
        others = [
            fact.seq
            for step in self._steps
            if not is_looking(step)
            for fact in self._of(step).others
        ]
        return tuple(sorted(others))
