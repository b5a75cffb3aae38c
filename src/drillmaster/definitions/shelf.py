"""The files of a drills folder, by kind and name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from drillmaster.definitions.base import Definition
from drillmaster.definitions.errors import DefinitionError, did_you_mean, listed
from drillmaster.definitions.files import shown_path
from drillmaster.definitions.kinds import KINDS, Kind
from drillmaster.definitions.load import Loaded, load
from drillmaster.errors import InvalidError

D = TypeVar("D", bound=Definition)


class Shelf:
    """What lies in a drills folder. Each file is read once, when it is needed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files = {kind.name: dict(_files(root, kind)) for kind in KINDS.values()}
        self._read: dict[Path, Loaded[Any] | DefinitionError] = {}

    def names(self, kind: Kind[Any]) -> list[str]:
        """The names of all definitions of a kind, whether they are valid or not."""
        return sorted(self._files[kind.name])

    def files(self) -> list[tuple[Kind[Any], Path]]:
        """All files of definitions, with the kind that each must be."""
        return [
            (kind, path)
            for kind in KINDS.values()
            for path in sorted(self._files[kind.name].values())
        ]

    def read(self, kind: Kind[D], path: Path) -> Loaded[D]:
        """The definition in a file. Raises DefinitionError."""
        if path not in self._read:
            try:
                self._read[path] = load(kind, path)
            except DefinitionError as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, DefinitionError):
            raise found
        return found

    def get(self, kind: Kind[D], name: str) -> Loaded[D]:
        """The definition of a name.

        Raises:
            InvalidError: there is none.
            DefinitionError: there is one, and it is wrong.
        """
        path = self._files[kind.name].get(name)
        if path is None:
            raise InvalidError("; ".join(filter(None, self.unknown(kind, name))))
        return self.read(kind, path)

    def unknown(self, kind: Kind[Any], name: str) -> tuple[str, str]:
        """What to say of a name that does not exist, and the hint."""
        known = self.names(kind)
        none = f"{shown_path(self.root / kind.folder)} has none"
        hint = did_you_mean(name, known) or (f"there is {listed(known)}" if known else none)
        return f"no {kind.said.partition(' ')[2]} is called {name!r}", hint


def _files(root: Path, kind: Kind[Any]) -> Iterator[tuple[str, Path]]:
    """Names and paths of a kind's files. Hidden files are editors' business."""
    for path in (root / kind.folder).glob(f"*{kind.suffix}"):
        if not path.name.startswith("."):
            yield path.stem, path
