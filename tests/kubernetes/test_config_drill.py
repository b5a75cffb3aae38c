"""A whole drill that takes a password away from pods that keep dying, and tells it nowhere."""

import base64
import signal
from pathlib import Path

import pytest

from drillmaster.timeline.events import FaultEffective
from tests.support.cluster import OURS, as_it_was, drillable
from tests.support.cluster_drills import CHURN, drilling, project
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, with_secret
from tests.support.drills import eventually

PASSWORD = "correct-horse-battery-staple"
BREAK = (
    "config-break: {{namespace: {namespace}, secret: checkout, key: password, how: remove}}\n"
    f"  - {CHURN}\n    after: config-break"
)


@pytest.mark.soak
def test_a_password_that_was_taken_away_is_told_nowhere(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    with drillable(controlplane) as namespace:
        controlplane.grant("ci", namespace, *OURS)
        workload = with_secret(deployment(replicas=4), "password")
        controlplane.apply(secret("checkout", password=PASSWORD), workload, namespace=namespace)
        controlplane.wait_ready(namespace, 4)
        before = as_it_was(controlplane, namespace)
        with drilling(tmp_path, str(project(tmp_path, controlplane, namespace, BREAK))) as drill:
            drill.await_fault("config-break")

            def both_seen() -> bool:
                assert drill.process.poll() is None, drill.output()
                told = [one for one in drill.events_so_far() if isinstance(one, FaultEffective)]
                return {one.fault for one in told} == {"config-break", "pod-churn"}

            eventually(both_seen, 60, "both effects")
            drill.process.send_signal(signal.SIGINT)
            assert drill.process.wait(60) == 130, drill.output()
            said = drill.output()
        assert "cannot start without password" in said
        controlplane.wait_ready(namespace, 4)
        assert as_it_was(controlplane, namespace) == before
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.suffix == ".db" for path in files)
        for value in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode()):
            assert value not in said
            assert [path for path in files if value.encode() in path.read_bytes()] == []
