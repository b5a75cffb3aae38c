"""What a cluster tells of faults is data of whoever wrote it: it is obeyed as far as it is surely
ours, and else told."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drillmaster.faults.base import Injection
from drillmaster.faults.registry import MarkError, injection_of
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.objects.resources import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    NETWORK_POLICIES,
    SECRETS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.writing.marks import RUN, key_of, name_for
from tests.support.cluster import OURS, connected, drillable
from tests.support.cluster_drills import project
from tests.support.cluster_drills import shop as drilled
from tests.support.cluster_faults import Shop, on_kubernetes, shop_of
from tests.support.cluster_shops import stateful_set
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret
from tests.support.drills import command
from tests.support.sampled import sampled

CHANGED: dict[str, tuple[str, Resource, str, dict[str, Any]]] = {
    "scale": ("scale", DEPLOYMENTS, "checkout", {"to": 2}),
    "scale-set": ("scale", STATEFUL_SETS, "orders", {"selector": "app=orders", "to": 1}),
    "bad-release": ("bad-release", DEPLOYMENTS, "checkout", {"image": "registry.example/no:1"}),
    "config-break": (
        "config-break",
        SECRETS,
        "login",
        {"secret": "login", "key": "password", "how": "remove"},
    ),
}
"""Faults in objects of somebody else, and where."""

CREATED: dict[str, tuple[Resource, dict[str, Any]]] = {
    "network-cut": (NETWORK_POLICIES, {"direction": "both"}),
    "pod-churn": (CONFIG_MAPS, {"kill": "50%"}),
}
"""Faults that are an object of their own."""


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[Shop]:
    things = (deployment(replicas=4), stateful_set("orders", 2), secret("login", password="x"))
    with shop_of(controlplane, *things, pods=6) as made:
        yield made


def touch(shop: Shop, resource: Resource, name: str, fault: str, **fields: Any) -> None:
    """Write other things into the mark of a fault."""
    thing = shop.get(resource, name)
    told = json.loads(thing["metadata"]["annotations"][key_of(fault)])
    annotate(shop, resource, name, {key_of(fault): json.dumps(told | fields)})


def annotate(shop: Shop, resource: Resource, name: str, what: Mapping[str, str | None]) -> None:
    shop.edit(resource, name, {"metadata": {"annotations": what}})


def doubts(shop: Shop) -> list[str]:
    """What is said of the marks that cannot be obeyed."""
    found = []
    for mark in shop.target.marks():
        try:
            injection_of(mark, shop.target)
        except MarkError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("kind", ["experiment", "chaos"])
def test_a_mark_runs_no_program(controlplane: ControlPlane, tmp_path: Path, kind: str) -> None:
    flag = tmp_path / "flag"
    runs = {"type": "process", "path": "/usr/bin/touch", "arguments": str(flag)}
    order = {
        "experiment": {
            "title": "t",
            "description": "d",
            "method": [],
            "rollbacks": [{"type": "action", "name": "x", "provider": runs}],
        },
        "python_path": [],
        "folder": "/tmp",
        "present": {"command": {"run": ["/usr/bin/touch", str(flag)]}},
        "affects": {"elsewhere": "x"},
        "timeout": 20,
    }
    with drilled(controlplane) as namespace:
        project(tmp_path, controlplane, namespace)
        mark = written("r9-x", "r9", kind, order)
        thing = {"metadata": {"name": "innocent", "labels": {RUN: "r9"}, "annotations": mark}}
        controlplane.apply({"apiVersion": "v1", "kind": "ConfigMap", **thing}, namespace=namespace)
        done = command(tmp_path, "sweep", "cluster")
    assert (done.returncode, flag.exists()) == (5, False), done.stdout + done.stderr
    assert (
        f"NOT UNDONE: r9-x: a mark that cannot be obeyed: there is no fault {kind}" in done.stdout
    )


def written(fault: str, run: str, kind: str, arguments: dict[str, Any]) -> dict[str, str]:
    """The annotation with a mark that expired long ago."""
    told = {
        "fault": fault,
        "run": run,
        "kind": kind,
        "expires": "2026-01-01T00:00:00+00:00",
        "arguments": arguments,
        "created": False,
        "changes": [],
        "namespaces": [],
    }
    return {key_of(fault): json.dumps(told)}


def test_a_mark_that_was_copied_to_another_namespace_undoes_nothing(
    controlplane: ControlPlane, shop: Shop, tmp_path: Path
) -> None:
    _, _, _, arguments = CHANGED["config-break"]
    fault, kind = shop.fault("config-break", **arguments), on_kubernetes("config-break")
    kind.inject(fault, shop.target, 1)
    there = shop.get(SECRETS, "login")
    with drilled(controlplane) as other:
        project(tmp_path, controlplane, other)
        told = {key: there["metadata"][key] for key in ("name", "labels", "annotations")}
        copy = {"apiVersion": "v1", "kind": "Secret", "metadata": told, "data": there["data"]}
        controlplane.apply(copy, namespace=other)
        done = command(tmp_path, "sweep", "cluster", "--all", "--yes")
        path = SECRETS.path(other, "login")
        assert controlplane.admin.get(path).json()["data"] == there["data"]
    assert done.returncode == 5, done.stdout
    assert f"Secret login in {other} tells of a fault in another namespace" in done.stdout
    assert shop.get(SECRETS, "login")["data"] == there["data"]
    assert kind.present(fault, shop.target)
    assert kind.undo(fault, shop.target, "injected").was_present


@pytest.mark.parametrize("name", CHANGED)
def test_a_label_that_is_gone_hides_no_fault(shop: Shop, name: str) -> None:
    kind, fault, (_, resource, called, _) = injected(shop, name)
    shop.edit(resource, called, {"metadata": {"labels": {RUN: None}}})
    assert fault.id in {mark.fault for mark in shop.target.marks()}
    assert kind.present(fault, shop.target)
    assert kind.undo(fault, shop.target, "injected").was_present
    assert not kind.present(fault, shop.target)
    assert list(shop.target.marks()) == []


def injected(shop: Shop, name: str) -> tuple[Any, Injection, tuple[str, Resource, str, Any]]:
    """A fault of `CHANGED`, which is in."""
    entry = CHANGED[name]
    kind, fault = on_kubernetes(entry[0]), shop.fault(entry[0], **entry[3])
    kind.inject(fault, shop.target, 1)
    return kind, fault, entry


SPOILT: dict[str, Callable[[str], str]] = {
    "not-json": lambda text: text + "}",
    "half": lambda text: text[: len(text) // 2],
    "another-fault": lambda text: text.replace("r1-f", "r1-g"),
    "no-changes": lambda text: json.dumps(json.loads(text) | {"changes": []}),
    "said-to-be-created": lambda text: json.dumps(json.loads(text) | {"created": True}),
    "no-time-zone": lambda text: json.dumps(json.loads(text) | {"expires": "2026-01-01T00:00:00"}),
}


@pytest.mark.parametrize("name", sampled(["scale-set", "config-break"], ["scale-set"]))
@pytest.mark.parametrize("how", sorted(SPOILT.keys() - {"said-to-be-created"}))
def test_a_fault_whose_mark_was_spoiled_is_stuck_and_changes_nothing(
    shop: Shop, name: str, how: str
) -> None:
    kind, fault, (_, resource, called, _) = injected(shop, name)
    mark = shop.get(resource, called)["metadata"]["annotations"][key_of(fault.id)]
    annotate(shop, resource, called, {key_of(fault.id): SPOILT[how](mark)})
    before = shop.all()
    with pytest.raises(DeclinedError, match=called):
        kind.present(fault, shop.target)
    with pytest.raises(DeclinedError, match=called):
        kind.undo(fault, shop.target, "injected")
    assert shop.all() == before
    if (name, how) != ("config-break", "no-changes"):  # so it is between the writes of an undo
        try:
            told = "".join(doubts(shop))
        except DeclinedError as error:
            told = str(error)
        assert called in told

    annotate(shop, resource, called, {key_of(fault.id): mark})
    assert kind.undo(fault, shop.target, "injected").was_present


def test_a_value_whose_mark_was_taken_away_is_not_forgotten(shop: Shop) -> None:
    kind, fault, (_, resource, called, _) = injected(shop, "config-break")
    annotate(shop, resource, called, {key_of(fault.id): None})
    with pytest.raises(DeclinedError, match=r"drillmaster-undo.password; move it back"):
        kind.present(fault, shop.target)
    kept = shop.get(SECRETS, "login")["data"]["drillmaster-undo.password"]
    shop.edit(SECRETS, "login", {"data": {"password": kept, "drillmaster-undo.password": None}})
    assert not kind.present(fault, shop.target)
    assert not kind.undo(fault, shop.target, "injected").was_present


@pytest.mark.parametrize("name", sampled(CREATED, ["network-cut"]))
@pytest.mark.parametrize("how", [*SPOILT, "label-gone", "all-gone"])
def test_an_object_of_ours_is_known_by_its_name(shop: Shop, name: str, how: str) -> None:
    resource, arguments = CREATED[name]
    kind, fault = on_kubernetes(name), shop.fault(name, **arguments)
    before = shop.all()
    kind.inject(fault, shop.target, 1)
    called = name_for(fault.id)
    mark = shop.get(resource, called)["metadata"]["annotations"][key_of(fault.id)]
    text = None if how.endswith("gone") else SPOILT[how](mark)
    if how != "label-gone":
        annotate(shop, resource, called, {key_of(fault.id): text})
    if how.endswith("gone"):
        shop.edit(resource, called, {"metadata": {"labels": {RUN: None}}})
    assert kind.present(fault, shop.target)
    assert kind.undo(fault, shop.target, "injected").was_present
    assert shop.all() == before


def test_a_copy_of_a_mark_makes_no_object_ours(shop: Shop) -> None:
    resource, arguments = CREATED["network-cut"]
    kind, fault = on_kubernetes("network-cut"), shop.fault("network-cut", **arguments)
    kind.inject(fault, shop.target, 1)
    ours = shop.get(resource, name_for(fault.id))
    copy = {key: ours["metadata"][key] for key in ("labels", "annotations")}
    shop.controlplane.apply(
        {
            "apiVersion": resource.version,
            "kind": resource.kind,
            "metadata": {"name": "theirs", **copy},
            "spec": {"podSelector": {}},
        },
        namespace=shop.namespace,
    )
    assert kind.undo(fault, shop.target, "injected").was_present
    assert not kind.present(fault, shop.target)
    assert shop.get(resource, "theirs")
    (doubt,) = doubts(shop)
    assert f"NetworkPolicy theirs in {shop.namespace} was not created by {fault.id}" in doubt


@pytest.mark.parametrize(
    "change",
    [
        {"path": ["metadata", "labels", "team"], "ours": "b", "before": "a", "made": 0},
        {"path": ["spec"], "ours": {}, "before": {}, "made": 0},
        {"path": ["spec", "replicas"], "before": 9, "made": 0},
        {"path": ["spec", "replicas"], "ours": 2, "before": 9, "made": 2},
        {"path": [], "ours": 2, "before": 9, "made": 0},
    ],
)
def test_a_mark_cannot_tell_of_other_changes_than_its_fault_makes(
    shop: Shop, change: dict[str, Any]
) -> None:
    kind, fault, (_, resource, called, _) = injected(shop, "scale")
    touch(shop, resource, called, fault.id, changes=[change])
    before = shop.all()
    with pytest.raises(DeclinedError, match=called):
        kind.undo(fault, shop.target, "injected")
    assert shop.all() == before


def test_a_mark_on_another_kind_of_object_is_none(shop: Shop) -> None:
    arguments = {"namespace": shop.namespace, "selector": "app=checkout", "to": 1}
    annotate(shop, SECRETS, "login", written("r9-x", "r9", "scale", arguments))
    assert "is of no kind that scale marks" in doubts(shop)[0]


@pytest.mark.parametrize("arguments", [{}, {"namespace": 7}, {"to": -1}, {"odd": True}])
def test_arguments_that_no_drill_could_have_are_not_obeyed(
    shop: Shop, arguments: dict[str, Any]
) -> None:
    good = {"namespace": shop.namespace, "selector": "app=checkout", "to": 1}
    told = {**good, **arguments} if arguments else {}
    annotate(shop, DEPLOYMENTS, "checkout", written("r9-x", "r9", "scale", told))
    assert "is no scale" in doubts(shop)[0]


def test_a_mark_that_cannot_be_read_keeps_no_other_from_being_found(
    controlplane: ControlPlane, shop: Shop
) -> None:
    annotate(shop, SECRETS, "login", {"drillmaster.dev/fault-0000000000": "?"})
    _, fault, _ = injected(shop, "scale")
    marks = iter(shop.target.marks())
    assert next(marks).fault == fault.id
    with pytest.raises(DeclinedError, match=r"Secret login in .* has a mark that cannot be read"):
        list(marks)
    with drillable(controlplane) as other, connected(controlplane, other) as target:
        assert list(target.marks()) == [], "another namespace's is none of ours"


def test_a_sweep_says_where_it_may_not_look(controlplane: ControlPlane, tmp_path: Path) -> None:
    with drillable(controlplane) as namespace:
        rules = [rule for rule in OURS if "networkpolicies" not in rule["resources"]]
        controlplane.grant("ci", namespace, *rules)
        project(tmp_path, controlplane, namespace)
        done = command(tmp_path, "sweep", "cluster")
    assert done.returncode == 5, done.stdout
    assert f"may not look at networkpolicies in {namespace}" in done.stdout
    assert "Nothing to undo" not in done.stdout
