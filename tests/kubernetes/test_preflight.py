"""What preflight finds at a cluster, and the line that mends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.engine.preflight import access
from drillmaster.engine.preflight.row import Row
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import connected, drillable
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.people import Rule
from tests.support.preflight import drill, environment, looking_at, project, write
from tests.support.sandbox import eventually

EVICT: Rule = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}


@pytest.fixture
def target(controlplane: ControlPlane) -> Iterator[KubernetesTarget]:
    with drillable(controlplane) as shop, connected(controlplane, shop) as connection:
        yield connection


def rows(folder: Path, target: KubernetesTarget, who: str) -> list[Row]:
    """What is said of the access of a secondary of this id."""
    shop = target.namespaces[0]
    people = {who: {"roles": ["secondary"]}, "ben": {"roles": ["primary"]}}
    cluster = {"kind": "kubernetes", "context": "staging", "namespaces": [shop]}
    churn = {"pod-churn": {"namespace": shop, "selector": "app=checkout", "kill": "25%"}}
    drilled = drill(access="on-call", faults=[churn])
    path = project(folder, environment(target=cluster, people=people), drilled)
    evict = {"verb": "create", "resource": "pods", "subresource": "eviction", "namespace": shop}
    profile = {"schema": "drillmaster/v1", "kind": "access", "name": "on-call"}
    checks = {"checks": [{"name": "may evict", "kubernetes": evict}]}
    write(folder / "drills" / "access" / "on-call.yaml", profile | checks)
    subject = looking_at(path)
    bundle = subject.project.bundle(folder / "drills" / "throttled.yaml")
    return list(access.rows(subject, bundle, target, SteadyClock()))


def test_a_missing_permission_is_a_problem_with_a_line_to_paste(
    controlplane: ControlPlane, target: KubernetesTarget, tmp_path: Path
) -> None:
    (row,) = rows(tmp_path, target, "responder-2")
    assert (row.result, row.where) == ("problem", None)
    assert row.message.startswith("responder-2, may evict: denied: responder-2 may not create")
    assert row.mend is not None
    assert row.mend.startswith("kubectl create role responder-2-create-pods-eviction ")
    controlplane.grant("secondary", target.namespaces[0], EVICT)
    eventually(lambda: rows(tmp_path, target, "responder-2")[0].result == "ok")
