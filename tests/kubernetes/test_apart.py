"""Faults of one drill that would change the same thing."""

from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.engine.planning.guard import Verdict
from drillmaster.timeline.store import Store
from tests.support.cluster import drillable_node, in_pool
from tests.support.cluster_shops import Shop
from tests.support.cluster_shops import shop as shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, virtual_service
from tests.support.guarded import at_target, environment, refusal

LIMITS = {"pods": "100%"}
CONTAINER = "spec.template.spec.containers[name=checkout]"
DEPENDENCIES = {
    "database": {"address": "10.20.0.7", "ports": [5432]},
    "cache": {"address": "10.20.0.8", "ports": [6379]},
}
SCALE = ("scale", {"to": 1})


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    with shop_of(controlplane) as found:
        found.put(deployment(replicas=2))
        yield found


def asked(
    store: Store, shop: Shop, *faults: tuple[str, dict[str, Any]], **timing: dict[str, Any]
) -> dict[str, Verdict]:
    """What the guard says to faults on checkout, which are called `a`, `b` and so on."""
    where = {"namespace": shop.namespace, "selector": "app=checkout"}
    written = []
    for name, (kind, arguments) in zip("abc", faults, strict=False):
        when = dict(timing.get(name, {}))
        after = {"after": when.pop("after")} if "after" in when else {}
        place = {} if "nodes" in arguments else where
        if "key" in arguments:
            place = {"namespace": shop.namespace}
        written.append({kind: {**place, **arguments, **when}, "name": name, **after})
    return at_target(
        *(store, shop.target, environment(limits=LIMITS)), faults=written, limits=LIMITS
    )


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (SCALE, ("scale", {"to": 3}), "Deployment checkout in {shop}: spec.replicas"),
        (
            ("resource-throttle", {"cpu": "50m"}),
            ("resource-throttle", {"cpu": "20m", "memory": "9Mi"}),
            f"Deployment checkout in {{shop}}: {CONTAINER}.resources.limits.cpu",
        ),
        (
            ("config-break", {"secret": "checkout", "key": "password", "how": "remove"}),
            ("config-break", {"secret": "checkout", "key": "password", "how": "remove"}),
            "Secret checkout in {shop}: data.password",
        ),
        (
            ("throttle", {"share": "50%"}),
            ("throttle", {"share": "20%"}),
            "VirtualService for checkout in {shop}: fault.abort",
        ),
    ],
    ids=["scale", "resource-throttle", "config-break", "throttle"],
)
def test_two_faults_at_one_place_are_refused_by_name(
    store: Store, shop: Shop, first: Any, second: Any, place: str
) -> None:
    shop.controlplane.apply(secret("checkout", password="p", user="u"), namespace=shop.namespace)
    shop.controlplane.install_virtual_services()
    rule, told = refusal(asked(store, shop, first, second))
    assert rule == "apart"
    both = "a and b cannot be in at the same time, because both change "
    assert told.startswith(f"{both}{place.format(shop=shop.namespace)};")


def test_a_service_that_has_routes_is_named(store: Store, shop: Shop) -> None:
    shop.controlplane.install_virtual_services()
    routes = virtual_service("checkout", {"route": []})
    shop.controlplane.apply(routes, namespace=shop.namespace)
    slow = ("latency", {"delay": "1s"})
    rule, told = refusal(asked(store, shop, slow, slow))
    assert (rule, f"VirtualService checkout in {shop.namespace}: fault.delay;" in told) == (
        *("apart", True),
    )
    assert asked(store, shop, slow, ("throttle", {"share": "50%"}))["apart"].passed


def test_one_node_is_drained_once(controlplane: ControlPlane, store: Store, shop: Shop) -> None:
    pool = shop.namespace
    with drillable_node(controlplane, pool) as one, drillable_node(controlplane, pool) as other:
        controlplane.apply(deployment("cart", 2, **in_pool(pool)), namespace=shop.namespace)
        controlplane.wait_ready(shop.namespace, 2, "app=cart")
        drain: dict[str, Any] = {"nodes": f"drillmaster.test/pool={pool}"}
        rule, told = refusal(asked(store, shop, ("node-drain", drain), ("node-drain", drain)))
        assert rule == "apart"
        assert f"both change Node {min(one, other)}: spec.unschedulable;" in told
        every = ("node-drain", {**drain, "every": "20s"})
        told = refusal(asked(store, shop, every, ("node-drain", {**drain, "count": 2})))[1]
        assert f"Node {min(one, other)}: spec.unschedulable and 1 more;" in told


def test_policies_that_would_add_up_are_refused(store: Store, shop: Shop) -> None:
    shop.target.address["dependencies"] = DEPENDENCIES
    database, cache = (
        ("unreachable-dependency", {"dependency": one}) for one in ("database", "cache")
    )
    out, into = (("network-cut", {"direction": one}) for one in ("egress", "ingress"))
    for first, second in ((database, cache), (database, out), (out, cache)):
        rule, told = refusal(asked(store, shop, first, second))
        assert rule == "apart"
        assert f" in {shop.namespace} may reach and 1 more; leave one out" in told
    for first, second in ((database, database), (out, out), (database, into), (out, into)):
        assert asked(store, shop, first, second)["apart"].passed


def test_what_changes_something_else_is_let_in(store: Store, shop: Shop) -> None:
    shop.controlplane.apply(secret("checkout", password="p", user="u"), namespace=shop.namespace)
    remove = {"secret": "checkout", "how": "remove"}
    password, user = (("config-break", {**remove, "key": key}) for key in ("password", "user"))
    assert asked(store, shop, password, user)["apart"].passed
    assert asked(store, shop, SCALE, ("bad-release", {}))["apart"].passed


@pytest.mark.parametrize(
    ("a", "b", "passes"),
    [
        ({"for": "20s"}, {"after": "80s"}, True),
        ({"for": "20s"}, {"after": "79s"}, False),
        ({"after": "80s"}, {"for": "20s"}, True),
        ({}, {"after": "80s"}, False),
        ({"for": "20s"}, {"after": "a"}, False),
        ({"for": "20s"}, {"after": "c"}, True),
        ({"for": "20s", "after": "c"}, {}, False),
    ],
)
def test_one_after_the_other_is_let_in(
    store: Store, shop: Shop, a: dict[str, str], b: dict[str, str], *, passes: bool
) -> None:
    third = ("network-cut", {"direction": "both"})
    verdicts = asked(store, shop, SCALE, ("scale", {"to": 3}), third, a=a, b=b, c={"after": "80s"})
    assert verdicts["apart"].passed is passes
