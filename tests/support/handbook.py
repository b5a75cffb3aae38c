"""A runbook as the page of an incident shows it."""

from datetime import date
from typing import Any

from drillmaster.definitions.runbook import Runbook


def runbook(*steps: dict[str, Any]) -> Runbook:
    """A runbook with these steps, or with four usual ones."""
    return Runbook.model_validate(
        {
            "schema": "drillmaster/v1",
            "name": "checkout-degraded",
            "title": "Checkout is degraded",
            "owner": "team-checkout",
            "reviewed": date(2026, 11, 24),
            "service": "checkout",
            "revision": "sha256:" + "0" * 64,
            "steps": [{"line": 1} | step for step in steps or USUAL],
        }
    )


USUAL: tuple[dict[str, Any], ...] = (
    {
        "id": "look",
        "title": "Look at the dashboard",
        "text": "Open the [dashboard](https://dash.example.org/checkout). How many replicas are "
        "ready, and is a throttle in force?\n\n| sign | means |\n|---|---|\n| 429 | throttle |\n",
        "within": "15s",
    },
    {
        "id": "lift-throttle",
        "title": "Lift the throttle",
        "text": "If requests are refused with 429 and nobody ordered the throttle, lift it:\n\n"
        "```sh\ngateway throttle lift --namespace shop --workload checkout "
        "--reason 'nobody ordered it'\n```\n",
        "within": "20s",
        "mitigates": True,
        "decision": {
            "question": "A throttle is in force that nobody ordered. What do you do?",
            "options": ["lift it", "leave it and wait", "restart checkout"],
            "sound": ["lift it"],
        },
    },
    {
        "id": "scale-out",
        "title": "Scale out",
        "text": "Run **six** replicas until the cause is known.",
    },
    {
        "id": "tell",
        "title": "Tell the team",
        "text": "Say in the incident channel what you saw and what you did.",
        "evidence": {"self-report": {}},
        "optional": True,
    },
)
