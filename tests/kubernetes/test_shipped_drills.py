"""The drills that come with Drillmaster, on a real control plane: people do what the runbook says
with their own clients, and the scorecard tells what was proved."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from drillmaster.timeline.events import PageSent
from tests.support.cluster import EVERYWHERE, OURS, as_it_was
from tests.support.cluster_drills import drilling
from tests.support.controlplane import OwnControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.drills import RunningDrill, command, eventually
from tests.support.http import Reply, serving
from tests.support.shipped import DRILLS

SHOP = "shop"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{SHOP}/deployments/checkout"
LABELS = {"drillmaster.dev/drillable": "true"}
HANDS = [
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "patch"]},
    {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["get", "patch"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
]
"""What the secondary may do, but for evicting pods."""
EVICT = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}


@contextmanager
def shop(controlplane: OwnControlPlane) -> Iterator[None]:
    """The namespace of the shipped drills, as the environment's file asks for it."""
    controlplane.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP, "labels": LABELS}}
    )
    account = f"/api/v1/namespaces/{SHOP}/serviceaccounts/default"
    eventually(lambda: controlplane.admin.get(account).is_success, 60, "an account")
    controlplane.grant("ci", SHOP, *OURS)
    controlplane.grant("secondary", SHOP, *HANDS)
    controlplane.apply(deployment(replicas=4), namespace=SHOP)
    controlplane.wait_ready(SHOP, 4)
    with controlplane.grant_everywhere("ci", *EVERYWHERE):
        yield


def shipped(folder: Path, controlplane: OwnControlPlane, pager: str) -> None:
    """A copy of the drills folder, whose environment is this cluster, and quicker to escalate."""
    shutil.copytree(DRILLS, folder / "drills")
    path = folder / "drills" / "environments" / "kubernetes.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("context: staging", f"context: {controlplane.context('ci')}"),
        ("  namespaces:", f"  kubeconfig: {controlplane.kubeconfig('ci')}\n  namespaces:"),
        ("  # audit_log: /var/log/kubernetes/audit.log", f"  audit_log: {controlplane.audit_log}"),
        ("here: {terminal: {}}", f"here: {{webhook: {{url: '{pager}'}}}}"),
        ("page: primary, timeout: 1m", "page: primary, timeout: 1s"),
        ("user: responder-1,", f"user: {controlplane.user('primary')},"),
        ("user: responder-2,", f"user: {controlplane.user('secondary')},"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def paged(drill: RunningDrill, who: str) -> None:
    """Wait until somebody is paged."""

    def seen() -> bool:
        assert drill.process.poll() is None, drill.output()
        if drill.row() is None:
            return False
        told = drill.events_so_far()
        return any(isinstance(event, PageSent) and event.person == who for event in told)

    eventually(seen, 60, f"{who} is paged")


def acknowledge(drill: RunningDrill, who: str) -> None:
    """Acknowledge, by the command."""
    done = command(drill.folder, "ack", "--as", who)
    assert done.returncode == 0, done.stdout + done.stderr


def scale(client: httpx.Client, replicas: int) -> None:
    """Scale, as `kubectl scale` does it."""
    body = {"spec": {"replicas": replicas}}
    headers = {"Content-Type": "application/merge-patch+json"}
    client.patch(f"{DEPLOYMENT}/scale", json=body, headers=headers).raise_for_status()


def scorecard(drill: RunningDrill) -> dict[str, Any]:
    """The scorecard of the run, as it was written."""
    path = drill.folder / "reports" / drill.row().run / "scorecard.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def run_churn(folder: Path, controlplane: OwnControlPlane) -> tuple[int, dict[str, Any], str]:
    """Run the shipped pod-churn drill, with a secondary who does as the runbook says."""
    with serving(lambda _: Reply()) as pager:
        shipped(folder, controlplane, pager)
        return follow(folder, controlplane)


def follow(folder: Path, controlplane: OwnControlPlane) -> tuple[int, dict[str, Any], str]:
    """Start the drill, and do as its runbook says."""
    with drilling(folder, "drills/kubernetes-pod-churn.yaml") as drill:
        paged(drill, "responder-2")
        acknowledge(drill, "responder-2")
        with controlplane.client("secondary") as hands:
            hands.get(DEPLOYMENT).raise_for_status()
            scale(hands, 6)
        code = drill.process.wait(90)
        return code, scorecard(drill), drill.output()


def test_pod_churn_finds_the_missing_right_and_proves_the_steps(
    own_controlplane: OwnControlPlane, tmp_path: Path
) -> None:
    with shop(own_controlplane):
        before = as_it_was(own_controlplane, SHOP)
        code, card, said = run_churn(tmp_path / "lacking", own_controlplane)
        assert code == 1, said
        answers = {row["check"]: (row["answer"], row["grade"]) for row in card["access"]}
        assert answers.pop("may evict a pod of checkout")[0] == "denied"
        assert set(answers.values()) == {("allowed", "authorised")}
        assert "create" in said
        assert "pods/eviction" in said
        steps = {row["step"]: (row["outcome"], row["by"]) for row in card["runbook"]["steps"]}
        assert steps["look-at-the-workload"] == ("followed", ["responder-2"])
        assert steps["scale-out"] == ("followed", ["responder-2"])
        adherence = next(row for row in card["metrics"] if row["id"] == "runbook_adherence")
        assert (adherence["verdict"], adherence["evidence"]) == ("met", "proved")
        assert card["settled"] is True
        assert "F3" in card["failure_modes"]

        own_controlplane.grant("secondary", SHOP, EVICT)
        with own_controlplane.client("secondary") as hands:
            scale(hands, 4)  # as it was before the first drill
        own_controlplane.wait_ready(SHOP, 4)
        code, card, said = run_churn(tmp_path / "granted", own_controlplane)
        assert (code, card["readiness"]) == (0, "ready"), said
        assert {row["answer"] for row in card["access"]} == {"allowed"}
        with own_controlplane.client("secondary") as hands:
            scale(hands, 4)
        assert as_it_was(own_controlplane, SHOP) == before


def test_the_same_file_runs_in_the_sandbox(tmp_path: Path) -> None:
    shutil.copytree(DRILLS, tmp_path / "drills")
    done = command(
        tmp_path, "run", "drills/kubernetes-pod-churn.yaml", "--environment", "sandbox", "--yes"
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sorted(DRILLS.glob("kubernetes-*.yaml")), ids=lambda p: p.stem)
def test_every_drill_for_a_cluster_has_a_plan(path: Path) -> None:
    done = command(path.parents[1], "plan", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "At most" in done.stdout
