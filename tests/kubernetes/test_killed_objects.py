"""Whoever changes an object of others is killed at each point of it, and it is given back."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.engine.settling import reaper
from drillmaster.timeline.store import Store
from tests.support.certificates import certificate
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, virtual_service
from tests.support.killed import POINTS
from tests.support.killing import begun, kill, killing, owed

__all__ = ["killing"]

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "throttle": ("throttle", {"share": "60%"}),
    "latency": ("latency", {"delay": "1s"}),
    "expire": ("config-break", {"secret": "tls", "key": "tls.crt", "how": "expire"}),
}


@pytest.fixture(scope="module")
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    controlplane.install_virtual_services()
    pem, key = certificate()
    tls = secret("tls", **{"tls.crt": pem, "tls.key": key})
    routes = virtual_service("checkout", {"name": "all", "route": [{"destination": {}}]}, {})
    with shop_of(controlplane, tls, routes, deployment(replicas=1), pods=1) as made:
        yield made


@pytest.mark.soak
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("change", CHANGES)
def test_it_is_given_back_wherever_it_was_killed(
    shop: Shop, change: str, point: str, store: Store, killing: "subprocess.Popen[str]"
) -> None:
    name, arguments = CHANGES[change]
    kind, fault, before = on_kubernetes(name), shop.fault(name, **arguments), shop.all()
    kill(killing, begun(store, fault, shop.target), point)
    assert kind.present(fault, shop.target) is (shop.all() != before)
    if point in {"after-the-call", "in-the-write", "written"}:
        assert kind.present(fault, shop.target)
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == []
    assert owed(store, fault) == "undone"
    assert shop.all() == before
