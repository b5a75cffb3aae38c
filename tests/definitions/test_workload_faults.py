"""Faults on workloads and nodes, as they are written: what is refused before any cluster is asked,
and what is said of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from drillmaster.definitions.faults import Fault
from drillmaster.definitions.workload_faults import IMAGE

WHERE = {"namespace": "shop", "selector": "app=checkout"}
LEAST: dict[str, dict[str, Any]] = {
    "scale": {**WHERE, "to": 0},
    "bad-release": WHERE,
    "resource-throttle": {**WHERE, "cpu": "50m"},
    "node-drain": {"nodes": "pool=staging"},
    "pod-churn": {**WHERE, "kill": "30%"},
}


def fault(kind: str, **changes: Any) -> Fault:
    return Fault.model_validate({kind: {**LEAST[kind], **changes}})


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        *((kind, {"selector": ""}) for kind in LEAST if kind != "node-drain"),
        *((kind, {"namespace": ""}) for kind in LEAST if kind != "node-drain"),
        ("node-drain", {"nodes": ""}),
        ("node-drain", {"nodes": "pool"}),
        ("node-drain", {"count": 0}),
        ("scale", {"to": -1}),
        ("scale", {"to": True}),
        ("bad-release", {"image": ""}),
        ("resource-throttle", {"cpu": None}),
        ("resource-throttle", {"cpu": "half"}),
        ("resource-throttle", {"memory": "-1Mi"}),
        ("pod-churn", {"kill": "150%"}),
    ],
)
def test_what_could_reach_too_far_is_refused_at_load(kind: str, wrong: dict[str, Any]) -> None:
    fault(kind)
    with pytest.raises(ValidationError):
        fault(kind, **wrong)


@pytest.mark.parametrize("kind", LEAST)
def test_nothing_has_a_default_place(kind: str) -> None:
    for key in {"namespace", "selector", "nodes"} & set(LEAST[kind]):
        less = {name: value for name, value in LEAST[kind].items() if name != key}
        with pytest.raises(ValidationError):
            Fault.model_validate({kind: less})


@pytest.mark.parametrize(
    ("written", "does", "reach"),
    [
        (
            fault("scale", to=0),
            "scales the workloads of the pods app=checkout in shop to 0 replicas",
            None,
        ),
        (
            fault("scale", to=9),
            "scales the workloads of the pods app=checkout in shop to 9 replicas",
            "app=checkout scaled to 9 replicas",
        ),
        (
            fault("bad-release"),
            f"rolls {IMAGE} out to the workloads of the pods app=checkout in shop",
            None,
        ),
        (
            fault("resource-throttle", memory="64Mi"),
            "limits the workloads of the pods app=checkout in shop to 50m cpu and 64Mi memory",
            "app=checkout limited to 50m cpu and 64Mi memory",
        ),
        (fault("node-drain"), "drains 1 of the nodes pool=staging", "1 node drained"),
        (
            fault("node-drain", count=2, every="1m"),
            "drains 2 of the nodes pool=staging, the next every 1m",
            "2 nodes drained",
        ),
    ],
)
def test_it_says_what_it_does(written: Fault, does: str, reach: str | None) -> None:
    assert (written.body.does, written.body.reach) == (does, reach)
