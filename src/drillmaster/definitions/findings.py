"""What `check` finds: problems and warnings of some files, as text and as JSON."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from drillmaster.definitions.advice import warnings
from drillmaster.definitions.errors import Problem
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.project import Project, find_root
from drillmaster.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found in some files."""

    files: int
    """How many files were checked."""
    problems: list[Problem]
    warnings: list[Problem]

    @property
    def summary(self) -> str:
        """`5 files, no problem`."""
        counts = [_count(self.files, "file"), _count(len(self.problems), "problem")]
        if self.warnings:
            counts.append(_count(len(self.warnings), "warning"))
        return ", ".join(counts)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "valid": not self.problems,
            "files": self.files,
            "problems": [asdict(problem) for problem in self.problems],
            "warnings": [asdict(warning) for warning in self.warnings],
        }


def examine(paths: Sequence[Path], today: date) -> Findings:
    """Check files and folders, each against the drills folder that it lies in.

    Args:
        paths: Files and folders; the drills folder near here where there are none.
        today: What the age of a review is counted to.

    Raises:
        InvalidError: a path does not exist, or is no definition.
    """
    files: set[str] = set()
    problems: set[Problem] = set()
    advice: set[Problem] = set()
    for root, wanted in _by_root(paths):
        project = Project.load(root)
        chosen = _chosen(project, wanted)
        files |= chosen
        found = project.problems()
        problems |= {problem for problem in found if _is_in(problem.path, wanted)}
        advice |= {one for one in warnings(project, today) if _is_in(one.path, wanted)}
    return Findings(len(files), sorted(problems), sorted(advice))


def _by_root(paths: Sequence[Path]) -> Iterator[tuple[Path, list[Path]]]:
    roots: dict[Path, list[Path]] = {}
    for path in paths:
        roots.setdefault(find_root(path), []).append(path)
    if not paths:
        root = find_root()
        roots[root] = [root]
    yield from roots.items()


def _chosen(project: Project, wanted: Iterable[Path]) -> set[str]:
    """The definitions of a project that lie in the paths."""
    known = [path for _, path in project.files()]
    strays = [Path(problem.path) for problem in project.strays()]
    chosen: set[str] = set()
    for path in wanted:
        inside = [shown_path(one) for one in [*known, *strays] if _is_in(one, [path])]
        if not inside:
            raise InvalidError(f"{shown_path(path)} is no definition, and holds none")
        chosen.update(inside)
    return chosen


def _is_in(path: str | Path, wanted: Iterable[Path]) -> bool:
    place = _place(Path(path))
    return any(
        place.is_relative_to(_place(one)) or place.is_relative_to(_real(one)) for one in wanted
    )


def _place(path: Path) -> Path:
    """Where a file lies. A link lies where it is, not where it leads."""
    return _real(path.parent) / path.name if path.name else _real(path)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # `resolve` raises for a link that leads to itself


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number in (0, 1) else 's'}"
