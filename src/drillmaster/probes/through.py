"""Asking the target itself: what all questions through its connection share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drillmaster.definitions.probes import Probe
from drillmaster.errors import DrillmasterError
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.bounded import OvertimeError, bounded
from drillmaster.probes.moment import Moment
from drillmaster.targets.base import GoneError, Target, UnreachableError


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the target said: the parts of an answer."""

    outcome: Outcome
    value: Any
    detail: str
    mend: str | None = None
    asked: float | None = None
    """When the target was asked, in monotonic seconds, where that may have been before this
    question was put."""


def through(probe: Probe, asking: Asking, judge: Callable[[Target], Judgement]) -> Answer:
    """The answer of the target, within the probe's time-out."""
    moment = Moment(asking.clock)
    target = asking.target
    if target is None:
        return moment.answer("unclear", None, "there is no target to ask")
    try:
        said = bounded(lambda: judge(target), probe.timeout)
    except (UnreachableError, GoneError, OvertimeError) as error:
        return moment.answer("unreachable", None, str(error))
    except DrillmasterError as error:
        return moment.answer("unclear", None, str(error))
    return moment.answer(said.outcome, said.value, said.detail, said.mend, said.asked)
