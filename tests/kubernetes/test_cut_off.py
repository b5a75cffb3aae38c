"""What injects or undoes is cut off after each of its writes, and the next undo gives all back."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from drillmaster.targets.base import UnreachableError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from tests.support.cluster import drillable_node, in_pool
from tests.support.cluster_shops import Shop, shop, stateful_set, tried
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sampled import sampled
from tests.support.sandbox import eventually

FAULTS: dict[str, dict[str, Any]] = {
    "scale": {"to": 1},
    "bad-release": {},
    "resource-throttle": {"cpu": "50m"},
    "node-drain": {"give_up": "5s"},
}
WORKLOADS = {"Deployment": deployment, "StatefulSet": stateful_set}
SAMPLE = [("bad-release", "StatefulSet"), ("node-drain", "Deployment")]
"""The undo of most writes, and the one in the whole cluster."""
PAIRS = sampled(product(FAULTS, WORKLOADS), SAMPLE)


class CutError(Exception):
    """The process would have died here."""


class Cut:
    """Cuts off whatever writes, right after some number of writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        real = KubernetesApi._ask

        def ask(api: KubernetesApi, method: str, path: str, *of: Any, **more: Any) -> Any:
            answer = real(api, method, path, *of, **more)
            review = "authorization" in path
            if method != "GET" and not review and self.left is not None:
                self.left -= 1
                if self.left == 0:
                    raise CutError
            return answer

        monkeypatch.setattr(KubernetesApi, "_ask", ask)

    def off(self, after: int, what: Callable[[], object]) -> bool:
        """Do something, and end it after so many writes; whether it came to its end before."""
        self.left = after
        try:
            what()
        except CutError:
            return False
        finally:
            self.left = None
        return True


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    return Cut(monkeypatch)


@pytest.fixture
def place(controlplane: ControlPlane) -> Iterator[tuple[Shop, str]]:
    """A namespace whose pods run on a node of its own."""
    with (
        shop(controlplane) as found,
        drillable_node(controlplane, found.namespace) as node,
    ):
        yield found, node


def all_of(found: Shop, node: str) -> dict[str, Any]:
    thing = found.controlplane.admin.get(f"/api/v1/nodes/{node}").json()
    metadata = thing["metadata"]
    return {**found.all(), node: [thing["spec"], metadata["labels"], metadata.get("annotations")]}


@pytest.mark.parametrize(("kind", "workload"), PAIRS)
def test_wherever_it_is_cut_off(
    place: tuple[Shop, str], cut: Cut, kind: str, workload: str
) -> None:
    found, node = place
    manifest = WORKLOADS[workload](replicas=2)
    manifest["spec"]["template"]["spec"] |= in_pool(found.namespace)
    found.put(manifest)
    before = all_of(found, node)

    def fault() -> Any:
        if kind == "node-drain":
            nodes = f"drillmaster.test/pool={found.namespace}"
            return tried(found.target, kind, nodes=nodes, **FAULTS[kind])
        return found.fault(kind, **FAULTS[kind])

    def restored() -> bool:
        return found.ready() == 2 and all_of(found, node) == before

    whole, writes = False, 0
    while not whole:  # what injects is cut off
        writes += 1
        one = fault()
        whole = cut.off(writes, one.inject)
        one.undo("intent")
        assert not one.present()
        eventually(restored, 20)
    assert writes > 2
    whole, writes = False, 0
    while not whole:  # what undoes is cut off
        writes += 1
        one = fault()
        one.inject()
        if kind == "bad-release":
            eventually(one.effect)
        whole = cut.off(writes, one.undo)
        one.undo("injected")
        assert not one.present()
        eventually(restored, 20)
    assert writes > 2
    assert list(found.target.marks()) == []


def test_an_undo_whose_controller_is_blind_is_tried_again(
    place: tuple[Shop, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark stays until the controller has seen what was given back."""
    found, _ = place
    found.put(deployment(replicas=2, **in_pool(found.namespace)))
    fault = found.fault("scale", to=1)
    fault.inject()
    with monkeypatch.context() as patch:
        patch.setattr("drillmaster.targets.kubernetes.writing.history._LOOKS", 0)
        with pytest.raises(UnreachableError, match="has not seen its undo yet"):
            fault.undo()
    assert len(list(found.target.marks())) == 1
    assert found.get()["spec"]["replicas"] == 2
    fault.undo()
    assert list(found.target.marks()) == []
