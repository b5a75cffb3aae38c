"""The sweep: undoes faults by the marks at the target alone.

It knows the environment, and neither the store nor a drill nor the machine that injected.
"""

import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Environment
from drillmaster.engine.settling.once import undo_once
from drillmaster.engine.settling.presence import holding, standing
from drillmaster.errors import DrillmasterError
from drillmaster.faults.registry import MarkError, injection_of, kind_of
from drillmaster.targets.base import GoneError, Mark, Target, UnreachableError
from drillmaster.targets.registry import connect

_PAUSE = 0.1  # seconds between two tries


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A fault that a target shows."""

    mark: Mark
    target: Target
    doubt: str | None = None
    """Why the mark cannot be obeyed."""

    def due(self, now: datetime) -> bool:
        """Whether whoever injected it would have undone it by now. When a mark expires that
        cannot be obeyed, nobody knows."""
        return self.doubt is not None or self.mark.expires <= now


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of undoing one."""

    mark: Mark
    residue: str | None = None
    """What somebody else changed meanwhile, and was left as it is."""
    problem: str | None = None
    """Why it could not be undone."""


class Sweep:
    """The targets of an environment that are there now; held until the block ends."""

    def __init__(self, environment: Environment, clock: Clock) -> None:
        self._timing = environment.timing
        self._clock = clock
        self._stack = ExitStack()
        self._targets: list[Target] = []
        addresses, silent = standing(environment)
        self.unreachable = [str(error) for error in silent]
        """What may show a fault, and does not answer."""
        for address in addresses:
            try:
                self._stack.enter_context(holding(address))
            except GoneError:
                continue  # and everything that was in it
            except UnreachableError as error:
                self.unreachable.append(str(error))
                continue
            target = connect(address, self._timing.request)
            self._targets.append(self._stack.enter_context(closing(target)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def faults(self) -> list[Left]:
        """The faults that are there, those that expire first first; each once, although many
        objects may bear its mark."""
        found: dict[tuple[str, str | None], Left] = {}
        for target in self._targets:
            try:
                for mark in target.marks():  # what was found counts, whatever comes after it
                    left = _left(mark, target)
                    found.setdefault((mark.fault, left.doubt), left)
                self.unreachable += target.hidden()
            except GoneError:
                continue
            except DrillmasterError as error:
                self.unreachable.append(str(error))
        return sorted(found.values(), key=lambda one: (one.mark.expires, one.mark.fault))

    def undo(self, faults: list[Left]) -> list[Swept]:
        """Undo faults and see them gone; one that resists is tried for as long as the
        environment says, and looked at again for as long as a request may be on its way."""
        began = self._clock.monotonic()
        swept: dict[Left, Swept] = {}
        pending = list(faults)
        while pending:
            for one in list(pending):
                result = self._attempt(one)
                if one not in swept or result.problem or swept[one].problem:
                    swept[one] = result  # else the first time says more than any later one
                if self._is_over(one, result, self._clock.monotonic() - began):
                    pending.remove(one)
            if pending:
                self._clock.wait(threading.Event(), _PAUSE)
        return [swept[one] for one in faults]

    def release(self, swept: list[Swept]) -> list[str]:
        """Free the targets of what dead runs have claimed, once nothing of them is left; what
        did not work, in words."""
        dead = {one.mark.run for one in swept if one.problem is None}
        problems = []
        for target in self._targets:
            try:
                for run in dead - {mark.run for mark in target.marks()}:
                    target.release(run)
            except GoneError:
                continue
            except DrillmasterError as error:
                problems.append(f"the claim of a run: {error}")
        return problems

    def _is_over(self, one: Left, result: Swept, took: float) -> bool:
        if one.doubt is not None:
            return True
        if result.problem is not None:
            return took >= self._timing.undo
        kind = kind_of(one.mark.kind, one.target.kind)
        return kind.closes_door() or took >= self._timing.request

    def _attempt(self, one: Left) -> Swept:
        if one.doubt is not None:
            return Swept(one.mark, problem=one.doubt)
        try:
            fault = injection_of(one.mark, one.target)
            done = undo_once(fault, one.target, "intent", self._timing.lease)
        except GoneError:
            return Swept(one.mark, residue="the target is gone")
        except DrillmasterError as error:
            return Swept(one.mark, problem=str(error))
        except Exception as error:  # a fault's own bug must not keep the others in
            return Swept(one.mark, problem=f"its undo failed: {type(error).__name__}")
        return Swept(one.mark, residue=done.residue)


def _left(mark: Mark, target: Target) -> Left:
    try:
        injection_of(mark, target)
    except MarkError as error:
        return Left(mark, target, doubt=str(error))
    return Left(mark, target)
