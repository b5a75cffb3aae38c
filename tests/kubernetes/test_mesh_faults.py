"""Requests that a service mesh would refuse or delay: Istio's routes, stored and not obeyed."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.faults.kubernetes.routes import serves
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import ForbiddenError, Object
from drillmaster.targets.kubernetes.objects.resources import VIRTUAL_SERVICES
from tests.support.cluster import OURS, connected
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane, OwnControlPlane
from tests.support.controlplane.manifests import deployment, virtual_service

THROTTLE, LATENCY = on_kubernetes("throttle"), on_kubernetes("latency")
ABORT = {"httpStatus": 429, "percentage": {"value": 60}}
DELAY = {"fixedDelay": "250ms", "percentage": {"value": 100}}

TO: dict[str, Any] = {"destination": {}}

ROUTES: list[dict[str, Any]] = [
    {"name": "beta", "match": [{"uri": {"prefix": "/beta"}}], "route": [TO]},
    {
        "match": [{"uri": {"prefix": "/slow"}}],
        "route": [TO],
        "fault": {"delay": {"fixedDelay": "9s"}},
    },
    {"route": [TO]},
]
"""A route with a name, one with a fault of its own, and one with neither."""


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    controlplane.install_virtual_services()
    with shop_of(controlplane, deployment(replicas=1), pods=1) as made:
        yield made


def service(name: str = "checkout", host: str = "checkout") -> dict[str, Any]:
    return virtual_service(name, *copy.deepcopy(ROUTES), host=host)


def throttle(shop: Shop, name: str = "throttle") -> Any:
    return shop.fault("throttle", name, share="60%")


def latency(shop: Shop) -> Any:
    return shop.fault("latency", "latency", delay="250ms")


def faults(shop: Shop, name: str = "checkout") -> list[Any]:
    return [route.get("fault") for route in shop.get(VIRTUAL_SERVICES, name)["spec"]["http"]]


def test_every_route_of_the_host_gets_the_fault_and_is_given_back(shop: Shop) -> None:
    full = f"checkout.{shop.namespace}.svc.cluster.local"
    shop.controlplane.apply(
        service(host=full), service("other", "search"), namespace=shop.namespace
    )
    before, fault = shop.all(), throttle(shop)
    assert THROTTLE.hindrance(fault, shop.target) is None
    assert THROTTLE.inject(fault, shop.target, 1).touched == ["VirtualService checkout"]
    own = {"delay": {"fixedDelay": "9s"}}
    assert faults(shop) == [{"abort": ABORT}, {**own, "abort": ABORT}, {"abort": ABORT}]
    assert faults(shop, "other") == [None, own, None]
    assert THROTTLE.effect(fault, shop.target) is None, "no mesh says that it obeys"
    done = THROTTLE.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (True, None)
    assert shop.all() == before


def test_a_host_without_a_virtual_service_gets_one_of_ours(shop: Shop) -> None:
    (touched,) = LATENCY.inject(latency(shop), shop.target, 1).touched
    made = shop.get(VIRTUAL_SERVICES, touched.removeprefix("VirtualService "))
    assert made["spec"] == {
        "hosts": ["checkout"],
        "http": [
            {"route": [{"destination": {"host": "checkout"}}], "fault": {"delay": DELAY}},
        ],
    }


def test_routes_that_changed_meanwhile_are_cleaned_wherever_they_are(shop: Shop) -> None:
    shop.controlplane.apply(service(), namespace=shop.namespace)
    fault = throttle(shop)
    THROTTLE.inject(fault, shop.target, 1)

    def edit(thing: Object) -> None:
        first, second, third = thing["spec"]["http"]
        third["fault"]["abort"] = {"httpStatus": 503}
        copied = {**copy.deepcopy(first), "name": "gamma"}
        thing["spec"]["http"] = [{"name": "new", "route": [TO]}, third, copied, second, first]

    shop.put(VIRTUAL_SERVICES, "checkout", edit)
    assert THROTTLE.present(fault, shop.target)
    done = THROTTLE.undo(fault, shop.target, "injected")
    assert done.was_present
    assert done.residue == (
        "VirtualService checkout: fault.abort of a route is something else by now"
    )
    own = {"delay": {"fixedDelay": "9s"}}
    assert faults(shop) == [None, {"abort": {"httpStatus": 503}}, None, own, None]
    assert not THROTTLE.present(fault, shop.target)


def test_who_took_the_fault_out_is_told(shop: Shop) -> None:
    shop.controlplane.apply(service(), namespace=shop.namespace)
    fault = throttle(shop)
    THROTTLE.inject(fault, shop.target, 1)
    shop.put(VIRTUAL_SERVICES, "checkout", lambda thing: thing["spec"].update(http=ROUTES))
    assert not THROTTLE.present(fault, shop.target)
    done = THROTTLE.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (False, "VirtualService checkout had been put back")


def test_a_virtual_service_that_was_deleted_meanwhile_is_told(shop: Shop) -> None:
    shop.controlplane.apply(service(), namespace=shop.namespace)
    fault = throttle(shop)
    THROTTLE.inject(fault, shop.target, 1)
    shop.delete(VIRTUAL_SERVICES, "checkout")
    done = THROTTLE.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (False, "somebody had taken it away")


def test_what_somebody_made_of_one_of_ours_goes_with_it_and_is_told(shop: Shop) -> None:
    before, fault = shop.all(), throttle(shop)
    (touched,) = THROTTLE.inject(fault, shop.target, 1).touched
    name = touched.removeprefix("VirtualService ")
    shop.put(VIRTUAL_SERVICES, name, lambda thing: thing["spec"].update(http=[{"route": [TO]}]))
    done = THROTTLE.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (True, f"{touched} was changed by python-httpx")
    assert shop.all() == before


def test_who_keeps_a_virtual_service_as_it_is_is_told(shop: Shop) -> None:
    kept = service()
    kept["metadata"]["labels"] = {"argocd.argoproj.io/instance": "shop"}
    shop.controlplane.apply(kept, namespace=shop.namespace)
    radius = THROTTLE.radius(throttle(shop), shop.target)
    assert radius.rivals == (
        "Argo CD keeps VirtualService checkout as it is, and may undo the fault",
    )
    assert (radius.selected, radius.takes_down) == (1, 0)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (
            {"http": [{"fault": {"abort": {"httpStatus": 500}}}]},
            "has a fault of its own in a route",
        ),
        ({"tcp": [{"route": [TO]}]}, "VirtualService checkout has no HTTP route"),
    ],
    ids=["own-fault", "tcp"],
)
def test_routes_that_cannot_have_it_are_refused_as_they_are(
    shop: Shop, spec: dict[str, Any], why: str
) -> None:
    shop.controlplane.apply(virtual_service("checkout", **spec), namespace=shop.namespace)
    before, fault = shop.all(), throttle(shop)
    assert why in (THROTTLE.hindrance(fault, shop.target) or "")
    with pytest.raises(DeclinedError, match=why):
        THROTTLE.inject(fault, shop.target, 1)
    assert shop.all() == before


@pytest.mark.parametrize("first", ["throttle", "latency"])
@pytest.mark.parametrize("blind", [False, True], ids=["seen", "at-the-same-time"])
def test_two_faults_of_a_run_share_what_they_create(
    shop: Shop, first: str, blind: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two VirtualServices for one host a mesh would obey one. The last fault deletes it."""
    before, items = shop.all(), shop.target.api.items

    def none_yet(path: str, **params: str) -> list[Object]:
        return [] if path.endswith("virtualservices") and not params else items(path, **params)

    THROTTLE.inject(throttle(shop), shop.target, 1)
    with monkeypatch.context() as patch:
        if blind:
            patch.setattr(shop.target.api, "items", none_yet)
        (touched,) = LATENCY.inject(latency(shop), shop.target, 1).touched
    name = touched.removeprefix("VirtualService ")
    assert faults(shop, name) == [{"abort": ABORT, "delay": DELAY}]
    kinds = {"throttle": (THROTTLE, throttle(shop)), "latency": (LATENCY, latency(shop))}
    kind, fault = kinds.pop(first)
    assert kind.undo(fault, shop.target, "injected").residue is None
    assert not kind.present(fault, shop.target)
    assert faults(shop, name) == [{"delay": DELAY} if first == "throttle" else {"abort": ABORT}]
    ((kind, fault),) = kinds.values()
    assert kind.present(fault, shop.target)
    done = kind.undo(fault, shop.target, "injected")
    assert (done.was_present, done.residue) == (True, None)
    assert shop.all() == before


def test_a_403_in_the_middle_leaves_nothing(controlplane: ControlPlane, shop: Shop) -> None:
    controlplane.apply(service("a"), service("b"), namespace=shop.namespace)
    before, who, fault = shop.all(), controlplane.add_person(), throttle(shop)
    rules = [rule for rule in OURS if "virtualservices" not in rule["resources"]]
    vs = {"apiGroups": ["networking.istio.io"], "resources": ["virtualservices"]}
    some = {**vs, "verbs": ["update"], "resourceNames": ["a"]}
    controlplane.grant(
        who, shop.namespace, *rules, {**vs, "verbs": ["get", "list", "delete"]}, some
    )
    with connected(controlplane, shop.namespace, who=who) as target:
        told = THROTTLE.hindrance(fault, target) or ""
        assert f"update virtualservices.networking.istio.io b in {shop.namespace}: " in told
        with pytest.raises(ForbiddenError):
            THROTTLE.inject(fault, target, 1)
        assert THROTTLE.present(fault, target)
        assert THROTTLE.undo(fault, target, "intent").was_present
    assert shop.all() == before


@pytest.mark.parametrize(
    ("host", "whether"),
    [
        ("checkout", True),
        ("checkout.shop", True),
        ("checkout.shop.svc", True),
        ("checkout.shop.svc.cluster.local", True),
        ("checkout.search", False),
        ("checkout.example.com", False),
        ("*", False),
    ],
)
def test_a_host_has_several_names_in_the_mesh(host: str, whether: bool) -> None:
    assert serves({"spec": {"hosts": ["other", host]}}, "checkout", "shop") is whether


@pytest.mark.soak
def test_a_cluster_without_istio_is_refused(own_controlplane: OwnControlPlane) -> None:
    with shop_of(own_controlplane, deployment(replicas=1), pods=1) as shop:
        fault = throttle(shop)
        assert "the cluster has no VirtualService of Istio" in (
            THROTTLE.hindrance(fault, shop.target) or ""
        )
        with pytest.raises(DeclinedError, match="no VirtualService of Istio"):
            THROTTLE.inject(fault, shop.target, 1)
        assert not THROTTLE.present(fault, shop.target)
        assert not THROTTLE.undo(fault, shop.target, "intent").was_present
