"""Drillmaster as a Chaos Toolkit extension, with Chaos Toolkit's own command."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drillmaster.chaos import actions, probes
from drillmaster.chaos.export import export
from drillmaster.definitions.project import open_bundle
from tests.support.definitions import EXAMPLES
from tests.support.shipped import DRILLS

CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]


def chaos(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*CHAOS, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=110
    )


@pytest.fixture
def experiment(tmp_path: Path) -> dict[str, Any]:
    exported = export(open_bundle(DRILLS / "checkout-degraded.yaml"))
    (tmp_path / "experiment.json").write_text(json.dumps(exported))
    return exported


def test_the_export_runs_with_chaos_run(experiment: dict[str, Any], tmp_path: Path) -> None:
    always = ("--rollback-strategy", "always", "--var", "drillmaster_hold=1")
    before = ("--hypothesis-strategy", "before-method-only")  # the faults are in after it
    done = chaos(tmp_path, "run", "experiment.json", *always, *before)
    assert done.returncode == 0, done.stdout + done.stderr
    journal = json.loads((tmp_path / "journal.json").read_text())
    assert journal["status"] == "completed"
    assert not journal["deviated"]
    played = [*journal["run"], *journal["rollbacks"]]
    assert [run["status"] for run in played] == ["succeeded"] * 5
    assert all(run["output"] is True for run in journal["rollbacks"]), "the faults were there"


def test_every_exported_fault_has_its_undo(experiment: dict[str, Any]) -> None:
    injected = [one["name"] for one in experiment["method"] if one["name"].startswith("inject")]
    undone = [one["name"] for one in experiment["rollbacks"]]
    assert [name.replace("inject", "undo") for name in reversed(injected)] == undone
    assert injected


def test_how_an_effect_is_seen_is_not_exported() -> None:
    """Nothing in an experiment asks for it, and its look-ups are known in a drill alone."""
    path = EXAMPLES / "checkout-slow.yaml"
    assert "{{ urls.checkout }}/throttled" in path.read_text()
    (throttle,) = [
        one["provider"]["arguments"]
        for one in export(open_bundle(path))["method"]
        if one["name"] == "inject throttle"
    ]
    assert "effect" not in throttle["arguments"]


def test_chaos_discover_lists_every_activity(tmp_path: Path) -> None:
    done = chaos(tmp_path, "discover", "drillmaster", "--no-install")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "discovery.json").read_text())
    listed = {(activity["type"], activity["name"]) for activity in found["activities"]}
    assert listed == {
        *(("action", name) for name in actions.__all__),
        *(("probe", name) for name in probes.__all__),
    }
    for activity in found["activities"]:
        assert activity["doc"]
        assert all(argument["type"] for argument in activity["arguments"])
