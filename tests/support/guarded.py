"""What the guard is asked about, made of definitions that a test varies."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.engine.planning import guard
from drillmaster.engine.planning.faults import planned_faults
from drillmaster.engine.planning.guard import Files, Live, Verdict
from drillmaster.engine.planning.steady import Asked
from drillmaster.oncall.base import Provider
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.targets.base import Target
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.supervised import DRILL

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
"""A Wednesday: 12:00 in Lisbon, 09:00 in São Paulo."""

PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {"roles": ["primary"]},
    "ben": {"roles": ["secondary"], "time_zone": "Europe/Lisbon"},
    "caro": {"roles": ["secondary"], "time_zone": "America/Sao_Paulo"},
    "dan": {},
}


def environment(people: dict[str, dict[str, Any]] | None = None, **more: Any) -> Environment:
    """A primary, two secondaries in two time zones, and somebody who is not on call."""
    policy = [{"page": "primary", "timeout": "60s"}, {"page": "secondary", "timeout": "60s"}]
    changed = {who: person | (people or {}).get(who, {}) for who, person in PEOPLE.items()}
    return Environment.model_validate(
        {
            "schema": "drillmaster/v1",
            "kind": "environment",
            "name": "staging",
            "target": {"kind": "sandbox"},
            "oncall": {"provider": "embedded", "policy": policy},
            "people": changed,
        }
        | more
    )


def bundle_of(where: Environment, **drill: Any) -> Bundle:
    """A drill that throttles checkout, there."""
    return Bundle(Drill.model_validate(DRILL | drill), where, None, None, Path())


def before(
    store: Store, where: Environment, at: datetime = NOON, **drill: Any
) -> dict[str, Verdict]:
    """What the rules that need no target say, by their names."""
    files = Files(bundle_of(where, **drill), store, HandClock(at))
    return dict(guard.check(guard.BEFORE, files))


def at_target(
    store: Store,
    target: Target,
    where: Environment,
    *,
    provider: Provider | None = None,
    steady: tuple[Asked, ...] = (),
    **drill: Any,
) -> dict[str, Verdict]:
    """What the rules say that the live target answers, by their names."""
    clock, bundle = HandClock(NOON), bundle_of(where, **drill)
    live = Live(
        bundle,
        store,
        clock,
        faults=planned_faults(bundle, "r1", clock.now()),
        target=target,
        provider=provider or EmbeddedProvider.for_environment(where, store, clock),
        steady=steady,
    )
    return dict(guard.check(guard.AT_TARGET, live))


def refusal(verdicts: dict[str, Verdict]) -> tuple[str, str]:
    """The rule that refuses, which is the last that was asked, and its message."""
    rule, verdict = list(verdicts.items())[-1]
    assert not verdict.passed, verdicts
    assert all(one.passed for one in list(verdicts.values())[:-1])
    return rule, verdict.message
