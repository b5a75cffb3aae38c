"""Whole drills that change workloads and nodes: nothing stays, where host and store are lost."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from drillmaster.errors import ExitCode
from drillmaster.timeline.events import FaultEffective
from tests.support.cluster import (
    EVERYWHERE,
    OURS,
    as_it_was,
    copied,
    drillable,
    drillable_node,
    in_pool,
)
from tests.support.cluster_drills import as_somebody, drilling, project
from tests.support.cluster_shops import budget
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.drills import command, eventually

WHERE = "namespace: {namespace}, selector: app=checkout"
FAULTS = {
    "node-drain": "node-drain: {{nodes: drillmaster.test/pool={namespace}, count: 2}}",
    "held": "node-drain: {{nodes: drillmaster.test/pool={namespace}, count: 2, give_up: 1s}}",
    "scale": f"scale: {{{{{WHERE}, to: 0}}}}",
    "bad-release": f"bad-release: {{{{{WHERE}}}}}",
}


class Place:
    """A namespace and two nodes, and somebody who may drill both."""

    def __init__(self, controlplane: ControlPlane, stack: ExitStack) -> None:
        self.controlplane = controlplane
        self.namespace = stack.enter_context(drillable(controlplane))
        self.nodes = [
            stack.enter_context(drillable_node(controlplane, self.namespace)) for _ in range(2)
        ]
        self._who = controlplane.add_person()
        controlplane.grant(self._who, self.namespace, *OURS)
        stack.enter_context(controlplane.grant_everywhere(self._who, *EVERYWHERE))
        workload = deployment(replicas=4, **in_pool(self.namespace))
        controlplane.apply(workload, namespace=self.namespace)
        controlplane.wait_ready(self.namespace, 4)

    def project(self, folder: Path, kind: str) -> Path:
        """A drill with one fault, in an environment of that person's."""
        environment = as_somebody(self.controlplane, self._who)
        fault = FAULTS[kind]
        return project(folder, self.controlplane, self.namespace, fault, environment)

    def all(self) -> dict[str, Any]:
        """All that a fault may change, or leave."""
        found = as_it_was(self.controlplane, self.namespace)
        for node in self.nodes:
            thing = self.controlplane.admin.get(f"/api/v1/nodes/{node}").json()
            metadata = thing["metadata"]
            found[node] = [thing["spec"], metadata["labels"], metadata.get("annotations")]
        return {**found, "copies": copied(self.controlplane, self.namespace)}


@pytest.fixture
def place(controlplane: ControlPlane) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(controlplane, stack)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["node-drain", "scale", "bad-release"])
def test_host_and_store_are_lost_and_a_sweep_gives_all_back(
    place: Place, tmp_path: Path, kind: str
) -> None:
    before = place.all()
    with drilling(tmp_path, str(place.project(tmp_path, kind))) as drill:
        drill.await_fault(kind)

        def seen() -> bool:
            assert drill.process.poll() is None, drill.output()
            return any(isinstance(event, FaultEffective) for event in drill.events_so_far())

        eventually(seen, 60, "an effect")
        for process in drill.processes():
            process.send_signal(signal.SIGKILL)
        drill.process.wait(60)
    assert place.all() != before
    elsewhere = tmp_path / "elsewhere"
    place.project(elsewhere, kind)
    swept = command(elsewhere, "sweep", "cluster", "--all", "--yes")
    assert swept.returncode == 0, swept.stdout
    eventually(lambda: place.all() == before, 20, "all as it was")
    place.controlplane.wait_ready(place.namespace, 4)


def test_a_drain_that_a_budget_holds_up_aborts_the_drill_and_leaves_nothing(
    place: Place, tmp_path: Path
) -> None:
    place.controlplane.apply(budget(maxUnavailable=0), namespace=place.namespace)
    before, pods = place.all(), place.controlplane.ready(place.namespace)
    with drilling(tmp_path, str(place.project(tmp_path, "held"))) as drill:
        assert drill.process.wait(60) == ExitCode.ABORTED, drill.output()
        assert "PodDisruptionBudgets have not let these pods go for 1s" in drill.output()
        events = drill.events()
    assert not any(isinstance(event, FaultEffective) for event in events)
    assert place.all() == before
    assert place.controlplane.ready(place.namespace) == pods
