"""Why a drill was refused, or ended before its time, in the words of whoever ended it."""

import re

from drillmaster.scoring.case import Case
from drillmaster.timeline.events import GuardChecked, UndoOrdered


def refusal(case: Case) -> str:
    """`the guard refused the drill: checkout is not marked as drillable (drillable)`."""
    rules = [fact.event for fact in case.of(GuardChecked) if not fact.event.passed]
    if not rules:
        return f"the drill was refused{_why(case)}"
    told = dict.fromkeys(f"{_told(case, rule.message)} ({rule.rule})" for rule in rules)
    return f"the guard refused the drill: {'; '.join(told)}"


def cut_short(case: Case) -> str | None:
    """`the drill was aborted: its longest duration, 2 min, is over`; None for one that ran to
    its end."""
    if case.unwatched is not None:
        return "the drill was cut off, because Drillmaster itself had died or did not move"
    order = case.first(UndoOrdered)
    ended = order.event.ended if order and order.event.ended != "completed" else case.ended
    return None if ended == "completed" else f"the drill was {ended}{_why(case)}"


def _why(case: Case) -> str:
    order = case.first(UndoOrdered)
    said = _told(case, order.event.why) if order and order.event.ended != "completed" else ""
    return f": {said}" if said else ""


def _told(case: Case, text: str) -> str:
    """The text on one line, with roles for people: a result that goes into a chat names nobody."""
    line = " ".join(text.split()).rstrip(".")
    people = case.environment.people
    for who in sorted({*people, *case.expected, *case.primaries}, key=len, reverse=True):
        role = _role_of(case, who)
        names = [who, people[who].name] if who in people else [who]
        for name in filter(None, names):
            line = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", role, line)
    return line


def _role_of(case: Case, who: str) -> str:
    if who in case.expected:
        return "the secondary"
    return "the primary" if who in case.primaries else "somebody"
