"""What one does for a step."""

from typing import Any

import pytest

from drillmaster.sandbox.steps import Action, Deed, Nothing, Report, Visit, deed_for
from tests.runbooks.books import CHECKOUT, audit, runbook, step


@pytest.mark.parametrize(
    ("evidence", "deed"),
    [
        (audit("view"), Action("view", "shop", "checkout", {})),
        (audit("scale", replicas=8), Action("scale", "shop", "checkout", {"replicas": 8})),
        (audit("scale"), Action("scale", "shop", "checkout", {"replicas": 6})),
        ({"http": {"url": "http://host/page"}}, Visit("http://host/page")),
        ({"state": CHECKOUT | {"what": "database", "equals": "standby"}}, Nothing()),
        ({"command": {"run": ["true"]}}, Nothing()),
        ({"self-report": {}}, Report()),
        (None, Report()),
    ],
)
def test_the_evidence_tells_what_to_do(evidence: dict[str, Any] | None, deed: Deed) -> None:
    (only,) = runbook(step("step", evidence)).steps
    assert deed_for(only) == deed
