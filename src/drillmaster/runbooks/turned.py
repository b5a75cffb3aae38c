"""When something became true: one question, asked again and again until it turns, or until
it is plain that it was true from the start."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from drillmaster.clock import Clock
from drillmaster.probes.base import Answer, Ask, Asking, Outcome

EVERY = 0.25
"""Seconds from one asking to the next, at the least."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something became true between two answers."""

    at: datetime
    """The middle of that time."""
    precision: float
    """Seconds; half of it."""


@dataclass(frozen=True, slots=True)
class Already:
    """Something was true at the first clear answer."""

    answer: Answer


class Turning:
    """Asks in a thread of its own, one question at a time, so that nobody waits for it.

    The first answer that is clearly yes or no is the baseline. Something that was true
    from the start never turns, whatever happens to it later: it proves no step.
    """

    def __init__(self, body: object, asking: Asking, ask: Ask, no: frozenset[Outcome]) -> None:
        """Ask for the baseline. `no` are the outcomes that clearly mean: not true now."""
        self._body, self._asking, self._ask, self._no = body, asking, ask, no
        self._clock: Clock = asking.clock
        self._last_no: Answer | None = None
        self._done = False
        self._answer: Answer | None = None
        self._thread: threading.Thread
        self._begin()

    def poll(self) -> Turn | Already | None:
        """When it became true, or that it was so already, told once; does not wait for an
        answer."""
        if self._done or self._thread.is_alive():
            return None
        found = self._judge(self._answer) if self._answer is not None else None
        self._answer = None
        if not self._done and self._clock.monotonic() >= self._next:
            self._begin()
        return found

    def _begin(self) -> None:
        self._next = self._clock.monotonic() + EVERY
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._answer = self._ask(self._body, self._asking)

    def _judge(self, answer: Answer) -> Turn | Already | None:
        if answer.outcome in self._no:
            self._last_no = answer
        elif answer.outcome == "yes":
            self._done = True
            return Already(answer) if self._last_no is None else _between(self._last_no, answer)
        return None


def _between(no: Answer, yes: Answer) -> Turn:
    """The no held at the start of its asking at the latest; the yes at the end of its own."""
    begun = no.at - timedelta(seconds=no.precision)
    ended = yes.at + timedelta(seconds=yes.precision)
    half = (ended - begun) / 2
    return Turn(begun + half, half.total_seconds())
