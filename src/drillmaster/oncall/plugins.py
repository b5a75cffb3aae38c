"""Kinds that come with Drillmaster, and those of other packages by entry point."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

from drillmaster.errors import InvalidError

T = TypeVar("T")


def look_up(what: str, name: str, own: Mapping[str, T]) -> T:
    """What is registered under a name: our own first, so that none can be replaced, then
    the entry points of the group `drillmaster.<what>s`.

    Raises:
        InvalidError: there is none of that name, or the package that has it cannot be loaded.
    """
    if name in own:
        return own[name]
    group = f"drillmaster.{what}s"
    for entry in entry_points(group=group, name=name):
        try:
            found: Any = entry.load()
        except Exception as error:  # another package's import may raise anything
            raise InvalidError(
                f"the {what} {name!r} cannot be loaded: {type(error).__name__}: {error}"
            ) from None
        else:
            return found  # type: ignore[no-any-return]  # an entry point has no type
    known = ", ".join(sorted({*own, *(entry.name for entry in entry_points(group=group))}))
    raise InvalidError(f"there is no {what} called {name!r}; there are: {known}")
