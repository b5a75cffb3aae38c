"""What was done beside the runbook, as rows of its own."""

from collections.abc import Iterator, Sequence
from typing import Any

from drillmaster.definitions.runbook import Step
from drillmaster.scoring.acknowledgement import Response
from drillmaster.scoring.actions import Strays, is_looking
from drillmaster.scoring.case import Fact
from drillmaster.scoring.evidence import StepEvidence
from drillmaster.scoring.scorecard import StepRow
from drillmaster.timeline.events import Grade


def extras(
    steps: Sequence[Step], evidence: dict[str, StepEvidence], left: Strays, response: Response
) -> list[StepRow]:
    """A row for each action and person, and for each step that only somebody else says
    they did."""
    rows = [
        _row(action, person, facts, "proved", response)
        for (action, person), facts in left.rest().items()
    ]
    return rows + list(_told_by_others(steps, evidence, response))


def _told_by_others(
    steps: Sequence[Step], evidence: dict[str, StepEvidence], response: Response
) -> Iterator[StepRow]:
    for step in steps:
        found = evidence.get(step.id)
        if found is None or found.ours or is_looking(step):
            continue
        for fact in found.others:
            if fact.event.record is None and fact.event.person is not None:
                # What has a record at the target is an action, and has its row already.
                yield _row(step.id, fact.event.person, [fact], fact.event.grade, response)


def _row(
    name: str, person: str, facts: Sequence[Fact[Any]], grade: Grade, response: Response
) -> StepRow:
    start = response.start_for(person)
    return StepRow(
        step=name,
        outcome="extra",
        after=round(facts[0].at - start.at, 6) if start else None,
        by=[person],
        grade=grade,
        events=[fact.seq for fact in facts],
    )
