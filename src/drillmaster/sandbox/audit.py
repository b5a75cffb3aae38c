"""The audit record: who did what, when, and whether they were allowed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drillmaster.clock import Clock


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that somebody does, or tries to do."""

    began: datetime
    who: str
    action: str
    namespace: str
    workload: str
    parameters: dict[str, Any]
    check: bool
    """Asked by Drillmaster in the person's name, so the person did not do it."""


class Audit:
    """All records, oldest first. It lives and ends with the sandbox."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._records: list[dict[str, Any]] = []

    def record(self, attempt: Attempt, *, allowed: bool, succeeded: bool) -> str:
        """Write an attempt down once it is over; the record's id."""
        half = (self.clock.now() - attempt.began) / 2
        number = str(len(self._records) + 1)
        self._records.append(
            {
                "id": number,
                "at": (attempt.began + half).isoformat(),
                "precision": half.total_seconds(),
                "who": attempt.who,
                "action": attempt.action,
                "namespace": attempt.namespace,
                "workload": attempt.workload,
                "parameters": attempt.parameters,
                "allowed": allowed,
                "succeeded": succeeded,
                "check": attempt.check,
            }
        )
        return number

    def after(self, number: int) -> list[dict[str, Any]]:
        """The records after the one with this number; 0 for all."""
        return self._records[max(0, number) :]
