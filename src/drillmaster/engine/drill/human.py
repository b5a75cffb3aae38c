"""Workers of the human side: the pager, the access checks, the evidence for the runbook."""

import threading
from collections.abc import Collection

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import identities_for
from drillmaster.clock import Clock
from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.runbook import Runbook
from drillmaster.engine.drill.workers import Tell, Work
from drillmaster.oncall.base import Provider
from drillmaster.probes.base import Asking
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.targets.base import Target

_PAGER = 0.05  # seconds between two turns of the provider's clock
_EVIDENCE = 0.1  # seconds between two looks for evidence
_TRIES = 3  # times that an access check is asked until its answer is clear
_AGAIN = 1.0  # seconds until an access check without a clear answer is asked again

ACCESS = "access checks"
"""The name of the worker that asks the access checks."""


def pager(provider: Provider, clock: Clock) -> Work:
    """Let the provider's own clock work; a delivery may block it, never the loop."""

    def work(stop: threading.Event, _tell: Tell) -> None:
        while not clock.wait(stop, _PAGER):
            provider.advance()

    return work


def access_checks(
    profile: AccessProfile,
    environment: Environment,
    people: Collection[str],
    target: Target,
    clock: Clock,
) -> Work:
    """Ask the profile's checks as each of the people who hold the secondary's role. What got
    no clear answer is asked again: one request that is lost says nothing about a person."""

    def work(stop: threading.Event, tell: Tell) -> None:
        for who in people:
            person, controls = identities_for(environment, target, who)
            left = profile
            for _ in range(_TRIES):
                unclear = set()
                for event in run_profile(left, person, controls, Asking(clock, target)):
                    tell(event)
                    if event.subject == "person" and event.answer in {"unreachable", "unverified"}:
                        unclear.add(event.check)
                if not unclear or clock.wait(stop, _AGAIN):
                    break
                again = [check for check in profile.checks if check.name in unclear]
                left = profile.model_copy(update={"checks": again})

    return work


def evidence(runbook: Runbook, people: Collection[str], target: Target, clock: Clock) -> Work:
    """Look for evidence that the runbook's steps are done."""
    watch = EvidenceWatch(runbook, target, people, clock)

    def work(stop: threading.Event, tell: Tell) -> None:
        over = False
        while not over:
            over = clock.wait(stop, _EVIDENCE)
            for event in watch.poll():  # once more at the end: for what was done last
                tell(event)

    return work
