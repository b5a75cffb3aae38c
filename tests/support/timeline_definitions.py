"""Small definitions for synthetic timelines, as a run would keep them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

PRIMARY, SECONDARY, BYSTANDER = "responder-1", "responder-2", "responder-3"

DRILL: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "drill",
    "name": "checkout-degraded",
    "title": "Checkout turns customers away while the primary is silent",
    "environment": "sandbox",
    "service": "checkout",
    "steady_state": [{"name": "checkout answers", "http": {"url": "http://127.0.0.1/"}}],
    "faults": [
        {"throttle": {"namespace": "shop", "selector": "app=checkout", "share": "60%"}},
        {"unreachable-primary": {"by": "drill-policy"}},
    ],
    "escalation": {"severity": "critical", "summary": "checkout fails", "engage": "timeout"},
    "access": "checkout-secondary",
    "runbook": "checkout",
    "targets": {
        "escalation_latency": "10s",
        "secondary_response": "10s",
        "first_mitigation": "30s",
        "runbook_adherence": "100%",
        "access_failures": 0,
    },
}

ENVIRONMENT: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "environment",
    "name": "sandbox",
    "target": {"kind": "sandbox"},
    "oncall": {
        "provider": "embedded",
        "policy": [
            {"page": "primary", "timeout": "3s"},
            {"page": "secondary", "timeout": "20s"},
        ],
    },
    "people": {
        PRIMARY: {"roles": ["primary"]},
        SECONDARY: {"roles": ["secondary"]},
        BYSTANDER: {},
    },
}

ACCESS: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "access",
    "name": "checkout-secondary",
    "checks": [
        {
            "name": f"may {can}",
            "permission": {"namespace": "shop", "workload": "checkout", "can": can},
        }
        for can in ("scale", "lift-throttle")
    ],
}


def _audited(action: str, **parameters: Any) -> dict[str, Any]:
    return {
        "audit": {
            "namespace": "shop",
            "workload": "checkout",
            "action": action,
            "parameters": parameters,
        }
    }


RUNBOOK: dict[str, Any] = {
    "schema": "drillmaster/v1",
    "kind": "runbook",
    "name": "checkout",
    "title": "Checkout is degraded",
    "owner": "team-checkout",
    "reviewed": "2026-11-24",
    "service": "checkout",
    "revision": "sha256:" + "0" * 64,
    "steps": [
        {"id": "look", "title": "Look", "line": 1, "within": "15s", "evidence": _audited("view")},
        {
            "id": "lift",
            "title": "Lift the throttle",
            "line": 2,
            "within": "20s",
            "evidence": _audited("lift-throttle"),
            "mitigates": True,
        },
        {
            "id": "scale",
            "title": "Scale out",
            "line": 3,
            "within": "30s",
            "evidence": _audited("scale", replicas=6),
            "mitigates": True,
        },
        {
            "id": "tell",
            "title": "Tell the team",
            "line": 4,
            "evidence": {"self-report": {}},
            "optional": True,
        },
    ],
}

ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "look": ("view", {}),
    "lift": ("lift-throttle", {}),
    "scale": ("scale", {"replicas": 6}),
}
"""What is done at the target for each step."""


def changed(definition: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A definition with other values; `a__b` is the key `b` under `a`. None removes a key."""
    new = deepcopy(dict(definition))
    for path, value in changes.items():
        *parents, key = path.split("__")
        place = new
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is None:
            place.pop(key, None)
        else:
            place[key] = value
    return new
