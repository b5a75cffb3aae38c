"""What the secondary chose at the runbook's decision points."""

from drillmaster.scoring.case import Case, Fact
from drillmaster.timeline.events import DecisionAnswered


def unsound(case: Case) -> list[Fact[DecisionAnswered]]:
    """Every choice of the secondary that the runbook does not call sound."""
    sound = _sound(case)
    return [answer for answer in _answers(case) if not _is_sound(answer, sound)]


def unsound_at_last(case: Case) -> dict[str, Fact[DecisionAnswered]]:
    """By step: the choice that stood at the end of the drill, where it is not sound. Who changes
    their mind is judged by what they chose last."""
    last = {(answer.event.step, answer.event.person): answer for answer in _answers(case)}
    sound = _sound(case)
    return {step: answer for (step, _), answer in last.items() if not _is_sound(answer, sound)}


def _answers(case: Case) -> list[Fact[DecisionAnswered]]:
    return [one for one in case.human(DecisionAnswered) if one.event.person in case.expected]


def _sound(case: Case) -> dict[str, list[str]]:
    steps = case.runbook.steps if case.runbook else []
    return {step.id: step.decision.sound for step in steps if step.decision}


def _is_sound(answer: Fact[DecisionAnswered], sound: dict[str, list[str]]) -> bool:
    return answer.event.choice in sound.get(answer.event.step, [answer.event.choice])
