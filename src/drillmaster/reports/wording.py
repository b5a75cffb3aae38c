"""The words and marks for outcomes, the same in every report.

An outcome is never told by colour alone: it has a tone, the tone has an icon, and the
word stands beside it.
"""

from collections.abc import Container
from typing import Literal

from drillmaster.scoring.failure_modes import NAMES
from drillmaster.scoring.scorecard import (
    AckOutcome,
    Metric,
    Readiness,
    Scorecard,
    StepOutcome,
    StepRow,
    Verdict,
)
from drillmaster.timeline.events import Answer

Tone = Literal["good", "bad", "unsure", "plain"]

Outcome = Verdict | Readiness | Answer | StepOutcome | AckOutcome

ICONS: dict[Tone, str] = {"good": "✓", "bad": "✗", "unsure": "?", "plain": "·"}

SIMULATED = "SIMULATED"

SIMULATED_MEANS = "A simulated responder took part: this says nothing about a person."

MEND = "To paste, so that what was denied is allowed"

_TONES: dict[Outcome, Tone] = {
    "met": "good",
    "ready": "good",
    "allowed": "good",
    "followed": "good",
    "expected": "good",
    "unverified": "unsure",
    "unreachable": "unsure",
    "extra": "plain",
}


def simulated_means(card: Scorecard) -> str:
    """What is simulated in a run that is, and what is not."""
    if "secondary" in card.played or not card.played:
        return SIMULATED_MEANS
    played = " and ".join(card.played)
    return f"Whoever was {played} was simulated; what the secondary did is a person's own."


def tone_of(outcome: Outcome) -> Tone:
    """How an outcome is to be taken; what is not known to be good is bad."""
    return _TONES.get(outcome, "bad")


def verdict_of(metric: Metric) -> tuple[Tone, str]:
    """Tone and word of a figure; one without a target is merely shown."""
    if metric.target is None and metric.verdict == "met":
        return "plain", "no target"
    return tone_of(metric.verdict), metric.verdict


def step_tone(step: StepRow) -> Tone:
    """How a step's outcome is to be taken: what is optional may be left out."""
    tone = tone_of(step.outcome)
    return tone if step.required or tone == "good" else "plain"


def step_word(step: StepRow, denied: Container[int]) -> str:
    """A step's outcome; of a step that was tried and not allowed, that it was. `denied` holds
    the `seq` of each action that the target denied."""
    tried = step.outcome == "skipped" and any(seq in denied for seq in step.events)
    return f"{step.outcome} (tried, and refused)" if tried else step.outcome


def sentence_of(scorecard: Scorecard) -> str:
    """The scorecard's sentence, for where the verdict stands before it already."""
    return capital(scorecard.sentence.removeprefix(f"{scorecard.readiness.upper()}: "))


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def marked(tone: Tone, word: str) -> str:
    """A word behind the icon of its tone."""
    return f"{ICONS[tone]} {word}"


ACKNOWLEDGEMENT: dict[AckOutcome, str] = {
    "expected": "The secondary acknowledged and engaged.",
    "wrong-person": "Somebody who was not the secondary acknowledged.",
    "automation": "An automation acknowledged, not a person.",
    "hollow": "The secondary acknowledged, and nothing followed.",
    "withdrawn": "The acknowledgement was taken back.",
    "too-early": "The acknowledgement came before the secondary was engaged.",
    "none": "Nobody acknowledged while the drill lasted.",
}

STEP: dict[StepOutcome, str] = {
    "followed": "done once, in order and in time",
    "skipped": "not done",
    "substituted": "something else was done instead",
    "extra": "no step of this runbook",
    "out-of-order": "done, but not in its place",
    "late": "done, but too late",
    "doubled": "done by two people",
    "unsound": "done, with a choice that is not sound",
    "unverified": "could not be seen",
}

_FAILURE_MODES = {
    "F1": "no acknowledgement, or the page was not delivered",
    "F2": "two people did the same step, or the wrong role acted",
    "F3": "an action that the runbook needs is denied",
    "F4": "more alerts an incident than anyone can read",
    "F5": "an automation failed, or acted with no person's gate",
    "F6": "runbook steps late, wrong or missing",
    "F7": "the hand-over to another team came late",
    "F8": "the same person again and again",
    "F9": "allowed before, denied now",
    "F10": "a paging channel failed, and there was no second one",
}


def failure_mode(mode: str) -> str:
    """A failure mode in words; its id where it has none."""
    if mode not in _FAILURE_MODES:
        return mode
    return f"{capital(NAMES[mode])}: {_FAILURE_MODES[mode]}"
