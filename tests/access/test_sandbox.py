"""Access checks against the real sandbox."""

from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import identities_for
from drillmaster.clock import SteadyClock
from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.environment import Environment
from drillmaster.probes.base import Asking
from drillmaster.timeline.events import AccessChecked
from tests.support.sandbox import Running, sandbox

ENVIRONMENT = Environment.model_validate(
    {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "sandbox",
        "target": {"kind": "sandbox"},
        "oncall": {"provider": "embedded", "policy": [{"page": "secondary", "timeout": "3s"}]},
        "people": {"responder-2": {"roles": ["secondary"]}, "responder-3": {}, "responder-9": {}},
    }
)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with sandbox(replicas=1) as started:
        yield started


def check(running: Running, person: str) -> list[AccessChecked]:
    checkout: dict[str, Any] = {"namespace": "shop", "workload": "checkout"}
    profile = AccessProfile.model_validate(
        {
            "schema": "drillmaster/v1",
            "kind": "access",
            "name": "checkout-secondary",
            "checks": [
                {
                    "name": "dashboard",
                    "http": {"url": f"{running.address['admin']}/dashboard/checkout"},
                },
                {"name": "scale", "permission": checkout | {"can": "scale"}},
                {"name": "nowhere", "permission": checkout | {"workload": "cart", "can": "scale"}},
            ],
        }
    )
    identity, controls = identities_for(ENVIRONMENT, running.target, person)
    asking = Asking(SteadyClock(), running.target)
    return list(run_profile(profile, identity, controls, asking))


@pytest.mark.parametrize(
    ("person", "dashboard", "scale"),
    [
        ("responder-2", "allowed", "allowed"),
        ("responder-3", "allowed", "denied"),
        ("responder-9", "unverified", "denied"),
    ],
)
def test_each_ones_access(running: Running, person: str, dashboard: str, scale: str) -> None:
    answers = {
        event.check: event.answer for event in check(running, person) if event.subject == "person"
    }
    # the positive control may not do it either: there is no such workload
    assert answers == {"dashboard": dashboard, "scale": scale, "nowhere": "unverified"}


def test_the_controls_behave(running: Running) -> None:
    for event in check(running, "responder-2"):
        if event.check != "nowhere" and event.subject != "person":
            expected = "allowed" if event.subject == "positive-control" else "denied"
            assert event.answer == expected, event.detail


def test_a_check_is_nobodys_deed(running: Running) -> None:
    check(running, "responder-2")
    assert running.target.audit(None) == []
