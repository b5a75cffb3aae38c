"""Who plays whom: people as the environment has them, simulated, or the user."""

from dataclasses import replace
from typing import Any

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.environment import Channel, Contact, Environment, TerminalChannel
from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.errors import InvalidError

ME = "me"
SIMULATED = "simulated"
CHOICES = [ME, SIMULATED, *BEHAVIOURS]
"""What `--responder` takes."""

TERMINAL = "this-terminal"
"""The channel over which the user of the terminal is paged."""


def cast(bundle: Bundle, responder: str | None) -> Bundle:
    """The definitions with the parts given out.

    `None` leaves the people of the environment as they are. `simulated` lets the
    secondaries be simulated where nobody is yet; the name of a behaviour gives it to
    the secondaries; `me` pages the first secondary in this terminal.

    Raises:
        InvalidError: there is no such choice, or nobody is secondary.
    """
    if responder is None or (responder == SIMULATED and bundle.environment.simulated):
        return bundle
    if responder not in CHOICES:
        raise InvalidError(f"no responder is called {responder!r}; one of {', '.join(CHOICES)}")
    secondaries = bundle.environment.holders("secondary")
    if not secondaries:
        raise InvalidError(f"nobody is secondary in the environment {bundle.environment.name}")
    if responder == ME:
        return replace(bundle, environment=_at_terminal(bundle.environment, secondaries[0]))
    behaviour = BEHAVIOURS["prompt" if responder == SIMULATED else responder]
    if behaviour.access == "denied" and bundle.environment.target.kind != "sandbox":
        raise InvalidError(
            f"only a sandbox can deny everything; take the rights of {', '.join(secondaries)} "
            "away in the target's own policy"
        )
    simulated = _changed(bundle.environment, {who: {"simulate": behaviour} for who in secondaries})
    return replace(bundle, environment=simulated)


def _at_terminal(environment: Environment, who: str) -> Environment:
    mine = {"simulate": None, "contacts": [Contact(channel=TERMINAL)], "consent": True}
    channels = {**environment.channels, TERMINAL: Channel(terminal=TerminalChannel())}
    return _changed(environment, {who: mine}).model_copy(update={"channels": channels})


def _changed(environment: Environment, changes: dict[str, dict[str, Any]]) -> Environment:
    people = {
        who: person.model_copy(update=changes.get(who, {}))
        for who, person in environment.people.items()
    }
    return environment.model_copy(update={"people": people})
