"""What preflight finds at a cluster, and the line that mends it."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.engine.preflight import access, record
from drillmaster.engine.preflight.row import Row
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.runbooks.books import audit, runbook, step
from tests.support.cluster import address, drillable
from tests.support.cluster_people import as_somebody
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.people import Rule
from tests.support.preflight import drill, environment, looking_at, project, write
from tests.support.sandbox import eventually

EVICT: Rule = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}


@pytest.mark.parametrize("logged", [True, False])
def test_steps_that_no_record_can_show_are_a_problem(
    controlplane: ControlPlane, tmp_path: Path, *, logged: bool
) -> None:
    log = tmp_path / "audit.log"
    log.touch()
    with drillable(controlplane) as shop:
        where = address(controlplane, shop) | ({"audit_log": str(log)} if logged else {})
        churn = {"pod-churn": {"namespace": shop, "selector": "app=checkout", "kill": "25%"}}
        path = project(tmp_path, environment(target=where), drill(faults=[churn]))
        subject = looking_at(path)
        with closing(KubernetesTarget(where, 4.0)) as target:
            bundle = subject.project.bundle(tmp_path / "drills" / "throttled.yaml")
            book = replace(bundle, runbook=runbook(step("look", audit("view"))))
            found = list(record.rows(subject, [book], target))
    assert [row.result for row in found] == ([] if logged else ["problem"])
    for row in found:
        assert (
            "steps of checkout-degraded cannot be proved: the environment names no" in row.message
        )


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
    delete = {"verb": "delete", "resource": "pods", "namespace": shop}
    asked = {"may evict": evict, "may delete": delete}
    checks = {"checks": [{"name": name, "kubernetes": ask} for name, ask in asked.items()]}
    write(folder / "drills" / "access" / "on-call.yaml", profile | checks)
    subject = looking_at(path)
    bundle = subject.project.bundle(folder / "drills" / "throttled.yaml")
    return list(access.rows(subject, bundle, target, SteadyClock()))


def test_a_missing_permission_is_a_problem_with_a_line_to_paste(
    controlplane: ControlPlane, target: KubernetesTarget, tmp_path: Path
) -> None:
    (row, other) = rows(tmp_path, target, "responder-2")
    assert (row.result, row.where) == ("problem", None)
    assert other.message.startswith("responder-2, may delete: denied: ")
    assert row.message.startswith("responder-2, may evict: denied: responder-2 may not create")
    assert row.mend is not None
    assert row.mend.startswith("kubectl create role responder-2-create-pods-eviction ")
    controlplane.grant("secondary", target.namespaces[0], EVICT)
    eventually(lambda: len(rows(tmp_path, target, "responder-2")) == 1)


def test_that_drillmaster_may_not_ask_is_said_once(
    controlplane: ControlPlane, shop: str, tmp_path: Path
) -> None:
    with as_somebody(controlplane, shop) as target:
        (row,) = rows(tmp_path, target, "responder-2")
    assert row.result == "unknown"
    assert row.message.startswith("responder-2, may evict, may delete: unverified: ")
    assert "Drillmaster itself may not ask what people may do (bind the ClusterRole" in row.message
