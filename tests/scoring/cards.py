"""Scorecards of synthetic stories, and what is asked of them again and again."""

from typing import Any

from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Metric, Scorecard, StepRow
from tests.support.timeline_definitions import DRILL, ENVIRONMENT, RUNBOOK, SECONDARY, changed
from tests.support.timelines import Story

ESCALATED = 4.0
"""When `paged` stories page the secondary."""

SHORT = changed(ENVIRONMENT, timing={"engagement": "10s"})
"""The environment, with ten seconds to go to work after an ACK."""

TWO = changed(ENVIRONMENT, **{"people__responder-4": {"roles": ["secondary"]}})
"""The environment, with a second secondary."""

FREE = changed(
    RUNBOOK,
    steps=[
        {key: value for key, value in step.items() if key != "within"} for step in RUNBOOK["steps"]
    ],
)
"""The runbook without any time for its steps."""

TOLD = changed(FREE, steps=[step | {"evidence": {"self-report": {}}} for step in FREE["steps"]])
"""The runbook with nothing but self-reports."""

GOOD = {"look": "followed", "lift": "followed", "scale": "followed", "tell": "skipped"}
"""What becomes of each step when all is well."""


def paged(drill: dict[str, Any] = DRILL, **how: Any) -> Story:
    """A story up to the page to the secondary, with access that works."""
    people = how.get("environment", ENVIRONMENT)["people"].items()
    secondaries = [who for who, person in people if "secondary" in person.get("roles", [])]
    story = Story(drill, **how).fault(0.5).opened(1).suppressed(1)
    story.escalated(ESCALATED, people=secondaries)
    for who in secondaries if how.get("access", True) else ():
        story.checked(4.2, person=who)
    return story


def prompt(story: Story | None = None) -> Story:
    """A story in which the secondary does everything well, but for its end."""
    story = story or paged()
    return story.acknowledged(6).step(7, "look").step(8, "lift").step(9, "scale")


def targets(**wanted: Any) -> dict[str, Any]:
    """The drill with these targets alone."""
    return changed(DRILL, targets=wanted)


def card_of(story: Story) -> Scorecard:
    """The story's scorecard."""
    return score(story.records())


def metric(story: Story | Scorecard, which: str) -> Metric:
    """A figure that must be there."""
    card = story if isinstance(story, Scorecard) else card_of(story)
    (found,) = [row for row in card.metrics if row.id == which]
    return found


def shown(story: Story) -> set[str]:
    """The ids of all figures."""
    return {row.id for row in card_of(story).metrics}


def outcomes(story: Story) -> dict[str, str]:
    """The outcome of every step and extra action."""
    return {row.step: row.outcome for row in rows(story)}


def rows(story: Story) -> list[StepRow]:
    """The rows of the runbook."""
    runbook = card_of(story).runbook
    assert runbook is not None
    return runbook.steps


def worked(story: Story, person: str = SECONDARY) -> Story:
    """The rest of the runbook, by one person."""
    return story.step(20, "look", person).step(21, "lift", person).step(22, "scale", person)


def answer(story: Story) -> tuple[str, str]:
    """The outcome of the ACK, and M1's verdict."""
    card = card_of(story)
    return card.acknowledgement.outcome, metric(card, "M1").verdict


def ratio(story: Story) -> tuple[float | None, str]:
    """Adherence and its verdict."""
    row = metric(story, "runbook_adherence")
    return row.value, row.verdict
