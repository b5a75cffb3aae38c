"""Changing objects of others, and creating our own, so that both can be undone by the marks.

A change and its mark are one write: an object that we changed always says how to undo it.
Every write is conditional on the version that was read; who loses such a race reads again.
"""

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import (
    ConflictError,
    KubernetesApi,
    MissingError,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import SECRETS, Resource
from drillmaster.targets.kubernetes.writing.fields import (
    Path,
    change_of,
    conflicts,
    give_back,
    put,
    shown,
    value_at,
    written,
)
from drillmaster.targets.kubernetes.writing.marks import (
    ObjectMark,
    bears,
    is_put_on,
    mark_of,
    marks_of,
    put_mark,
    take_mark,
)
from drillmaster.targets.kubernetes.writing.owners import disown, writer_of

T = TypeVar("T")

Wanted = Callable[[Object], dict[Path, Any]]
"""What a fault makes of an object: the new values, by path."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What giving back an object came to."""

    in_force: bool
    """Something in it still was as we made it."""
    residue: list[str] = field(default_factory=list)
    """What somebody else did to it meanwhile, in words."""
    writers: list[str | None] = field(default_factory=list)
    """Which programs did so; None for one that nobody knows."""
    by_us: bool = False
    """We had given it back before, and maybe never had the answer."""


_TRIES = 20  # writers that come between us and an object are controllers, a few a second


class Changes:
    """What Drillmaster changes in one cluster."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    def among(
        self, resource: Resource, namespace: str | None, name: str | None = None
    ) -> list[Object]:
        """The objects of a kind, or the one of a name, which takes no more than the right to list
        them; none where the cluster does not have the kind."""
        named = {} if name is None else {"fieldSelector": f"metadata.name={name}"}
        try:
            return self._api.items(resource.path(namespace), **named)
        except MissingError:
            return []

    def change(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        mark: ObjectMark,
        wanted: Wanted,
    ) -> None:
        """Change an object of somebody else; what bears the mark already stays as it is.

        Raises:
            MissingError: there is none.
            DeclinedError: the API server refuses, or another fault has changed it there.
        """
        path = resource.path(namespace, name)

        def once() -> None:
            before = self._api.get(path)
            if bears(before, mark.fault):
                return
            after = copy.deepcopy(before)
            paths = wanted(before)
            refuse_overlap(resource, before, paths)
            for where, value in paths.items():
                put(after, where, value)
            # As the server would store it: it writes quantities, for one, in its own way.
            stored = self._api.replace(path, after, dry_run=True)
            changes = tuple(change_of(where, before, stored) for where in paths)
            put_mark(after, replace(mark, changes=changes, uid=before["metadata"]["uid"]))
            self._api.replace(path, after)

        insisting(once)

    def restore(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        mark: ObjectMark,
        *,
        lost: bool = False,
        settled: Callable[[], object] = lambda: None,
    ) -> Restored:
        """Give back what a fault changed in an object, and is still as we made it.

        In two writes, because the first one makes us the owner of the fields that it gives back:
        the second takes the mark away, and us from the list of their owners.

        Args:
            resource: The kind of object.
            namespace: Where it is.
            name: Its name.
            mark: The mark as it was found; what the object itself says now comes first.
            lost: The object had lost its mark when it was looked at, and `mark` is a copy of it.
            settled: What must be done in between; it is done again where it fails.
        """
        path, what = resource.path(namespace, name), f"{resource.kind} {name}"

        def give() -> Restored:
            thing = self._api.get(path)
            now = mark_of(thing, mark.fault) or (mark if lost else None)
            if now is None or not is_put_on(thing, now):  # somebody was faster
                return Restored(in_force=False)
            found = _looked_at(resource, thing, now)
            give_back(thing, now.changes)
            if found.in_force:  # said in the same write: its answer may get lost
                put_mark(thing, replace(now, given=True))
            self._api.replace(path, thing)
            return found

        def leave() -> None:
            thing = self._api.get(path)
            take_mark(thing, mark.fault)
            disown(thing)
            self._api.replace(path, thing)

        try:
            given = insisting(give)
            settled()
            insisting(leave)
        except MissingError:
            return Restored(in_force=False, residue=[f"{what} was deleted"])
        return given

    def create(
        self,
        resource: Resource,
        namespace: str | None,
        body: Object,
        mark: ObjectMark,
        *,
        dry_run: bool = False,
    ) -> None:
        """Create an object of ours; one that is there already stays as it is.

        Raises:
            DeclinedError: the API server refuses, or somebody else has one of this name.
        """
        body = {"apiVersion": resource.version, "kind": resource.kind, **copy.deepcopy(body)}
        put_mark(body, replace(mark, created=True))
        try:
            self._api.create(resource.path(namespace), body, dry_run=dry_run)
        except ConflictError:
            name = body["metadata"]["name"]
            if not bears(self._api.get(resource.path(namespace, name)), mark.fault):
                raise

    def remove(self, resource: Resource, namespace: str | None, name: str) -> bool:
        """Delete an object of ours; whether there was one."""
        return self._api.delete(resource.path(namespace, name))

    def hindrance(self, attempts: Sequence[Callable[[], object]]) -> str | None:
        """Why what a fault and its undo do could not be done, by dry runs of it; None where it
        could."""
        for attempt in attempts:
            try:
                attempt()
            except (MissingError, ConflictError):
                continue  # the identity may: that is decided before the object is looked for
            except DeclinedError as error:
                return str(error)
        return None


def _looked_at(resource: Resource, thing: Object, mark: ObjectMark) -> Restored:
    """What became of what a fault changed in an object, before anything of it is given back."""
    in_force = is_in_force(thing, mark)
    found = Restored(in_force, by_us=mark.given and not in_force)
    what = f"{resource.kind} {thing['metadata']['name']}"
    for change in mark.changes:
        now = value_at(thing, change.path)
        if now not in (change.ours, change.before):
            value = "something else" if resource is SECRETS else shown(now)
            words = f"{what}: {written(change.path)} is {value} by now"
            _note(found, words, writer_of(thing, change.path))
    if not (found.in_force or found.residue or found.by_us):
        writers = [writer_of(thing, change.path) for change in mark.changes]
        _note(found, f"{what} had been put back", next(filter(None, writers), None))
    return found


def _note(found: Restored, words: str, writer: str | None) -> None:
    found.residue.append(f"{words} (written by {writer})" if writer else words)
    found.writers.append(writer)


def is_in_force(thing: Object, mark: ObjectMark) -> bool:
    """Whether something in an object is still as the fault of a mark made it."""
    return mark.created or any(
        value_at(thing, change.path) == change.ours for change in mark.changes
    )


def refuse_overlap(resource: Resource, thing: Object, paths: Iterable[Path]) -> None:
    """Two faults at one place could not be undone in any order. Raises DeclinedError."""
    for other in marks_of(thing):
        for where in paths:
            if conflicts(where, other.changes):
                name = thing["metadata"]["name"]
                raise DeclinedError(
                    f"{resource.kind} {name}: {written(where)} is changed by {other.fault} already"
                )


def insisting(once: Callable[[], T]) -> T:
    """Read, decide and write; again where somebody else wrote in between."""
    for _ in range(_TRIES - 1):
        try:
            return once()
        except ConflictError:
            continue
    return once()
