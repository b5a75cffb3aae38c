"""`drillmaster plan` says also why a drill may prove nothing."""

import json
from pathlib import Path

import pytest

from drillmaster.cli import main
from tests.support.definitions import SHIPPED, copy_of, edit


def test_what_a_plan_warns_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_of(SHIPPED, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def told() -> list[str]:
        assert main(["plan", "checkout-degraded", "--format", "json"]) == 0
        warnings: list[str] = json.loads(capsys.readouterr().out)["warnings"]
        return warnings

    assert told() == []
    edit(tmp_path / "drills" / "checkout-degraded.yaml", "duration: 2m", "duration: 2s")
    profile = tmp_path / "drills" / "access" / "checkout-secondary.yaml"
    edit(profile, "can: scale", "can: restart")
    need, short = told()
    assert need.startswith("no check of checkout-secondary asks for `scale checkout in shop`")
    assert short.startswith(
        "the drill ends after 2s, and the policy of sandbox pages the secondary"
    )
    assert main(["plan", "checkout-degraded"]) == 0
    said = capsys.readouterr().out
    assert f"Warning: {need}." in said
    assert f"Warning: {short}." in said


def test_steps_that_no_record_can_show_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_of(SHIPPED, tmp_path)
    monkeypatch.chdir(tmp_path)

    def told() -> list[str]:
        assert main(["plan", "kubernetes-pod-churn", "--format", "json"]) == 0
        warnings: list[str] = json.loads(capsys.readouterr().out)["warnings"]
        return [warning for warning in warnings if "audit_log" in warning]

    (warning,) = told()
    assert warning.startswith("the target names no audit_log, so these steps")
    edit(tmp_path / "drills" / "environments" / "kubernetes.yaml", "# audit_log:", "audit_log:")
    assert told() == []
