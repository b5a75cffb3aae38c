"""The wheel holds all that it needs, and works in an empty environment."""

import json
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from drillmaster import __version__
from drillmaster.reports.registry import FILES
from tests.packaging.wheels import build, install
from tests.support.shipped import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("environment") / "venv")


def drillmaster(
    programs: Path, folder: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """The installed command, in an environment that knows nothing of this project."""
    return subprocess.run(
        [str(programs / "drillmaster"), *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_it_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    source = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "drillmaster").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as opened:
        inside = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert inside == source
    kinds = {Path(name).suffix for name in inside}
    assert kinds >= {".py", ".typed", ".json", ".j2", ".css", ".html", ".yaml", ".md", ".mako"}


def test_it_says_what_it_needs_and_how_it_may_be_used(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with zipfile.ZipFile(wheel) as opened:
        (about,) = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(opened.read(about).decode())
        licence = opened.read(about.replace("METADATA", "licenses/LICENSE"))
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert (metadata["Version"], metadata["License-Expression"]) == (__version__, "Apache-2.0")
    needed = {Requirement(line) for line in metadata.get_all("Requires-Dist", [])}
    always = {one for one in needed if one.marker is None}
    assert always == {Requirement(line) for line in project["dependencies"]}
    assert metadata["Requires-Python"] == project["requires-python"]


def test_the_package_is_the_installed_one(programs: Path, tmp_path: Path) -> None:
    asked = subprocess.run(
        [str(programs / "python"), "-c", "import drillmaster; print(drillmaster.__file__)"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(asked.stdout.strip()).is_relative_to(programs.parent)


def test_its_commands_answer(programs: Path, tmp_path: Path) -> None:
    told = drillmaster(programs, tmp_path, "--version")
    assert (told.returncode, told.stdout.strip()) == (0, f"drillmaster {__version__}")
    for arguments in (["report", "--help"], ["runs"], ["check", "--schema", "runbook"]):
        told = drillmaster(programs, tmp_path, *arguments)
        assert told.returncode == 0, told.stdout + told.stderr


def test_a_first_drill_runs(programs: Path, tmp_path: Path) -> None:
    drill = "drills/checkout-degraded.yaml"
    for arguments in (["init"], ["check"], ["plan", drill]):
        told = drillmaster(programs, tmp_path, *arguments)
        assert told.returncode == 0, told.stdout + told.stderr
    ran = drillmaster(programs, tmp_path, "run", drill, "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    card = json.loads(ran.stdout)
    assert (card["readiness"], card["settled"]) == ("ready", True)
    folder = tmp_path / "reports" / card["run"]
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert drillmaster(programs, tmp_path, "report", str(folder), "--check").returncode == 0
