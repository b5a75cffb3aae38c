"""Changing an object in a way that no list of fields can say, so that it can be undone all the
same: a change and its mark are one write."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.writing.changes import Restored, insisting, refuse_overlap
from drillmaster.targets.kubernetes.writing.fields import Change, Path
from drillmaster.targets.kubernetes.writing.marks import (
    ObjectMark,
    bears,
    is_put_on,
    mark_of,
    marks_of,
    put_mark,
    take_mark,
)
from drillmaster.targets.kubernetes.writing.owners import disown

Edit = Callable[[Object], Change]
"""Changes an object, and says what it did; a value that may be secret is left out."""

Back = Callable[[Object, ObjectMark], Restored]
"""Gives an object back as far as it still is ours."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One object that is changed, and given back."""

    api: KubernetesApi
    resource: Resource
    namespace: str
    name: str

    def change(self, mark: ObjectMark, where: Path, edit: Edit) -> None:
        """Change an object of somebody else; what bears the mark already stays as it is.

        Raises:
            MissingError: there is none.
            DeclinedError: the API server refuses, or another fault has changed it there.
        """

        def once() -> None:
            before = self.api.get(self._path)
            if bears(before, mark.fault):
                return
            refuse_overlap(self.resource, before, [where])
            after = copy.deepcopy(before)
            uid = before["metadata"]["uid"]
            put_mark(after, replace(mark, changes=(edit(after),), uid=uid))
            self.api.replace(self._path, after)

        insisting(once)

    def give_back(self, fault: str, back: Back) -> Restored:
        """Give it back by `back`. In two writes: the first makes us the owner of what it gives
        back, the second takes the mark away, and us from the list of owners. In between the mark
        says that nothing is left to give back, for whoever goes on from there."""

        def give() -> Restored:
            thing = self.api.get(self._path)
            mark = mark_of(thing, fault)
            if mark is None or not is_put_on(thing, mark):  # somebody was faster
                return Restored(in_force=False)
            done = back(thing, mark)
            put_mark(thing, replace(mark, changes=(), given=True))
            self.api.replace(self._path, thing)
            return replace(done, by_us=mark.given)

        def leave() -> None:
            thing = self.api.get(self._path)
            take_mark(thing, fault)
            disown(thing)
            self.api.replace(self._path, thing)

        try:
            given = insisting(give)
            insisting(leave)
        except MissingError:
            return Restored(in_force=False, residue=[f"{self._called} was deleted"])
        return given

    def leave(self, fault: str, back: Back) -> Restored:
        """Delete it, because the fault has created it. Where another fault is in it by now, it
        stays as long as that, which deletes it then."""

        def once() -> Restored:
            thing = self.api.get(self._path)
            mark = mark_of(thing, fault)
            if mark is None:
                return Restored(in_force=False)
            heir = next((other for other in marks_of(thing) if other.fault != fault), None)
            if heir is None:
                seen = {key: thing["metadata"][key] for key in ("uid", "resourceVersion")}
                return Restored(self.api.delete(self._path, {"preconditions": seen}))
            done = back(thing, mark)
            take_mark(thing, fault)
            put_mark(thing, replace(heir, created=True))
            self.api.replace(self._path, thing)
            return Restored(in_force=True, residue=done.residue)

        try:
            return insisting(once)
        except MissingError:
            return Restored(in_force=False)

    @property
    def _path(self) -> str:
        return self.resource.path(self.namespace, self.name)

    @property
    def _called(self) -> str:
        return f"{self.resource.kind} {self.name}"
