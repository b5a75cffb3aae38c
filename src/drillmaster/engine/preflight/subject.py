"""Which environment is looked at, and where its definitions lie."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drillmaster.clock import Clock
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, listed
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.kinds import ENVIRONMENT, Kind
from drillmaster.definitions.project import Project, find_root, is_path
from drillmaster.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Subject:
    """An environment, and the drills folder that it lies in."""

    project: Project
    path: Path
    environment: Environment
    clock: Clock

    def under(self, *keys: str) -> str:
        """A place in the environment's file."""
        return f"{shown_path(self.path)}, under {'.'.join(keys)}" if keys else self.file

    def under_each(self, places: Sequence[Sequence[str]]) -> str:
        """Several places in the environment's file, each of which gets the same."""
        return f"{self.file}, under {' and under '.join('.'.join(keys) for keys in places)}"

    @property
    def file(self) -> str:
        """The environment's file."""
        return shown_path(self.path)

    def editing(self, kind: Kind[Any], path: Path, *keys: str | int) -> str:
        """The command that opens a definition at a key; at its first line where the key, or
        the file, cannot be found."""
        try:
            document = self.project.read(kind, path).document
        except DefinitionError:
            return editing(shown_path(path))
        return editing(shown_path(path), document.place(keys, of_key=True).line)

    def editing_target(self) -> str:
        """The command that opens the environment's file at its target."""
        return self.editing(ENVIRONMENT, self.path, "target")


def subject_of(given: str | None, clock: Clock) -> Subject:
    """The environment of a name or a file; the only one where none is given.

    Raises:
        InvalidError: there is no such environment, or several and none was given.
        DefinitionError: it is wrong.
    """
    file = Path(given) if given is not None and is_path(given) else None
    project = Project.load(find_root(file))
    if file is not None:
        return Subject(project, file, project.read(ENVIRONMENT, file).model, clock)
    name = given if given is not None else _only(project)
    model = project.get(ENVIRONMENT, name).model
    path = project.root / ENVIRONMENT.folder / f"{name}{ENVIRONMENT.suffix}"
    return Subject(project, path, model, clock)


def editing(path: str, line: int = 1) -> str:
    """The command that opens a file where something is wrong."""
    return f'"${{EDITOR:-vi}}" +{line} {shlex.quote(path)}'


def _only(project: Project) -> str:
    names = project.names(ENVIRONMENT)
    if len(names) == 1:
        return names[0]
    if not names:
        raise InvalidError(f"{shown_path(project.root)} has no environment")
    raise InvalidError(f"there are several environments; say which: {listed(names)}")
