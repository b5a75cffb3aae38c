"""Steady state: are all its questions answered with yes?"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from drillmaster.definitions.probes import Question
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back."""

    name: str
    answer: Answer


def ask_all(questions: Sequence[Question], asking: Asking) -> list[Asked]:
    """Ask all questions at the same time; the slowest decides how long it takes."""
    if not questions:
        return []
    with ThreadPoolExecutor(max_workers=min(8, len(questions))) as pool:
        answers = pool.map(lambda question: ask(question.body, asking), questions)
        return [
            Asked(question.name, answer)
            for question, answer in zip(questions, answers, strict=True)
        ]
