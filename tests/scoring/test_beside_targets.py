"""A failure mode beside targets that are met: what gates, and what is named with the verdict."""

from drillmaster.scoring.failure_modes import NAMES
from drillmaster.timeline.events import ActionSeen, DecisionAnswered, PageFailed
from tests.scoring.cards import TWO, card_of, metric, outcomes, paged, prompt, targets
from tests.support.timeline_definitions import BYSTANDER, RUNBOOK, SECONDARY, changed
from tests.support.timelines import Story

DECIDING = changed(
    RUNBOOK,
    steps=[
        step
        | (
            {"decision": {"question": "What now?", "options": ["lift", "wait"], "sound": ["lift"]}}
            if step["id"] == "lift"
            else {}
        )
        for step in RUNBOOK["steps"]
    ],
)

UNGATED = {"secondary_response": "10s"}
"""Targets that neither the runbook nor access are part of."""


def decided(*choices: str, person: str = SECONDARY, story: Story | None = None) -> Story:
    story = prompt(story or paged(runbook=DECIDING))
    for number, choice in enumerate(choices):
        at = 7.5 + number / 10
        story.add(at, DecisionAnswered, step="lift", person=person, choice=choice)
    return story.completed(12)


def test_an_unsound_choice_is_a_step_that_was_not_followed() -> None:
    card = card_of(decided("wait"))
    row = metric(card, "runbook_adherence")
    assert (row.verdict, row.value) == ("missed", round(2 / 3, 6))
    assert "with a choice that is not sound: lift" in row.seen
    assert row.next_step is not None
    assert "decision point" in row.next_step
    assert (card.readiness, card.failure_modes) == ("not ready", ["F6"])
    assert outcomes(decided("wait"))["lift"] == "unsound"


def test_a_sound_choice_and_none_say_nothing_against_a_step() -> None:
    for story in (decided("lift"), decided(), decided("wait", person=BYSTANDER)):
        assert outcomes(story)["lift"] == "followed"
        assert card_of(story).readiness == "ready"


def test_what_was_chosen_last_stands() -> None:
    assert outcomes(decided("wait", "lift"))["lift"] == "followed"
    assert outcomes(decided("lift", "wait"))["lift"] == "unsound"


def test_each_member_of_a_pool_is_judged_by_what_they_chose_last() -> None:
    story = paged(runbook=DECIDING, environment=TWO)
    story.add(7.9, DecisionAnswered, step="lift", person="responder-4", choice="lift")
    assert outcomes(decided("wait", story=story))["lift"] == "unsound"


def test_the_row_of_an_unsound_choice_shows_the_choice() -> None:
    story = decided("wait")
    card = card_of(story)
    assert card.runbook is not None
    (row,) = [row for row in card.runbook.steps if row.step == "lift"]
    chosen = [r.seq for r in story.records() if isinstance(r.event, DecisionAnswered)]
    assert set(chosen) < set(row.events)


def test_ready_names_what_no_listed_target_covers() -> None:
    drill = targets(**UNGATED)
    card = card_of(decided("wait", story=paged(drill, runbook=DECIDING)))
    assert (card.readiness, card.failure_modes) == ("ready", ["F6"])
    assert card.sentence == (
        "READY: the secondary acknowledged in 2.0 s and had access; everything was undone; "
        "beside its targets the run exposed F6 (knowledge gap) (simulated)."
    )


def test_ready_names_all_of_them() -> None:
    story = paged(targets(**UNGATED)).action(7, "restart", allowed=False)
    story = prompt(story).add(4.1, PageFailed, page="page-1", channel="mail", reason="refused")
    card = card_of(story.completed(12))
    assert card.readiness == "ready"
    assert "exposed F3 (privilege gap) and F10 (toolchain outage)" in card.sentence


def test_a_listed_target_gates_what_it_covers() -> None:
    drill = targets(**UNGATED, access_failures=0)
    story = prompt(paged(drill).action(7, "restart", allowed=False)).completed(12)
    assert card_of(story).readiness == "not ready"


def test_an_automation_that_acts_without_its_gatekeeper_is_not_ready() -> None:
    """As with two of a pool: what the pattern promises is broken, whatever is listed."""

    def automated(pattern: str, at: float) -> Story:
        drill = changed(targets(**UNGATED), escalation__pattern=pattern)
        story = prompt(paged(drill))
        story.add(8, DecisionAnswered, step="lift", person=SECONDARY, choice="lift it")
        story.add(
            at,
            ActionSeen,
            record="r",
            person="robot",
            action="restart",
            object="shop/checkout",
            parameters={},
            allowed=True,
        )
        return story.completed(12)

    card = card_of(automated("gatekeeper", 7.5))
    assert (card.readiness, card.failure_modes) == ("not ready", ["F5"])
    assert "an automation acted before the secondary had approved anything" in card.sentence
    assert card_of(automated("gatekeeper", 8.5)).readiness == "ready"
    assert card_of(automated("hot-backup", 7.5)).readiness == "ready"


def test_every_failure_mode_has_a_name() -> None:
    assert list(NAMES) == [f"F{number}" for number in range(1, 11)]
