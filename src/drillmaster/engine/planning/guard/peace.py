"""All is well before anything is broken, and nobody has a real incident to see to."""

from drillmaster.definitions.units import count
from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused
from drillmaster.engine.planning.steady import Asked
from drillmaster.probes.base import Asking
from drillmaster.probes.registry import ask


def steady_state(live: Live) -> Verdict:
    """Every question of steady state is met."""
    unmet = [_unmet(one) for one in live.steady if not one.answer.met]
    if unmet:
        return refused(f"not in steady state: {'; '.join(unmet)}")
    asked = len(live.steady)
    return holds(f"{count(asked, 'question')} {'is' if asked == 1 else 'are'} met")


def _unmet(one: Asked) -> str:
    """A question that is not met, or of which nobody can tell: the service may be well."""
    asked = "could not be asked: " if one.answer.outcome == "unclear" else ""
    return f"{one.name}: {asked}{one.answer.detail}"


def no_abort_condition(live: Live) -> Verdict:
    """Nothing that would end the drill holds already, and all of it can be judged: a
    condition that cannot would end nothing."""
    asking = Asking(live.clock, live.target)
    for condition in live.drill.abort_when:
        if condition.real_incident:
            continue  # a rule of its own
        answer = ask(condition.body, asking)
        if answer.met:
            return refused(f"an abort condition holds already: {condition.kind}: {answer.detail}")
        if answer.outcome == "unclear":
            return refused(f"an abort condition cannot be judged: {answer.detail}")
    return holds("no abort condition holds")


def no_real_incident(live: Live) -> Verdict:
    """No real incident is open for the service or the people, but alerts that are expected."""
    found = live.provider.real_incidents(live.drill.service, list(live.environment.people))
    for incident in found:
        if incident.summary not in live.drill.expected_alerts:
            return refused(f"a real incident is open: {incident.id}: {incident.summary}")
    return holds("no real incident is open")
