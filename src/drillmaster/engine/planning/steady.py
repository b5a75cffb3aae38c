"""Steady state: are all its questions answered with yes?"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal

from drillmaster.definitions.probes import Question
from drillmaster.engine.books.recorder import Recorder
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask
from drillmaster.timeline.events import SteadyStateChecked

_TICK = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back."""

    name: str
    answer: Answer
    kind: str = "state"
    """The kind of question."""

    @property
    def surely_lost(self) -> bool:
        """Whether it was not so: who could not be asked may be well. A page that does not
        answer is not well."""
        outcome = self.answer.outcome
        return outcome in {"no", "denied"} or (outcome == "unreachable" and self.kind == "http")


def as_events(
    recorder: Recorder, phase: Literal["before", "after"], asked: Sequence[Asked]
) -> list[SteadyStateChecked]:
    """What was asked, as the timeline keeps it."""
    return [
        recorder.make(
            SteadyStateChecked,
            phase=phase,
            name=one.name,
            met=one.answer.met,
            detail=one.answer.detail,
            occurred_at=one.answer.at,
            precision=one.answer.precision,
        )
        for one in asked
    ]


def ask_all(
    questions: Sequence[Question], asking: Asking, tick: Callable[[], None] = lambda: None
) -> list[Asked]:
    """Ask all questions at the same time; the slowest decides how long it takes.

    `tick` is called meanwhile: every question has a time-out, so to wait is not to hang.
    """
    if not questions:
        return []
    with ThreadPoolExecutor(max_workers=min(8, len(questions))) as pool:
        asked = [pool.submit(ask, question.body, asking) for question in questions]
        while wait(asked, _TICK).not_done:
            tick()
        tick()
        return [
            Asked(question.name, one.result(), question.kind)
            for question, one in zip(questions, asked, strict=True)
        ]
