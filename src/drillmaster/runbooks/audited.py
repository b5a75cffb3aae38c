"""Which step a person's action is evidence for."""

from drillmaster.definitions.runbook import Runbook
from drillmaster.probes.audit import is_about, matches
from drillmaster.targets.base import ActionRecord


class AuditedSteps:
    """The steps whose evidence is an action, and who has done which of them.

    Every person has a list of their own: a step counts once for each person, so that two
    people who do one step are two pieces of evidence, and a repeat is none. An action
    that fits several steps counts for the first that this person has not done yet.
    """

    def __init__(self, runbook: Runbook) -> None:
        self._steps = [
            (step.id, step.evidence.audit)
            for step in runbook.steps
            if step.evidence is not None and step.evidence.audit is not None
        ]
        self._done: set[tuple[str, str]] = set()

    @property
    def steps(self) -> list[str]:
        """Their ids."""
        return [step for step, _ in self._steps]

    def about(self, record: ActionRecord) -> list[str]:
        """The steps that ask for the action of a record, whatever else they ask for."""
        return [step for step, probe in self._steps if is_about(probe, record)]

    def take(self, record: ActionRecord) -> str | None:
        """The step that the record is the person's first evidence for, if there is one."""
        for step, probe in self._steps:
            if (record.who, step) not in self._done and matches(probe, record):
                self._done.add((record.who, step))
                return step
        return None
