"""Fields of objects: where they are, what they were, and what we made of them.

A path leads from the object down by keys. An element of a list is found by its name, because
its place in the list may change: `("spec", "containers", "[name=app]", "image")`.
"""

import copy
from dataclasses import dataclass
from typing import Any, Final, Self

Path = tuple[str, ...]


class _Absent:
    def __repr__(self) -> str:
        return "nothing"

    def __deepcopy__(self, _: Any) -> "_Absent":
        return self


ABSENT: Final = _Absent()
"""The value of a field that is not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that we changed."""

    path: Path
    before: Any
    """Its value before; `ABSENT` for none."""
    ours: Any
    """The value that we gave it; `ABSENT` where we took it away."""
    made: int = 0
    """How many mappings on the way to it were made with it, and go with it."""

    def as_data(self) -> dict[str, Any]:
        """The change as JSON; what is absent is left out."""
        values = {"before": self.before, "ours": self.ours}
        kept = {name: value for name, value in values.items() if value is not ABSENT}
        return {"path": list(self.path), **kept, "made": self.made}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Self:
        """The change that `as_data` has written."""
        path = tuple(map(str, data["path"]))
        before, ours = data.get("before", ABSENT), data.get("ours", ABSENT)
        return cls(path, before, ours, int(data["made"]))


def change_of(path: Path, before: Any, after: Any) -> Change:
    """The change at a path between an object as it was and as it is."""
    missing = [value_at(before, path[:end]) is ABSENT for end in range(1, len(path))]
    return Change(path, value_at(before, path), value_at(after, path), sum(missing))


def value_at(thing: Any, path: Path) -> Any:
    """What is at a path; `ABSENT` where there is nothing."""
    for key in path:
        thing = _step(thing, key)
    return thing


def put(thing: Any, path: Path, value: Any) -> None:
    """Set what is at a path, or take it away with `ABSENT`. Mappings on the way are made.

    Raises:
        KeyError: an element of a list on the way is not there.
    """
    *way, last = path
    for key in way:
        inner = _step(thing, key)
        if inner is ABSENT or inner is None:
            if not isinstance(thing, dict) or value is ABSENT:
                raise KeyError(key)
            inner = thing[key] = {}
        thing = inner
    if value is not ABSENT:
        thing[last] = copy.deepcopy(value)
    else:
        thing.pop(last, None)


def give_back(thing: Any, changes: tuple[Change, ...]) -> None:
    """Give fields back that still are as we made them. What is something else by now is somebody
    else's, and stays."""
    for change in changes:
        if value_at(thing, change.path) == change.ours:
            put(thing, change.path, change.before)
            _prune(thing, change)


def is_at(path: Path, pattern: Path) -> bool:
    """Whether a path is one of those that a pattern tells, in which `*` stands for any key."""
    return len(path) == len(pattern) and all(
        told in ("*", key) for key, told in zip(path, pattern, strict=True)
    )


def conflicts(path: Path, others: tuple[Change, ...]) -> bool:
    """Whether one of the changes is at a path, or above or below it."""
    return any(all(a == b for a, b in zip(path, other.path, strict=False)) for other in others)


def written(path: Path) -> str:
    """A path as people write it: `spec.containers[name=app].image`."""
    return ".".join(path).replace(".[", "[")


def _step(thing: Any, key: str) -> Any:
    if key.startswith("[") and isinstance(thing, list):
        return next((one for one in thing if _is(one, key)), ABSENT)
    return thing.get(key, ABSENT) if isinstance(thing, dict) else ABSENT


def _is(one: Any, key: str) -> bool:
    name, _, value = key[1:-1].partition("=")
    return isinstance(one, dict) and one.get(name) == value


def _prune(thing: Any, change: Change) -> None:
    """Mappings that were made on the way go, once nothing is in them."""
    for end in range(1, change.made + 1):
        path = change.path[:-end]
        if value_at(thing, path) == {}:
            put(thing, path, ABSENT)


def shown(value: Any) -> str:
    """A value in words, without what may be secret or long."""
    return repr(value) if isinstance(value, str | int | float | bool) else _kind(value)


def _kind(value: Any) -> str:
    return repr(value) if value is ABSENT else "something else"
