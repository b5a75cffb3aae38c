"""Playing a behaviour: what a simulated responder does with a page, from the ACK on."""

import threading

import httpx

from drillmaster.clock import Clock
from drillmaster.definitions.simulation import Behaviour
from drillmaster.sandbox.responders.cluster import ClusterConsole
from drillmaster.sandbox.responders.doors import Console, Page, SandboxConsole
from drillmaster.sandbox.responders.follow import Person
from drillmaster.sandbox.responders.settings import Paged, Settings

HAND_OVER_AFTER = 0.5
"""Seconds from the ACK to the hand-over: time enough to see that help is needed."""


class Player:
    """Plays the parts of all people of a drill."""

    def __init__(self, settings: Settings, client: httpx.Client, clock: Clock) -> None:
        self._settings, self._client, self._clock = settings, client, clock

    def play(self, paged_person: str, paged: Paged) -> None:
        """What becomes of a page; returns when the person has done all that they do.

        An automation that acknowledges does nothing after it, and has woken nobody.
        """
        behaviour = self._settings.people[paged_person].behaviour
        if behaviour.acknowledge == "never":
            return
        self._wait(behaviour.acknowledge)
        if behaviour.by == "automation":
            Page(self._client, self._clock, paged.automation).press("ack")
            return
        who = paged_person if behaviour.by == "self" else behaviour.by
        person = self._person(who, paged.address_for(paged_person, who))
        person.page.press("ack")
        if behaviour.then == "hand-over":
            self._wait(HAND_OVER_AFTER)
            person.page.press("hand-over")
        elif behaviour.then == "engage":
            self._engage(person, behaviour, paged)

    def _engage(self, person: Person, behaviour: Behaviour, paged: Paged) -> None:
        """Follow the runbook, and let a second person do the same at the same time."""
        runbook, how = self._settings.runbook, behaviour.runbook
        if runbook is None:
            return
        second: threading.Thread | None = None
        if how.also is not None:
            other = self._person(how.also, paged.others.get(how.also))
            second = threading.Thread(target=other.follow, args=(runbook, how), daemon=True)
            second.start()
        person.follow(runbook, how)
        if second is not None:
            second.join()

    def _person(self, who: str, address: str | None) -> Person:
        return Person(
            page=Page(self._client, self._clock, address),
            console=self._console(who),
            clock=self._clock,
            namespace=self._settings.namespace,
            workload=self._settings.workload,
        )

    def _console(self, who: str) -> Console:
        if self._settings.admin is None:
            return ClusterConsole(self._client, self._settings.logins.get(who))
        return SandboxConsole(self._client, self._settings.admin, self._settings.token_of(who))

    def _wait(self, seconds: float) -> None:
        self._clock.wait(threading.Event(), seconds)
