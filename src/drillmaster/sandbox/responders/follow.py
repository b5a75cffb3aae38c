"""Following a runbook as one simulated person."""

import threading
from dataclasses import dataclass

from drillmaster.clock import Clock
from drillmaster.definitions.runbook import Runbook, Step
from drillmaster.definitions.simulation import Follow
from drillmaster.sandbox.responders.doors import Console, Page
from drillmaster.sandbox.steps import Action, Deed, Report, Visit, deed_for


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a page before them and the system that is drilled at hand."""

    page: Page
    console: Console
    clock: Clock
    namespace: str
    """Where an action goes whose step names no workload, …"""
    workload: str
    """… and to what."""

    def follow(self, runbook: Runbook, how: Follow) -> None:
        """Work through the steps in order, a refusal or not; a step left out takes no time."""
        if how.follow == "none":
            return
        for number, step in enumerate(runbook.steps, 1):
            names = {step.id, str(number)}
            if names.isdisjoint(how.skip):
                self.clock.wait(threading.Event(), how.step_time)
                instead = next((how.instead[name] for name in names & how.instead.keys()), None)
                self._decide(step, soundly=instead is None)
                self._do(step, deed_for(step) if instead is None else self._other(step, instead))

    def _decide(self, step: Step, soundly: bool) -> None:
        decision = step.decision
        if decision is None:
            return
        unsound = [option for option in decision.options if option not in decision.sound]
        choices = decision.sound if soundly or not unsound else unsound
        self.page.press(f"decisions/{step.id}", choice=choices[0])

    def _do(self, step: Step, deed: Deed) -> None:
        if isinstance(deed, Action):
            self.console.act(deed)
        elif isinstance(deed, Visit):
            self.console.visit(deed.url)
        elif isinstance(deed, Report):
            self.page.press(f"steps/{step.id}")

    def _other(self, step: Step, action: str) -> Action:
        """Another action, on the workload that the step is about."""
        audit = step.evidence.audit if step.evidence is not None else None
        if audit is None:
            return Action(action, self.namespace, self.workload)
        return Action(action, audit.namespace, audit.workload)
