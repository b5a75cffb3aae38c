"""Whole drills with a policy that nothing enforces: unverified, unless the drill sees an effect."""

from pathlib import Path

import pytest

from drillmaster.timeline.events import FaultEffective
from tests.support.cluster import as_it_was
from tests.support.cluster_drills import drilling, project, shop
from tests.support.controlplane import ControlPlane
from tests.support.definitions import edit

CUT = "network-cut: {{namespace: {namespace}, selector: app=checkout%s}}"
SIGN = ", effect: {{command: {{run: [test, -e, %s]}}}}"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(False, id="stored"),
        pytest.param(True, id="seen", marks=pytest.mark.soak),
    ],
)
def test_a_policy_that_is_stored_and_not_enforced_is_unverified(
    controlplane: ControlPlane, tmp_path: Path, shown: bool
) -> None:
    sign = tmp_path / "sign"
    fault = CUT % (SIGN % sign if shown else "")
    with shop(controlplane) as namespace:
        before = as_it_was(controlplane, namespace)
        path = project(tmp_path, controlplane, namespace, fault)
        edit(path, "escalation: {", "escalation: {page: immediately, ")
        edit(path, "secondary_response: 60s", "escalation_latency: 2s")
        with drilling(tmp_path, str(path)) as drill:
            drill.await_fault("network-cut")
            sign.touch()
            drill.process.wait(60)
            seen = [event.seen for event in drill.events() if isinstance(event, FaultEffective)]
            said = drill.output()
        assert seen == (["test ended with 0"] if shown else [])
        unverified = "UNVERIFIED" in said and "No effect of the fault network-cut was seen" in said
        assert unverified is not shown, said
        assert as_it_was(controlplane, namespace) == before
