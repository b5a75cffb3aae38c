"""A drills folder as a whole: everything that is wrong in it, and what one drill needs."""

from collections.abc import Iterator
from pathlib import Path

from drillmaster.definitions.bundle import Bundle, gather
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, Problem, closest
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.kinds import DRILL, ENVIRONMENT, KINDS
from drillmaster.definitions.load import Loaded, load
from drillmaster.definitions.shelf import Shelf
from drillmaster.errors import InvalidError

__all__ = ["Bundle", "Project", "find_root", "open_bundle", "open_environment"]

FOLDER = "drills"
"""Where definitions lie, unless somebody says otherwise."""


class Project(Shelf):
    """The definitions in a drills folder."""

    @classmethod
    def load(cls, root: Path) -> "Project":
        """The project in a drills folder.

        Raises:
            InvalidError: there is no such folder.
        """
        if not root.is_dir():
            raise InvalidError(f"there is no folder {shown_path(root)}")
        return cls(root)

    def problems(self) -> list[Problem]:
        """All that is wrong in the folder."""
        found = list(self.strays())
        for kind, path in self.files():
            try:
                self.bundle(path) if kind.name == DRILL.name else self.read(kind, path)
            except DefinitionError as error:
                found += error.problems
        return sorted(set(found))

    def strays(self) -> Iterator[Problem]:
        """Files that somebody may take for definitions, and that are not read."""
        for kind in KINDS.values():
            for wrong in {".yaml", ".yml", ".md"} - {kind.suffix}:
                for path in (self.root / kind.folder).glob(f"*{wrong}"):
                    if wrong == ".yml" or kind.suffix == ".md":
                        message = f"is not read; the file of {kind.said} ends in {kind.suffix}"
                        yield Problem(shown_path(path), 1, 1, "", message, rule="placement")

    def bundle(self, drill: str | Path, environment: str | None = None) -> Bundle:
        """A drill, by its name or its file, with all that it needs. What else is in the
        folder need not be valid.

        Args:
            drill: A name, or a path.
            environment: The name of the environment, in place of the drill's own.

        Raises:
            InvalidError: there is no such drill or environment.
            DefinitionError: one of the files needed is wrong.
        """
        return gather(self, self._drill(drill), environment)

    def _drill(self, drill: str | Path) -> Loaded[Drill]:
        if not is_path(drill):
            return self.get(DRILL, str(drill))
        path = Path(drill)
        if not path.exists():
            raise InvalidError(_no_such_path(path))
        if path.suffix != DRILL.suffix:
            raise InvalidError(f"{shown_path(path)} is no drill: its name ends in {DRILL.suffix}")
        return self.read(DRILL, path)


def is_path(drill: str | Path) -> bool:
    """Whether a drill is given by its file rather than by its name."""
    return isinstance(drill, Path) or "/" in drill or drill.endswith((".yaml", ".yml"))


def find_root(path: Path | None = None) -> Path:
    """The drills folder that a path is in, or that is in it.

    Args:
        path: A file or folder; `drills` or the working folder where it is left out.

    Raises:
        InvalidError: there is no such path, or no definition near it.
    """
    start = path if path is not None else Path(FOLDER)
    if path is None and not start.exists():
        start = Path()
    if not start.exists():
        raise InvalidError(_no_such_path(start))
    folder = start if start.is_dir() else start.parent
    above = folder.parent if folder.parent != folder else folder.absolute().parent
    for near in (folder, folder / FOLDER, above):
        if (near / ENVIRONMENT.folder).is_dir():
            return near
    if start.is_file() or any(folder.glob(f"*{DRILL.suffix}")):
        return folder
    raise InvalidError(
        f"there are no definitions in {shown_path(folder)}; `drillmaster init` writes first ones"
    )


def open_bundle(drill: str | Path, environment: str | None = None) -> Bundle:
    """A drill, by its file or by its name in `drills`, with all that it needs.

    Raises:
        InvalidError: there is no such drill or environment, or no drills folder.
        DefinitionError: one of the files needed is wrong.
    """
    near = Path(drill).parent if is_path(drill) else None
    return Project.load(find_root(near)).bundle(drill, environment)


def open_environment(environment: str) -> Environment:
    """An environment, by its file or by its name in `drills`. Its file is enough: nothing
    else of a drills folder need be there.

    Raises:
        InvalidError: there is no such environment, or no drills folder.
        DefinitionError: it is wrong.
    """
    if is_path(environment):
        return load(ENVIRONMENT, Path(environment)).model
    return Project.load(find_root()).get(ENVIRONMENT, environment).model


def _no_such_path(path: Path) -> str:
    try:
        names = [other.name for other in path.parent.iterdir()]
    except OSError:
        names = []
    near = closest(path.name, names)
    hint = f"; did you mean {shown_path(path.parent / near)!r}?" if near else ""
    return f"there is no file or folder {shown_path(path)}{hint}"
