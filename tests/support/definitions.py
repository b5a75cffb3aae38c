"""Drills folders to break, and what a problem must always tell."""

import os
import shutil
from pathlib import Path

from drillmaster.definitions.errors import Problem
from drillmaster.definitions.files import INVISIBLE

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "drills"
EXAMPLES = REPOSITORY / "docs" / "examples" / "drills"


def copy_of(source: Path, folder: Path) -> Path:
    """A copy of a drills folder, to be changed."""
    return Path(shutil.copytree(source, folder / "drills"))


def first_of(source: Path, folder: Path) -> Path:
    """A copy of the shipped drills folder as a newcomer begins: one drill and what it names."""
    root = copy_of(source, folder)
    names = {"checkout-degraded", "checkout-hand-over", "checkout-secondary", "sandbox"}
    for path in [path for path in root.rglob("*") if path.is_file() and path.stem not in names]:
        path.unlink()
    return root


def edit(path: Path, old: str, new: str) -> None:
    """Replace what must stand in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def place_of(text: str, part: str) -> str:
    """Line and column of the first such part of a text, as messages write them."""
    before = text[: text.index(part)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def is_located(problem: Problem) -> bool:
    """Whether a problem names a file, a place that is in it, and says something."""
    lines = 1
    if os.path.isfile(problem.path):  # noqa: PTH113 (Path refuses names that are too long)
        lines = Path(problem.path).read_bytes().count(b"\n") + 2
    return (
        bool(problem.path and problem.message)
        and 1 <= problem.line <= lines
        and problem.column >= 1
        and "\n" not in str(problem)
        and not INVISIBLE.search(str(problem))
        and len(str(problem)) < 1000
    )
