"""What the secondary could not do: access checks, and actions that were denied."""

from dataclasses import dataclass

from drillmaster.scoring.acknowledgement import Response
from drillmaster.scoring.actions import denied
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.reading import weakest
from drillmaster.scoring.scorecard import AccessRow
from drillmaster.timeline.events import AccessChecked, ActionSeen, Grade


@dataclass(frozen=True, slots=True)
class Access:
    """The answers to the access checks, and what was denied at the target."""

    checks: list[Fact[AccessChecked]]
    """Asked as a person; controls are left out."""
    refused: list[Fact[AccessChecked]]
    """Checks that were denied."""
    denials: list[Fact[ActionSeen]]
    """Actions of the secondary that the target denied."""
    unclear: list[str]
    """Checks without an answer for somebody who must pass them, by name: unreachable,
    unverified or never asked."""

    @property
    def failures(self) -> int:
        """How often the secondary was denied."""
        return len(self.refused) + len(self.denials)

    @property
    def answered(self) -> bool:
        """Whether any check had a clear answer."""
        return any(fact.event.answer in {"allowed", "denied"} for fact in self.checks)

    @property
    def events(self) -> tuple[int, ...]:
        """Where the figure comes from."""
        return tuple(sorted(fact.seq for fact in [*self.checks, *self.denials]))

    @property
    def grade(self) -> Grade | None:
        """The weakest evidence among the answers."""
        grades = [fact.event.grade for fact in self.checks if fact.event.grade is not None]
        if self.denials:
            grades.append("proved")
        return weakest(grades)

    def rows(self) -> list[AccessRow]:
        """Their part of the scorecard."""
        return [
            AccessRow(
                check=fact.event.check,
                person=fact.event.person,
                answer=fact.event.answer,
                grade=fact.event.grade,
                events=[fact.seq],
            )
            for fact in self.checks
        ]


def examine(case: Case, response: Response) -> Access:
    """What the run shows about the secondary's access: of everybody who was paged, and of
    whoever took the incident.

    A check that was asked again counts by its clear answers: one that found nobody to ask
    and was allowed later is allowed; one that was denied once was denied.
    """
    checks = [
        fact
        for fact in case.human(AccessChecked)
        if fact.event.subject == "person" and fact.event.person in case.expected
    ]
    clear = {
        (fact.event.check, fact.event.person)
        for fact in checks
        if fact.event.answer in {"allowed", "denied"}
    }
    checks = _last_words(checks, clear)
    asked = [(fact.event.check, fact.event.person) for fact in checks]
    paged = case.escalation.event.people if case.escalation else []
    takers = [*paged, *response.starts] or sorted(case.expected)
    wanted = [
        (check.name, who) for who in takers for check in (case.access.checks if case.access else ())
    ]
    return Access(
        checks=checks,
        refused=[fact for fact in checks if fact.event.answer == "denied"],
        denials=denied(case),
        unclear=list(dict.fromkeys(one[0] for one in [*asked, *wanted] if one not in clear)),
    )


def _last_words(
    checks: list[Fact[AccessChecked]], clear: set[tuple[str, str]]
) -> list[Fact[AccessChecked]]:
    """The clear answers; of a check that never had one, the last."""
    unclear = {(fact.event.check, fact.event.person): fact for fact in checks}
    last = [fact for asked, fact in unclear.items() if asked not in clear]
    said = [fact for fact in checks if fact.event.answer in {"allowed", "denied"}]
    return sorted([*said, *last], key=lambda fact: (fact.at, fact.seq))
