"""Nobody is paged who did not agree to be drilled."""

from drillmaster.engine.planning.faults import unreachable_primary
from drillmaster.engine.planning.guard.rule import Files, Verdict, holds, refused
from drillmaster.engine.planning.people import paged_people


def consent(files: Files) -> Verdict:
    """Whoever may really be paged agreed, by saying so or, where the environment takes that
    for a yes, by not saying no; and a primary who is to stay silent said so."""
    people = files.environment.people
    paged = paged_people(files.drill, files.environment)
    declined = [who for who in paged if people[who].consent is False]
    if declined:
        return refused(f"{_and(declined)} did not agree to be drilled (`consent: false`)")
    silent = [who for who in paged if people[who].consent is None]
    if silent and files.environment.consent == "opt-in":
        return refused(
            f"{_and(silent)} did not say yes to being drilled; "
            f"the environment is `consent: opt-in`, so each must have `consent: true`"
        )
    unbriefed = [who for who in silent if "primary" in people[who].roles]
    if unbriefed and unreachable_primary(files.drill) == "briefed":
        return refused(
            f"{_and(unbriefed)} must stay silent on a page, and did not agree to it; "
            f"`unreachable-primary: {{by: briefed}}` needs `consent: true` of every primary"
        )
    return holds(f"{_and(paged)} may be paged" if paged else "no real person is paged")


def _and(people: list[str]) -> str:
    return " and ".join(people)
