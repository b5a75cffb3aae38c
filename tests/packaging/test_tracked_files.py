"""What is published says nothing of the machines on which it was made."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.require import missing
from tests.support.shipped import ROOT

REGISTRIES = ("py pi.org", "python hosted.org", "npm js.", "crates .io", "docker .io", "ghcr .io")
"""Hosts of registries, each with a gap, so that this file names none."""

ELSEWHERE = re.compile(
    "|".join(re.escape(host.replace(" ", "")) for host in REGISTRIES)
    + r"|--(?:extra-)?index-url|--find-links|(?:^|[\s\"'`(=:])/(?:work|root|tmp|home)/"
)
"""A registry's host, or a path of a machine."""


def tracked() -> list[Path]:
    """The files that a clone has."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        missing("git", "this is no clone")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_file_names_a_registry_or_a_machine() -> None:
    for path in tracked():
        if path.is_relative_to(ROOT / "tests") or not path.is_file():
            continue
        found = ELSEWHERE.search(path.read_text("utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0].strip()}" if found else ""


@pytest.mark.parametrize("name", [".venv", "build", "dist", ".drillmaster"])
def test_what_is_made_here_is_not_published(name: str) -> None:
    assert not [path for path in tracked() if path.is_relative_to(ROOT / name)]


def test_only_the_example_is_published_of_all_reports() -> None:
    published = {path.relative_to(ROOT / "reports").parts[0] for path in _reports()}
    assert published <= {"README.md", "example"}


def _reports() -> list[Path]:
    return [path for path in tracked() if path.is_relative_to(ROOT / "reports")]
