"""What an access check says, from three answers: a pure function.

The person's answer counts only when both controls behave. A positive control that is not
allowed means that 'denied' proves nothing; a negative control that is not denied means
that 'allowed' proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drillmaster.probes.base import Answer as Seen
from drillmaster.probes.base import Outcome
from drillmaster.timeline.events import Answer, Grade

_ANSWERS: Mapping[Outcome, Answer] = {
    "yes": "allowed",
    "no": "unverified",
    "denied": "denied",
    "unreachable": "unreachable",
    "unclear": "unverified",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a check, or of one of its controls."""

    answer: Answer
    detail: str
    mend: str | None = None
    """What to paste so that what was denied is allowed."""

    @property
    def grade(self) -> Grade | None:
        """Drillmaster asked, so it is known what they could do, not that they did it."""
        return "authorised" if self.answer in ("allowed", "denied") else None


def of_control(seen: Seen) -> Verdict:
    """What one identity was told, taken by itself."""
    return Verdict(_ANSWERS[seen.outcome], seen.detail, seen.mend)


def of_person(person: Seen, positive: Seen, negative: Seen | None) -> Verdict:
    """What the check says about the person.

    Args:
        person: what the person was told.
        positive: what the identity was told that must be allowed.
        negative: what the nobody was told; None for a check that is public.
    """
    if positive.outcome == "unreachable":
        return Verdict("unreachable", f"for the positive control too: {positive.detail}")
    if positive.outcome == "unclear":
        return Verdict("unverified", f"no clear answer for the positive control: {positive.detail}")
    if positive.outcome != "yes":
        why = f"even the positive control is not allowed: {positive.detail}"
        return Verdict("unverified", why)
    if negative is not None and negative.outcome != "denied":
        what = "allowed" if negative.outcome == "yes" else "not clearly denied"
        return Verdict("unverified", f"a nobody is {what}: {negative.detail}")
    return of_control(person)
