"""An API server that does what it is told, and whose answer gets lost on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.engine.books import ledger
from drillmaster.engine.settling import reaper
from drillmaster.targets.base import UnreachableError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.timeline.events import FaultUndone
from drillmaster.timeline.log import read
from drillmaster.timeline.store import Store
from tests.support.cluster_shops import Shop, Tried, shop, tried
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret
from tests.support.killing import begun


@pytest.fixture
def checkout(controlplane: ControlPlane) -> Iterator[Shop]:
    with shop(controlplane) as found:
        found.put(deployment(replicas=2))
        found.controlplane.apply(secret("cfg", key="v"), namespace=found.namespace)
        yield found


FAULTS: dict[str, dict[str, Any]] = {
    "network-cut": {"selector": "app=checkout", "direction": "both"},
    "scale": {"selector": "app=checkout", "to": 1},
    "config-break": {"secret": "cfg", "key": "key", "how": "remove"},
}


def fault_of(found: Shop, kind: str) -> Tried:
    return tried(found.target, kind, namespace=found.namespace, **FAULTS[kind])


def lose_one(patch: pytest.MonkeyPatch) -> list[str]:
    """The next write that is done has no answer; which one it was."""
    lost: list[str] = []
    for name in ("delete", "replace"):
        original = getattr(KubernetesApi, name)

        def write(
            self: KubernetesApi, path: str, *told: Any, _do: Any = original, **more: Any
        ) -> Any:
            done = _do(self, path, *told, **more)
            if not lost and not more.get("dry_run") and "/leases/" not in path:
                lost.append(path)
                raise UnreachableError("the answer got lost")
            return done

        patch.setattr(KubernetesApi, name, write)
    return lost


@pytest.mark.parametrize("kind", FAULTS)
def test_an_undo_whose_answer_got_lost_is_ours(
    checkout: Shop, store: Store, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before, one = checkout.all(), fault_of(checkout, kind)
    order = begun(store, one.fault, checkout.target)
    one.inject()
    with store.write() as connection:
        hold = ledger.Hold(order.run, order.fence)
        undo = one.fault.model_dump(mode="json")
        now = one.fault.expires - 60
        ledger.intend(connection, hold, one.fault.id, kind="fault", undo=undo, now=now)
        ledger.injected(connection, hold, one.fault.id, now)
    assert lose_one(monkeypatch) == []
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == []
    (undone,) = [one.event for one in read(store, order.run) if isinstance(one.event, FaultUndone)]
    assert (undone.by, undone.residue) == ("reaper", None)
    assert checkout.all() == before


@pytest.mark.parametrize("kind", ["scale", "config-break"])
def test_whoever_goes_on_sees_that_it_was_given_back_by_ourselves(
    checkout: Shop, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before, one = checkout.all(), fault_of(checkout, kind)
    one.inject()
    lose_one(monkeypatch)
    with pytest.raises(UnreachableError, match="got lost"):
        one.undo()
    done = one.undo()
    assert (done.was_present, done.residue, done.by_others, done.ended_by) == (
        False,
        None,
        False,
        "run",
    )
    assert checkout.all() == before
