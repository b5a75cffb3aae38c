"""Where each part of a definition stands in its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drillmaster.definitions.errors import Problem
from drillmaster.definitions.files import INVISIBLE, shown_path

Keys = tuple[str | int, ...]
"""The way from the top of a file to a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data, and where each part of it stands."""

    path: Path | None
    """None for data that is in no file."""
    data: Any
    values: Mapping[Keys, Place]
    keys: Mapping[Keys, Place]
    """Where the key of a value stands, for values in mappings."""

    def place(self, keys: Keys, *, of_key: bool = False) -> Place:
        """Where a value, or its key, stands; for one that is not there, the nearest above."""
        while keys and keys not in self.values:
            keys = keys[:-1]
        first = self.keys if of_key else self.values
        return first.get(keys) or self.values.get(keys) or Place(1, 1)

    def value(self, keys: Keys) -> Any:
        """What stands at some keys."""
        data = self.data
        for key in keys:
            data = data[key]
        return data

    def under(self, at: Keys) -> "Document":
        """The same as a part of a larger whole, in which it stands at these keys."""
        data = self.data
        for key in reversed(at):
            data = {key: data}
        return Document(
            self.path,
            data,
            {(*at, *keys): place for keys, place in self.values.items()},
            {(*at, *keys): place for keys, place in self.keys.items()},
        )

    def problem(
        self,
        keys: Keys,
        message: str,
        hint: str | None = None,
        *,
        rule: str = "wrong-value",
        of_key: bool = False,
    ) -> Problem:
        """A problem with a value, or with its key."""
        at = self.place(keys, of_key=of_key)
        name = shown_keys(keys)
        path = shown_path(self.path) if self.path else ""
        return Problem(path, at.line, at.column, name, message, hint, rule)


def shown_keys(keys: Keys) -> str:
    """Keys as messages show them: `faults.0.pod-churn.kill`."""
    return INVISIBLE.sub("�", ".".join(str(key)[:64] for key in keys)).replace("\n", " ")
