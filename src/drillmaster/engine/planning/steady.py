"""Steady state: are all its questions answered with yes?"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from drillmaster.definitions.probes import Question
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask

_TICK = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back."""

    name: str
    answer: Answer


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
            Asked(question.name, one.result())
            for question, one in zip(questions, asked, strict=True)
        ]
