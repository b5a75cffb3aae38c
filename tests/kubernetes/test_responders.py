"""Simulated responders at a real cluster, in their own names, and a whole drill with them."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from drillmaster.cli.terminal import TerminalResponder
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.project import open_bundle
from drillmaster.engine.planning.casting import cast
from drillmaster.errors import InvalidError
from drillmaster.sandbox.responders.cluster import ClusterConsole
from drillmaster.sandbox.responders.settings import Login
from drillmaster.sandbox.steps import Action
from drillmaster.timeline.events import AccessChecked
from tests.support.cluster import OURS, address, drillable
from tests.support.cluster_drills import drilling
from tests.support.cluster_people import REVIEW
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.controlplane.people import Rule

WORK: list[Rule] = [
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "deployments/scale"],
        "verbs": ["get", "patch"],
    },
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
]
EVICT: Rule = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}
LOOK_AT_NAMESPACES: Rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}


def console(controlplane: ControlPlane, who: str) -> ClusterConsole:
    file, context = controlplane.kubeconfig(who), controlplane.context(who)
    return ClusterConsole(httpx.Client(), Login(kubeconfig=str(file), context=context))


def did(controlplane: ControlPlane, namespace: str, who: str) -> list[tuple[str, str, int]]:
    """What somebody did in a namespace, by the audit log."""
    found = []
    for one in controlplane.audited(who):
        ref = one["objectRef"]
        if ref.get("namespace") == namespace:
            parts = filter(None, [ref["resource"], ref.get("subresource")])
            found.append((one["verb"], "/".join(parts), one["responseStatus"]["code"]))
    return found


def test_a_responder_does_what_a_person_would(controlplane: ControlPlane) -> None:
    with drillable(controlplane) as shop:
        controlplane.apply(deployment(replicas=2), namespace=shop)
        before = controlplane.wait_ready(shop, 2)
        person = console(controlplane, "secondary")
        person.act(Action("scale", shop, "checkout", {"replicas": 3}))  # not yet allowed
        controlplane.grant("secondary", shop, *WORK, EVICT)
        for action, parameters in (("view", {}), ("scale", {"replicas": 3}), ("restart", {})):
            person.act(Action(action, shop, "checkout", dict(parameters)))
        person.act(Action("evict", shop, "checkout", {"pod": before[1]}))
        person.act(Action("lift-throttle", shop, "checkout"))  # nothing that a cluster knows
        assert did(controlplane, shop, "secondary") == [
            ("patch", "deployments/scale", 403),
            ("get", "deployments", 200),
            ("patch", "deployments/scale", 200),
            ("patch", "deployments", 200),
            ("list", "pods", 200),
            ("create", "pods/eviction", 201),
        ]


def test_other_kinds_of_workload_are_found(controlplane: ControlPlane) -> None:
    with drillable(controlplane) as shop:
        controlplane.apply({**deployment(replicas=0), "kind": "StatefulSet"}, namespace=shop)
        person = console(controlplane, "admin")
        person.act(Action("scale", shop, "checkout", {"replicas": 1}))
        person.act(Action("evict", shop, "checkout"))  # no pod is ready: nothing to evict
        path = f"/apis/apps/v1/namespaces/{shop}/statefulsets/checkout"
        assert controlplane.admin.get(path).json()["spec"]["replicas"] == 1


def test_without_a_log_in_nothing_is_done(tmp_path: Path) -> None:
    action = Action("view", "shop", "checkout")
    ClusterConsole(httpx.Client(), None).act(action)
    ClusterConsole(httpx.Client(), Login(kubeconfig=str(tmp_path / "none"), context="a")).act(
        action
    )


def definition(**people: Any) -> dict[str, Any]:
    return {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "cluster",
        "target": {"kind": "kubernetes", "context": "staging", "namespaces": ["shop"]},
        "oncall": {"provider": "embedded", "policy": [{"page": "secondary", "timeout": "3s"}]},
        "people": {"responder-2": {"roles": ["secondary"], **people}},
    }


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"simulate": "denied"}, "access: denied is for a sandbox"),
        ({"credentials": {"kubeconfig": "~/.kube/me"}}, "kubeconfig and context belong together"),
        ({"credentials": {"context": "me"}}, "kubeconfig and context belong together"),
    ],
)
def test_what_cannot_be_is_an_error(people: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Environment.model_validate(definition(**people))


RUNBOOK = """\
---
owner: team-checkout
reviewed: 2026-11-24
service: checkout
---

# Checkout pods keep dying

## Look

```yaml drill
evidence:
  audit: {{namespace: {shop}, workload: checkout, action: view}}
```

## Scale out

```yaml drill
evidence:
  audit: {{namespace: {shop}, workload: checkout, action: scale, parameters: {{replicas: 5}}}}
mitigates: true
```

## Restart

```yaml drill
evidence:
  audit: {{namespace: {shop}, workload: checkout, action: restart}}
```
"""


def written(folder: Path, controlplane: ControlPlane, shop: str, drillmaster: str) -> Path:
    """A drill with an access profile, a runbook and a simulated secondary."""
    head = {"schema": "drillmaster/v1"}
    me = {
        "kubeconfig": str(controlplane.kubeconfig("secondary")),
        "context": controlplane.context("secondary"),
    }
    where = address(controlplane, shop, who=drillmaster) | {
        "audit_log": str(controlplane.audit_log)
    }
    hasty = {"acknowledge": "200ms", "runbook": {"step_time": "100ms"}}
    environment = head | {
        "kind": "environment",
        "name": "cluster",
        "target": where,
        "oncall": {
            "provider": "embedded",
            "policy": [
                {"page": "primary", "timeout": "1s"},
                {"page": "secondary", "timeout": "60s"},
            ],
        },
        "people": {
            "responder-1": {"roles": ["primary"], "simulate": "silent"},
            "responder-2": {"roles": ["secondary"], "simulate": hasty, "credentials": me},
        },
        "limits": {"pods": "100%"},
    }
    may = {"namespace": shop, "workload": "checkout"}
    access = head | {
        "kind": "access",
        "name": "on-call",
        "checks": [
            {"name": f"may {action}", "permission": {**may, "can": action}}
            for action in ("view", "scale", "evict")
        ],
    }
    churn = {"namespace": shop, "selector": "app=checkout", "kill": "25%", "every": "2s"}
    ready = {**may, "what": "ready-replicas", "at_least": 4}
    drill = head | {
        "kind": "drill",
        "name": "churned",
        "title": "Pods keep dying",
        "environment": "cluster",
        "service": "checkout",
        "steady_state": [{"name": "every replica is ready", "state": ready}],
        "faults": [{"pod-churn": churn}, {"unreachable-primary": {"by": "drill-policy"}}],
        "escalation": {"summary": "checkout pods keep dying"},
        "access": "on-call",
        "runbook": "churned",
        "targets": {"secondary_response": "60s", "access_failures": 0, "runbook_adherence": "100%"},
        "limits": {"duration": "40s", "pods": "100%"},
    }
    drills = folder / "drills"
    files = {
        "churned.yaml": drill,
        "environments/cluster.yaml": environment,
        "access/on-call.yaml": access,
    }
    for name, content in files.items():
        (drills / name).parent.mkdir(parents=True, exist_ok=True)
        (drills / name).write_text(json.dumps(content), encoding="utf-8")
    (drills / "runbooks").mkdir()
    (drills / "runbooks" / "churned.md").write_text(RUNBOOK.format(shop=shop), encoding="utf-8")
    return drills / "churned.yaml"


def test_a_drill_shows_what_the_secondary_did_and_what_they_may_not(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    """The secondary follows the runbook with their own kubeconfig, which is proved; that they may
    not evict is found, with the line that grants it."""
    with drillable(controlplane) as shop:
        drillmaster = controlplane.add_person()
        controlplane.grant(drillmaster, shop, *OURS)
        controlplane.grant("secondary", shop, *WORK)
        controlplane.apply(deployment(replicas=4), namespace=shop)
        controlplane.wait_ready(shop, 4)
        path = written(tmp_path, controlplane, shop, drillmaster)
        with controlplane.grant_everywhere(drillmaster, REVIEW, LOOK_AT_NAMESPACES):
            card, mends = played(tmp_path, path)
            assert card["readiness"] == "not ready"
            steps = {
                row["step"]: (row["outcome"], row["grade"]) for row in card["runbook"]["steps"]
            }
            assert steps == dict.fromkeys(("look", "scale-out", "restart"), ("followed", "proved"))
            answers = {row["check"]: row["answer"] for row in card["access"]}
            assert answers == {"may view": "allowed", "may scale": "allowed", "may evict": "denied"}
            assert card["failure_modes"] == ["F3"]
            (mend,) = mends
            assert "--resource=pods/eviction" in mend
            page = next(tmp_path.glob("reports/*/scorecard.md")).read_text(encoding="utf-8")
            assert mend in page


def test_somebody_who_could_do_nothing_is_refused_before_anything_is_touched(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    with drillable(controlplane) as shop:
        path = written(tmp_path, controlplane, shop, "admin")
        environment = path.parent / "environments" / "cluster.yaml"
        told = json.loads(environment.read_text(encoding="utf-8"))
        del told["people"]["responder-2"]["credentials"]
        environment.write_text(json.dumps(told), encoding="utf-8")
        with drilling(tmp_path, str(path)) as running:
            said = " ".join(running.output().split())
            assert "responder-2 is simulated and has no kubeconfig in their credentials" in said
            assert running.process.wait(10) == 3
            assert running.faults() == {}


def test_only_a_sandbox_denies_everything(controlplane: ControlPlane, tmp_path: Path) -> None:
    path = written(tmp_path, controlplane, "shop", "admin")
    with pytest.raises(InvalidError, match="only a sandbox can deny everything"):
        cast(open_bundle(str(path), None), "denied")


def test_at_a_cluster_people_use_their_own_tools(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    path = written(tmp_path, controlplane, "shop", "admin")
    me = TerminalResponder(Console(file=io.StringIO()), "responder-2")
    me.ready("r1", open_bundle(str(path), None), {"kind": "kubernetes"})
    said = me._act(Action("restart", "shop", "checkout"))
    assert said == "do it with your own tools: restart checkout in shop"


def played(folder: Path, drill: Path) -> tuple[dict[str, Any], list[str]]:
    """The scorecard of a drill that was played, and the lines to paste."""
    with drilling(folder, str(drill)) as running:
        assert "NOT READY" in running.output()
        told = [event for event in running.events() if isinstance(event, AccessChecked)]
        (card,) = folder.glob("reports/*/scorecard.json")
        read: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        return read, [event.mend for event in told if event.mend is not None]
