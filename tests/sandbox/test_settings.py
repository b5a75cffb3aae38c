"""The sandbox that an environment describes."""

from typing import Any

import pytest

from drillmaster.clock import Anchor
from drillmaster.definitions.environment import Environment
from drillmaster.sandbox.given import ACTIONS
from drillmaster.sandbox.settings import settings_for


def environment(**changes: Any) -> Environment:
    return Environment.model_validate(
        {
            "schema": "drillmaster/v1",
            "kind": "environment",
            "name": "sandbox",
            "target": {
                "kind": "sandbox",
                "replicas": 3,
                "restart": "250ms",
                "grants": {"responder-3": ["view"]},
            },
            "oncall": {
                "provider": "embedded",
                "policy": [
                    {"page": "primary", "timeout": "3s"},
                    {"page": "secondary", "timeout": "20s"},
                ],
            },
            "people": {
                "responder-1": {"roles": ["primary"]},
                "responder-2": {"roles": ["secondary"]},
                "responder-3": {"roles": ["third"]},
                "responder-4": {},
            },
            **changes,
        }
    )


def test_who_is_on_call_may_everything_unless_something_else_is_written() -> None:
    anchor = Anchor.here()
    settings = settings_for(environment(), "r1", anchor)
    assert (settings.run, settings.anchor) == ("r1", anchor)
    assert (settings.replicas, settings.restart) == (3, 0.25)
    assert settings.grants == {
        "responder-1": list(ACTIONS),
        "responder-2": list(ACTIONS),
        "responder-3": ["view"],
        "responder-4": [],
        "positive-control": list(ACTIONS),
        "negative-control": [],
    }
    assert set(settings.tokens.values()) == set(settings.grants)


@pytest.mark.parametrize("simulate", ["denied", {"access": "denied", "acknowledge": "1s"}])
def test_a_responder_without_access_may_nothing_whatever_is_granted(simulate: object) -> None:
    people = {
        "responder-1": {"roles": ["primary"]},
        "responder-2": {"roles": ["secondary"], "simulate": simulate},
        "responder-3": {},
    }
    settings = settings_for(environment(people=people), "r1", Anchor.here())
    assert settings.grants["responder-2"] == []
    assert settings.grants["responder-1"] == list(ACTIONS)


def test_every_sandbox_has_tokens_of_its_own() -> None:
    one, other = (settings_for(environment(), "r1", Anchor.here()) for _ in range(2))
    assert one.id != other.id
    assert not {one.operator, *one.tokens} & {other.operator, *other.tokens}
