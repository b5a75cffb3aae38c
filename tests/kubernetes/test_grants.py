"""What docs/kubernetes.md says that Drillmaster must be allowed is enough for faults on objects."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.cluster import connected
from tests.support.cluster_faults import on_kubernetes, shop_of
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret, virtual_service
from tests.support.controlplane.people import Rule

PODS: Rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def rule(group: str, resources: Sequence[str], *verbs: str) -> Rule:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


NETWORK = rule("networking.k8s.io", ["networkpolicies"], "list", "create", "delete")
MESH = rule(
    *("networking.istio.io", ["virtualservices"]), *("get", "list", "create", "update", "delete")
)
QUOTAS = rule("", ["resourcequotas"], "list", "create", "delete")
TRIED = rule("", ["pods"], "create")


@pytest.mark.parametrize(
    ("kind", "arguments", "rules"),
    [
        ("network-cut", {}, [NETWORK]),
        ("unreachable-dependency", {"dependency": "database-primary"}, [NETWORK]),
        ("throttle", {"share": "10%"}, [MESH]),
        ("latency", {"delay": "1s"}, [MESH]),
        (
            "config-break",
            {"secret": "checkout", "key": "password", "how": "remove"},
            [rule("", ["secrets", "configmaps"], "get", "list", "update")],
        ),
        ("quota-exhaustion", {}, [QUOTAS, TRIED]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("routed", [True, False], ids=["routed", "bare"])
def test_a_fault_comes_and_goes_with_no_more_than_it_needs(
    controlplane: ControlPlane,
    kind: str,
    arguments: dict[str, Any],
    rules: list[Rule],
    routed: bool,
) -> None:
    if routed and kind not in ("throttle", "latency"):
        pytest.skip("it reads no routes")
    controlplane.install_virtual_services()
    things = [secret("checkout", password="of the database"), deployment(replicas=1)]
    things += [virtual_service("checkout", {"route": []})] if routed else []
    who, fault_kind = controlplane.add_person(), on_kubernetes(kind)
    with (
        shop_of(controlplane, *things, pods=1) as shop,
        connected(controlplane, shop.namespace, who=who) as target,
    ):
        controlplane.grant(who, shop.namespace, PODS, *rules)
        target.address["dependencies"] = {"database-primary": {"address": "10.20.0.7"}}
        before, fault = shop.all(), shop.fault(kind, **arguments)
        assert fault_kind.hindrance(fault, target) is None
        fault_kind.inject(fault, target, 1)
        assert fault_kind.present(fault, target)
        fault_kind.effect(fault, target)
        assert fault_kind.undo(fault, target, "injected").residue is None
        assert shop.all() == before
