"""`drillmaster init`: first definitions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from drillmaster.cli import main
from drillmaster.definitions.project import open_bundle


def test_it_writes_a_drill_that_is_ready_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote drills/environments/sandbox.yaml",
        "wrote drills/access/checkout-secondary.yaml",
        "wrote drills/runbooks/checkout-degraded.md",
        "wrote drills/checkout-degraded.yaml",
        "",
        "Next: drillmaster run drills/checkout-degraded.yaml",
    ]
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "4 files, no problem\n"
    bundle = open_bundle("drills/checkout-degraded.yaml")
    assert bundle.runbook is not None
    assert (datetime.now(UTC).date() - bundle.runbook.reviewed).days in (0, 1)


def test_another_folder_is_made_and_named_in_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "our shop/ops"]) == 0
    assert (tmp_path / "our shop/ops/drills/checkout-degraded.yaml").is_file()
    assert "Next: cd 'our shop/ops' && drillmaster run drills/" in capsys.readouterr().out


def test_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    drill = tmp_path / "drills/checkout-degraded.yaml"
    drill.write_text("mine")
    (tmp_path / "drills/environments/sandbox.yaml").unlink()
    capsys.readouterr()
    assert main(["init"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "nothing was written, because these are there already:",
        "  drills/access/checkout-secondary.yaml",
        "  drills/runbooks/checkout-degraded.md",
        "  drills/checkout-degraded.yaml",
    ]
    assert drill.read_text() == "mine"
    assert not (tmp_path / "drills/environments/sandbox.yaml").exists()
