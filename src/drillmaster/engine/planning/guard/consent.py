"""Nobody is paged who did not agree to be drilled."""

from collections.abc import Callable
from typing import Literal

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.rung import unreachable_primary
from drillmaster.engine.planning.guard.rule import Files, Verdict, holds, refused
from drillmaster.engine.planning.people import paged_people

Lack = Literal["declined", "unanswered", "unbriefed"]
"""Somebody said no; said nothing where a yes is needed; or is to stay silent on a page, and
did not say yes to that."""


def consent(files: Files) -> Verdict:
    """Whoever may really be paged agreed, by saying so or, where the environment takes that
    for a yes, by not saying no; and a primary who is to stay silent said so."""
    lack, people = lacking(files.drill, files.environment)
    if lack is not None:
        return refused(_WHY[lack](_and(people)))
    paged = paged_people(files.drill, files.environment)
    return holds(f"{_and(paged)} may be paged" if paged else "no real person is paged")


def lacking(drill: Drill, environment: Environment) -> tuple[Lack | None, list[str]]:
    """Whose consent is missing first, and in which way."""
    people, paged = environment.people, paged_people(drill, environment)
    if declined := [who for who in paged if people[who].consent is False]:
        return "declined", declined
    silent = [who for who in paged if people[who].consent is None]
    if silent and environment.consent == "opt-in":
        return "unanswered", silent
    unbriefed = [who for who in silent if "primary" in people[who].roles]
    if unbriefed and unreachable_primary(drill) == "briefed":
        return "unbriefed", unbriefed
    return None, []


def _and(people: list[str]) -> str:
    return " and ".join(people)


_WHY: dict[Lack, Callable[[str], str]] = {
    "declined": lambda who: f"{who} did not agree to be drilled (`consent: false`)",
    "unanswered": lambda who: (
        f"{who} did not say yes to being drilled; "
        "the environment is `consent: opt-in`, so each must have `consent: true`"
    ),
    "unbriefed": lambda who: (
        f"{who} must stay silent on a page, and did not agree to it; "
        "`unreachable-primary: {by: briefed}` needs `consent: true` of every primary"
    ),
}
