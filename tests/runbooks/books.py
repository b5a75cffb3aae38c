"""Runbooks for tests."""

from datetime import date
from typing import Any

from drillmaster.definitions.runbook import Runbook

CHECKOUT = {"namespace": "shop", "workload": "checkout"}


def audit(action: str, **parameters: object) -> dict[str, Any]:
    """The evidence that somebody did this."""
    return {"audit": CHECKOUT | {"action": action, "parameters": parameters}}


def step(name: str, evidence: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A step."""
    return {"id": name, "title": name.title(), "line": 1, "evidence": evidence} | more


def runbook(*steps: dict[str, Any]) -> Runbook:
    """A runbook of these steps."""
    return Runbook.model_validate(
        {
            "schema": "drillmaster/v1",
            "name": "checkout-degraded",
            "title": "Checkout is degraded",
            "owner": "team-checkout",
            "reviewed": date(2026, 11, 24),
            "service": "checkout",
            "revision": "sha256:" + "0" * 64,
            "steps": list(steps),
        }
    )
