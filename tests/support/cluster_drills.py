"""Whole drills against a namespace of a real cluster, in processes of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.cluster import OURS, drillable
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.drills import RunningDrill

DRILL = """\
schema: drillmaster/v1
kind: drill
name: churned
title: Pods keep dying
environment: cluster
service: checkout
steady_state:
  - name: every replica is ready
    state: {{namespace: {namespace}, workload: checkout, what: ready-replicas, at_least: 4}}
faults:
  - {fault}
  - unreachable-primary: {{by: drill-policy}}
escalation: {{summary: checkout pods keep dying}}
targets: {{secondary_response: 60s}}
limits: {{duration: 2m, pods: 100%}}
"""

ENVIRONMENT = """\
schema: drillmaster/v1
kind: environment
name: cluster
target:
  kind: kubernetes
  context: {context}
  kubeconfig: {kubeconfig}
  namespaces: [{namespace}]
oncall:
  provider: embedded
  policy:
    - {{page: primary, timeout: 1s}}
    - {{page: secondary, timeout: 60s}}
people:
  responder-1: {{roles: [primary]}}
  responder-2: {{roles: [secondary]}}
limits: {{pods: 100%}}
"""

CHURN = "pod-churn: {{namespace: {namespace}, selector: app=checkout, kill: 25%, every: 1s}}"


@contextmanager
def shop(controlplane: ControlPlane) -> Iterator[str]:
    """A drillable namespace with four ready pods, in which Drillmaster may do what it needs."""
    with drillable(controlplane) as namespace:
        controlplane.grant("ci", namespace, *OURS)
        controlplane.apply(deployment(replicas=4), namespace=namespace)
        controlplane.wait_ready(namespace, 4)
        yield namespace


def project(
    folder: Path,
    controlplane: ControlPlane,
    namespace: str,
    fault: str = CHURN,
    environment: str = ENVIRONMENT,
) -> Path:
    """A drills folder for a namespace; the drill's path."""
    named = {
        "namespace": namespace,
        "context": controlplane.context("ci"),
        "kubeconfig": controlplane.kubeconfig("ci"),
        "fault": fault.format(namespace=namespace),
    }
    (folder / "drills" / "environments").mkdir(parents=True)
    (folder / "drills" / "environments" / "cluster.yaml").write_text(environment.format(**named))
    path = folder / "drills" / "churned.yaml"
    path.write_text(DRILL.format(**named))
    return path


def as_somebody(controlplane: ControlPlane, who: str) -> str:
    """The environment, reached as a person; `project` fills in the rest."""
    reached = {"context": controlplane.context(who), "kubeconfig": controlplane.kubeconfig(who)}
    environment = ENVIRONMENT
    for key, value in reached.items():
        environment = environment.replace(f"{{{key}}}", str(value))
    return environment


@contextmanager
def drilling(folder: Path, *arguments: str) -> Iterator[RunningDrill]:
    """A drill under way, or over; nothing of it lives after the block."""
    drill = RunningDrill(folder, *arguments, "--yes")
    try:
        yield drill
    finally:
        drill.clean_up()
