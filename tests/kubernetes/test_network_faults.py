"""Traffic that is cut by NetworkPolicies, which this control plane stores and does not enforce."""

import ipaddress
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.targets import Dependency
from drillmaster.faults.kubernetes.dependency import everything_but
from drillmaster.faults.kubernetes.unready import unready_since
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.objects.resources import NETWORK_POLICIES, PODS
from tests.support.cluster import OURS, connected
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.sandbox import eventually

CUT, DEPENDENCY = on_kubernetes("network-cut"), on_kubernetes("unreachable-dependency")


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    with shop_of(controlplane, deployment(replicas=2), pods=2) as made:
        made.target.address["dependencies"] = {
            "database-primary": {"address": "10.20.0.7", "ports": [5432]},
            "cache": {"address": "fd00:20::/64"},
        }
        yield made


def policy(name: str, app: str | None = "checkout", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": {"matchLabels": {"app": app}} if app else {}, **spec},
    }


@pytest.mark.parametrize(
    ("direction", "types"),
    [("ingress", ["Ingress"]), ("egress", ["Egress"]), ("both", ["Ingress", "Egress"])],
)
def test_a_cut_allows_nothing_in_its_direction(
    shop: Shop, direction: str, types: list[str]
) -> None:
    fault = shop.fault("network-cut", direction=direction)
    (touched,) = CUT.inject(fault, shop.target, 1).touched
    made = shop.get(NETWORK_POLICIES, touched.removeprefix("NetworkPolicy "))
    assert made["spec"] == {
        "podSelector": {"matchLabels": {"app": "checkout"}},
        "policyTypes": types,
    }


def test_a_policy_that_is_only_stored_has_no_effect(shop: Shop) -> None:
    fault = shop.fault("network-cut")
    CUT.inject(fault, shop.target, 1)
    made = time.time()
    eventually(lambda: int(time.time()) > int(made))  # the API has whole seconds
    assert CUT.present(fault, shop.target)
    assert CUT.effect(fault, shop.target) is None
    one, other = shop.controlplane.ready(shop.namespace)
    unready = {"metadata": {"annotations": {"drillmaster.test/ready": "false"}}}
    shop.edit(PODS, one, unready)
    eventually(lambda: shop.controlplane.ready(shop.namespace) == [other])
    assert CUT.effect(fault, shop.target) is None  # a cut would hit both
    shop.edit(PODS, other, unready)
    eventually(lambda: CUT.effect(fault, shop.target))
    seen = CUT.effect(fault, shop.target) or ""
    assert sorted(seen.removeprefix("unready since: ").split(", ")) == sorted([one, other])


def pod(name: str, made: str, **ready: str) -> dict[str, Any]:
    conditions = [{"type": "Ready", **ready}] if ready else []
    metadata = {"name": name, "creationTimestamp": made}
    return {"metadata": metadata, "status": {"conditions": conditions}}


NOON, BEFORE, AFTER = "2026-11-28T12:00:00Z", "2026-11-28T11:59:00Z", "2026-11-28T12:00:01Z"


@pytest.mark.parametrize(
    ("seen", "counts"),
    [
        (pod("p", BEFORE, status="False", lastTransitionTime=AFTER), True),
        (pod("p", BEFORE, status="False", lastTransitionTime=BEFORE), False),
        (pod("p", BEFORE, status="False", lastTransitionTime=NOON), False),
        (pod("p", BEFORE, status="True", lastTransitionTime=AFTER), False),
        (pod("p", BEFORE, status="Unknown", lastTransitionTime=AFTER), False),
        (pod("p", AFTER, status="False", lastTransitionTime=AFTER), False),
        (pod("p", BEFORE, status="False"), False),
        (pod("p", BEFORE), False),
    ],
    ids=["after", "before", "same-second", "ready", "lost-node", "young", "no-time", "no-word"],
)
def test_only_what_turned_unready_after_the_policy_counts(
    seen: dict[str, Any], counts: bool
) -> None:
    made = {"metadata": {"creationTimestamp": NOON}}
    assert unready_since(made, [seen]) == ("unready since: p" if counts else None)


def test_a_pod_that_was_unready_before_hides_no_effect() -> None:
    made = {"metadata": {"creationTimestamp": NOON}}
    pods = [
        pod("long-unready", BEFORE, status="False", lastTransitionTime=BEFORE),
        pod("cut-off", BEFORE, status="False", lastTransitionTime=AFTER),
        pod("young", AFTER, status="True", lastTransitionTime=AFTER),
    ]
    assert unready_since(made, pods) == "unready since: cut-off"


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        (policy("lets-in", ingress=[{}]), True),
        (policy("lets-in", app=None, ingress=[{"from": [{"podSelector": {}}]}]), True),
        (policy("lets-in", app="search", ingress=[{}]), False),
        (policy("lets-in", policyTypes=["Egress"], egress=[{}]), False),
        (policy("lets-in", policyTypes=["Ingress", "Egress"]), False),
    ],
    ids=["allows", "allows-all-pods", "other-pods", "other-direction", "denies"],
)
def test_policies_add_up(shop: Shop, other: dict[str, Any], refused: bool) -> None:
    shop.controlplane.apply(other, namespace=shop.namespace)
    fault = shop.fault("network-cut", direction="ingress")
    hindrance = CUT.hindrance(fault, shop.target)
    if not refused:
        assert hindrance is None
        assert CUT.inject(fault, shop.target, 1).touched
        return
    assert "NetworkPolicy lets-in allows ingress of checkout-" in (hindrance or "")
    with pytest.raises(DeclinedError, match="lets-in"):
        CUT.inject(fault, shop.target, 1)
    assert not CUT.present(fault, shop.target)


def test_what_somebody_made_of_the_policy_goes_with_it_and_is_told(shop: Shop) -> None:
    fault = shop.fault("network-cut")
    (touched,) = CUT.inject(fault, shop.target, 1).touched
    name = touched.removeprefix("NetworkPolicy ")
    shop.edit(NETWORK_POLICIES, name, {"spec": {"ingress": [{}]}})
    done = CUT.undo(fault, shop.target, "injected")
    assert done.was_present
    assert done.residue == f"{touched} was changed by python-httpx"
    assert shop.controlplane.admin.get(NETWORK_POLICIES.path(shop.namespace, name)).is_error


def test_no_policy_holds_in_the_network_of_a_node(shop: Shop) -> None:
    shop.controlplane.apply(deployment(replicas=2, hostNetwork=True), namespace=shop.namespace)
    eventually(
        lambda: any(p["spec"].get("hostNetwork") for p in shop.controlplane.pods(shop.namespace))
    )
    why = "is in the network of its node, for which no NetworkPolicy holds"
    fault = shop.fault("network-cut")
    assert why in (CUT.hindrance(fault, shop.target) or "")
    with pytest.raises(DeclinedError, match=why):
        CUT.inject(fault, shop.target, 1)


def test_who_may_not_delete_it_may_not_create_it(controlplane: ControlPlane, shop: Shop) -> None:
    who = controlplane.add_person()
    rules = [
        {**rule, "verbs": [verb for verb in rule["verbs"] if verb != "delete"]} for rule in OURS
    ]
    controlplane.grant(who, shop.namespace, *rules)
    with connected(controlplane, shop.namespace, who=who) as target:
        hindrance = CUT.hindrance(shop.fault("network-cut"), target)
    assert "may not delete networkpolicies" in (hindrance or "")


def test_a_dependency_is_all_that_is_cut(shop: Shop) -> None:
    fault = shop.fault("unreachable-dependency", dependency="database-primary")
    (touched,) = DEPENDENCY.inject(fault, shop.target, 1).touched
    spec = shop.get(NETWORK_POLICIES, touched.removeprefix("NetworkPolicy "))["spec"]
    assert spec["policyTypes"] == ["Egress"]
    assert spec["egress"][0]["to"] == [
        {"namespaceSelector": {}},
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.20.0.7/32"]}},
        {"ipBlock": {"cidr": "::/0"}},
    ]


def test_an_unknown_dependency_is_told_with_the_closest_one(shop: Shop) -> None:
    fault = shop.fault("unreachable-dependency", dependency="database-primry")
    hindrance = DEPENDENCY.hindrance(fault, shop.target)
    assert "did you mean 'database-primary'?" in (hindrance or "")
    with pytest.raises(DeclinedError, match="has no database-primry among its dependencies"):
        DEPENDENCY.inject(fault, shop.target, 1)
    shop.target.address["dependencies"] = {}
    assert "it has none" in (DEPENDENCY.hindrance(fault, shop.target) or "")


def test_no_policy_of_ours_opens_what_another_one_keeps_shut(shop: Shop) -> None:
    shut = policy("shut", app=None, policyTypes=["Egress"])
    shop.controlplane.apply(shut, namespace=shop.namespace)
    fault = shop.fault("unreachable-dependency", dependency="cache")
    assert "NetworkPolicy shut says already what" in (
        DEPENDENCY.hindrance(fault, shop.target) or ""
    )
    with pytest.raises(DeclinedError, match="shut"):
        DEPENDENCY.inject(fault, shop.target, 1)


def test_two_dependencies_of_the_same_pods_would_open_each_other(shop: Shop) -> None:
    one = shop.fault("unreachable-dependency", "one", dependency="database-primary")
    other = shop.fault("unreachable-dependency", "other", dependency="cache")
    DEPENDENCY.inject(one, shop.target, 1)
    with pytest.raises(DeclinedError, match="cache could not be cut off by one more"):
        DEPENDENCY.inject(other, shop.target, 1)
    assert DEPENDENCY.present(one, shop.target)
    assert not DEPENDENCY.present(other, shop.target)


addresses = st.ip_addresses()
networks = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)),
).map(lambda drawn: ipaddress.ip_network(drawn, strict=False))
ports = st.integers(1, 65535)


@given(networks, addresses, st.data())
def test_everything_but_its_addresses_is_allowed(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    data: st.DataObject,
) -> None:
    """An address of its own is drawn as often as any other."""
    if data.draw(st.booleans()):
        address = network[data.draw(st.integers(0, network.num_addresses - 1))]
    (rule,) = everything_but(Dependency(address=str(network)))
    blocks = [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]
    allowed = any(
        address in ipaddress.ip_network(block["cidr"])
        and not any(address in ipaddress.ip_network(one) for one in block.get("except", []))
        for block in blocks
    )
    assert allowed is not (address in network)


@given(st.lists(ports, min_size=1, max_size=5), ports)
def test_everything_but_its_ports_is_allowed(cut: list[int], port: int) -> None:
    _, rule = everything_but(Dependency(address="10.20.0.7", ports=cut))
    assert rule["to"] == [{"ipBlock": {"cidr": "10.20.0.7/32"}}]
    ranges = [one for one in rule["ports"] if one["protocol"] == "TCP"]
    for one in (port, *cut):
        inside = any(entry["port"] <= one <= entry["endPort"] for entry in ranges)
        assert inside is (one not in cut)
    assert {"protocol": "UDP"} in rule["ports"]
