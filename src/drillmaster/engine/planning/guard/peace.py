"""All is well before anything is broken, and nobody has a real incident to see to."""

from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused


def steady_state(live: Live) -> Verdict:
    """Every question of steady state is met."""
    unmet = [f"{one.name}: {one.answer.detail}" for one in live.steady if not one.answer.met]
    if unmet:
        return refused(f"not in steady state: {'; '.join(unmet)}")
    return holds(f"{len(live.steady)} questions are met")


def no_real_incident(live: Live) -> Verdict:
    """No real incident is open for the service or the people, but alerts that are expected."""
    found = live.provider.real_incidents(live.drill.service, list(live.environment.people))
    for incident in found:
        if incident.summary not in live.drill.expected_alerts:
            return refused(f"a real incident is open: {incident.id}: {incident.summary}")
    return holds("no real incident is open")
