"""Everything that can be done through a page link, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drillmaster.clock import Clock
from drillmaster.intake.forms import RefusalError
from drillmaster.intake.said import Said
from drillmaster.intake.tokens import Grant
from drillmaster.oncall import doors
from drillmaster.timeline.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for."""

    incident: str
    person: str
    step: str
    """The step of the runbook; empty for what is about none."""
    form: Mapping[str, str]


_DOORS = frozenset({"terminal"})
"""What may stand before a link, and say so: the keys of `--responder me`."""

Act = Callable[[Wish], str | None]
"""Does it; returns where to go next, if not back to the page."""


class Acts:
    """Does what people ask for."""

    def __init__(self, store: Store, clock: Clock, said: Said) -> None:
        self._store = store
        self._clock = clock
        self._plain: dict[str, Act] = {
            "ack": lambda wish: self._acknowledge(
                wish.incident, wish.person, wish.form.get("via", "")
            ),
            "withdraw": lambda wish: doors.withdraw(store, clock, wish.incident, wish.person),
            "hand-over": lambda wish: doors.hand_over(store, clock, wish.incident, wish.person),
            "bridge": lambda wish: said.bridge(wish.incident, wish.person),
            "note": lambda wish: said.note(wish.incident, wish.person, wish.form.get("text", "")),
        }
        self._of_steps: dict[str, Act] = {
            "steps": lambda wish: said.step(wish.incident, wish.person, wish.step),
            "decisions": lambda wish: said.decide(
                wish.incident, wish.person, wish.step, wish.form.get("choice", "")
            ),
        }

    def perform(
        self, grant: Grant, name: str, step: str | None, form: Mapping[str, str]
    ) -> str | None:
        """Do it; returns where to go next, if not back to the page.

        Raises:
            RefusalError: there is no such act, or the link does not allow it.
            InvalidError: on-call refuses it.
        """
        act = (self._plain if step is None else self._of_steps).get(name)
        if act is None:
            raise RefusalError(404, "There is no such page.")
        if grant.person is not None:
            return act(Wish(grant.incident, grant.person, step or "", form))
        if name != "ack":
            raise RefusalError(403, "An automation may acknowledge, and nothing else.")
        self._acknowledge(grant.incident, None)
        return None

    def _acknowledge(self, incident: str, person: str | None, via: str = "") -> None:
        door = via if via in _DOORS else "link"
        doors.acknowledge(self._store, self._clock, incident, person, via=door)
