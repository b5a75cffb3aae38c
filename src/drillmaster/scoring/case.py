"""A run as scoring sees it: its events by kind, and the definitions that it was run by."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment, Role
from drillmaster.definitions.runbook import Runbook
from drillmaster.errors import InvalidError
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import (
    Ended,
    Escalated,
    Event,
    RunSealed,
    RunStarted,
    SettlementStarted,
    UndoOrdered,
)

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)
D = TypeVar("D", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Fact(Generic[E_co]):
    """An event at its time, in seconds since the run began."""

    seq: int
    at: float
    event: E_co

    @property
    def earliest(self) -> float:
        """The first moment at which it may have happened."""
        return self.at - self.event.precision

    @property
    def latest(self) -> float:
        """The last moment at which it may have happened."""
        return self.at + self.event.precision


class Case:
    """A run's events, each kind in the order in which they happened.

    Raises:
        InvalidError: the timeline does not begin with the start of a run, or holds
            definitions that this version cannot read.
    """

    def __init__(self, records: Sequence[Recorded]) -> None:
        first = records[0].event if records else None
        if not isinstance(first, RunStarted):
            raise InvalidError("the timeline does not begin with the start of a run")
        self.run = first
        self.chain = records[-1].digest
        self.drill = _definition(Drill, first, "drill")
        self.environment = _definition(Environment, first, "environment")
        self.access = _optional(AccessProfile, first, "access")
        self.runbook = _optional(Runbook, first, "runbook")
        self._facts = _by_kind(first, records)
        self._human: dict[type[Event], list[Fact[Any]]] = {}

    def of(self, kind: type[E]) -> list[Fact[E]]:
        """All events of a kind."""
        return self._facts.get(kind, [])

    def human(self, kind: type[E]) -> list[Fact[E]]:
        """The events of a kind that count as part of the drill: what surely came after
        its end is nobody's response to it."""
        if kind not in self._human:
            self._human[kind] = [fact for fact in self.of(kind) if fact.earliest <= self.end]
        return self._human[kind]

    def first(self, kind: type[E]) -> Fact[E] | None:
        """The first event of a kind."""
        return next(iter(self.of(kind)), None)

    @cached_property
    def end(self) -> float:
        """When the drill was over, by our own order; it is exact, because it is the
        order that ends the drill. A drill that nobody watched any more was over before."""
        if self.unwatched is not None:
            return self.unwatched
        order, settling = self.first(UndoOrdered), self.first(SettlementStarted)
        over = order or settling or self.first(RunSealed)
        return over.at if over else max(facts[-1].at for facts in self._facts.values())

    @cached_property
    def unwatched(self) -> float | None:
        """Since when nobody watched the drill, where it was ended by that."""
        order = self.first(UndoOrdered)
        if order is None or order.event.unwatched == 0.0:
            return None
        return order.at - order.event.unwatched

    def maybe_after_end(self, fact: Fact[Any]) -> bool:
        """Whether something may have come after the end: what we saw before it did not,
        however imprecise the time is that its source gives."""
        seen: float = (fact.event.observed_at - self.run.occurred_at).total_seconds()
        return min(fact.latest, seen) > self.end

    @cached_property
    def ended(self) -> Ended:
        """How the run ended. Without a seal or an order nobody ended it: whoever settles such a
        run calls it aborted."""
        sealed, order = self.of(RunSealed), self.first(UndoOrdered)
        if sealed:
            return sealed[-1].event.ended
        return order.event.ended if order else "aborted"

    @cached_property
    def early(self) -> bool:
        """Whether the people's part was cut short, so that what was not done by then
        might still have been done."""
        order = self.first(UndoOrdered)
        ended = order.event.ended if order else self.ended
        return ended != "completed" or self.unwatched is not None

    @cached_property
    def escalation(self) -> Fact[Escalated] | None:
        """The first escalation to the secondary."""
        reached = (fact for fact in self.human(Escalated) if fact.event.role == "secondary")
        return next(reached, None)

    @cached_property
    def expected(self) -> frozenset[str]:
        """Who may answer as the secondary: whoever has the role in the environment, and
        whom the on-call system paged in it."""
        return self._holders("secondary")

    @cached_property
    def primaries(self) -> frozenset[str]:
        """Who is the primary."""
        return self._holders("primary")

    @cached_property
    def answer_expected(self) -> bool:
        """Whether the secondary is to act at all. In the advisory pattern the secondary is
        told of every incident and engages only in critical ones."""
        escalation = self.drill.escalation
        return escalation.pattern != "advisory" or escalation.severity == "critical"

    def lapsed(self, start: Fact[Any] | None, seconds: float | None) -> bool:
        """Whether the time since a fact was surely over when the drill was."""
        return start is not None and seconds is not None and self.end - start.latest > seconds

    def _holders(self, role: Role) -> frozenset[str]:
        paged = [fact.event.people for fact in self.of(Escalated) if fact.event.role == role]
        return frozenset(self.environment.holders(role)).union(*paged)


def _by_kind(first: RunStarted, records: Sequence[Recorded]) -> dict[type[Event], list[Fact[Any]]]:
    facts: dict[type[Event], list[Fact[Any]]] = {}
    for record in records:
        at = (record.event.occurred_at - first.occurred_at).total_seconds()
        facts.setdefault(type(record.event), []).append(Fact(record.seq, at, record.event))
    for kind in facts.values():
        kind.sort(key=lambda fact: (fact.at, fact.seq))
    return facts


def _optional(model: type[D], run: RunStarted, name: str) -> D | None:
    return _definition(model, run, name) if run.definitions.get(name) is not None else None


def _definition(model: type[D], run: RunStarted, name: str) -> D:
    try:
        return model.model_validate(run.definitions.get(name))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, (name, *problem["loc"])))
        raise InvalidError(
            f"the timeline's {where} cannot be read by this version: {problem['msg']}"
        ) from None
