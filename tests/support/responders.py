"""The ten simulated responders, as the timelines that they would leave behind."""

from typing import Literal

from drillmaster.definitions.simulation import BEHAVIOURS, Behaviour
from tests.support.timeline_definitions import (
    ACTIONS,
    BYSTANDER,
    DRILL,
    PRIMARY,
    SECONDARY,
    changed,
)
from tests.support.timelines import Story

Engage = Literal["timeout", "hand-over"]

HAND_OVER = changed(
    DRILL,
    faults=[fault for fault in DRILL["faults"] if "unreachable-primary" not in fault],
    escalation__engage="hand-over",
    targets__hand_over_time="15s",
)

LAPSE = 30.0
"""Seconds after the escalation at which the last listed target lapses."""

STEPS = list(ACTIONS)


def responder(name: str, engage: Engage = "timeout") -> Story:
    """A whole run in which a responder of that name is the secondary."""
    story = Story(DRILL if engage == "timeout" else HAND_OVER).fault(0.5).opened(1.1)
    if engage == "timeout":
        escalated = 4.1
        story.suppressed(1.1).escalated(escalated)
    else:
        escalated = 2.1
        story.escalated(1.1, "primary", [PRIMARY], "opened")
        story.acknowledged(2.1, PRIMARY).handed_over(escalated)
    behaviour = BEHAVIOURS[name]
    denied = behaviour.access == "denied"
    answers = {"may scale": "denied", "may lift-throttle": "denied"} if denied else {}
    story.checked(escalated + 0.2, answers)
    done = _behave(story, behaviour, escalated)
    return story.completed(done + 1 if done else escalated + LAPSE)


def _behave(story: Story, behaviour: Behaviour, paged: float) -> float | None:
    """Act; when the secondary was done with every step, or None."""
    if behaviour.acknowledge == "never":
        return None
    at = paged + behaviour.acknowledge
    who = {"self": SECONDARY, "automation": None}.get(behaviour.by, behaviour.by)
    story.acknowledged(at, who)
    if behaviour.then == "nothing" or who is None:
        return None
    left_out = False
    for number, step in enumerate(STEPS, 1):
        at += behaviour.runbook.step_time
        instead = behaviour.runbook.instead.get(str(number))
        if behaviour.access == "denied":
            action, parameters = ACTIONS[step]
            story.action(at, action, who, allowed=False, **parameters)
        elif instead:
            story.action(at, instead, who)
        elif str(number) not in behaviour.runbook.skip:
            story.step(at, step, who)
            if behaviour.runbook.also:
                story.step(at + 0.05, step, BYSTANDER)
            continue
        left_out = True
    return None if left_out or who != SECONDARY else at
