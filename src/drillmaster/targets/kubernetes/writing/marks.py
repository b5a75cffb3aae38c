"""Marks: what every object that we create or change says of the fault.

A label names the run, so that all objects of a run are found by one request a kind. An
annotation for each fault holds all that its undo needs, so that it can be undone by somebody
who has nothing but the cluster.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from drillmaster.targets.base import DeclinedError, Mark
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.writing.fields import Change

DOMAIN = "drillmaster.dev"
"""The domain of all labels and annotations of ours, and of those that people set for us."""

RUN = f"{DOMAIN}/run"
"""The label with the run's id, for people who look. No undo depends on it."""

DRILLABLE = f"{DOMAIN}/drillable"
"""The label with which a namespace, or a node, says that it may be drilled: `true`."""

DISPOSABLE = f"{DOMAIN}/disposable"
"""The label with which a namespace says that simulated responders may act in it: `true`."""

STOP = f"{DOMAIN}/stop"
"""The annotation with which anybody stops all drills in a namespace; its value says why."""

_FAULT = f"{DOMAIN}/fault-"

OURS = "drillmaster-"
"""How the names of objects begin that a fault creates."""

MEND = "put the object right by hand, then take this annotation away"
"""What to do about a mark that nobody can read."""


@dataclass(frozen=True, slots=True)
class Where:
    """An object that bears a mark."""

    resource: Resource
    namespace: str | None
    name: str

    @classmethod
    def of(cls, resource: Resource, thing: Object) -> Self:
        """Where an object of a kind is."""
        metadata = thing["metadata"]
        return cls(resource, metadata.get("namespace"), metadata["name"])

    def __str__(self) -> str:
        inside = f" in {self.namespace}" if self.namespace is not None else ""
        return f"{self.resource.kind} {self.name}{inside}"


@dataclass(frozen=True, slots=True)
class ObjectMark(Mark):
    """A fault as one object shows it."""

    created: bool = False
    """The object is ours altogether."""
    changes: tuple[Change, ...] = ()
    """What we changed in an object of somebody else."""
    namespaces: tuple[str, ...] = ()
    """Those of the environment, on an object that is in none."""
    given: bool = False
    """We have given back what we changed; the mark itself is to go next."""
    uid: str = ""
    """Of the object of somebody else that it was put on; nobody knows that of an object before it
    is created."""
    where: Where | None = None
    """The object on which it was found; None for a mark that is about to be put."""


class SpoiledError(DeclinedError):
    """An annotation has the name of a mark, and says nothing that could be obeyed: somebody
    else has written it."""


def short(fault: str) -> str:
    """Ten letters and digits that stand for a fault, where its id would be too long."""
    return hashlib.sha256(fault.encode()).hexdigest()[:10]


def name_for(fault: str) -> str:
    """The name of an object that a fault creates."""
    return f"{OURS}{short(fault)}"


def is_name_of_ours(name: str) -> bool:
    """Whether an object's name is one that only a fault gives."""
    return re.fullmatch(f"{OURS}[0-9a-f]{{10}}", name) is not None


def key_of(fault: str) -> str:
    """The annotation with a fault's mark."""
    return _FAULT + short(fault)


def bears(thing: Object, fault: str) -> bool:
    """Whether an object bears a fault's mark."""
    return key_of(fault) in _annotations(thing)


def is_put_on(thing: Object, mark: ObjectMark) -> bool:
    """Whether a mark was put on this very object of somebody else. Whoever makes another one from
    what they find there copies the mark; so do controllers."""
    return mark.uid in ("", thing["metadata"]["uid"])


def marks_of(thing: Object) -> list[ObjectMark]:
    """All marks of an object that can be read."""
    read = (_read(key, text) for key, text in _annotations(thing).items() if _is_mark(key))
    return [mark for mark in read if mark is not None]


def spoiled_of(thing: Object) -> list[str]:
    """The annotations of an object that have the name of a mark, and cannot be read as one."""
    told = _annotations(thing).items()
    return [key for key, text in told if _is_mark(key) and _read(key, text) is None]


def mark_of(thing: Object, fault: str) -> ObjectMark | None:
    """The mark of a fault, if the object bears it.

    Raises:
        SpoiledError: it bears it, and the mark cannot be read.
    """
    text = _annotations(thing).get(key_of(fault))
    if text is None:
        return None
    mark = _read(key_of(fault), text)
    if mark is None:
        name = thing["metadata"].get("name")
        raise SpoiledError(
            f"{name} has a mark of {fault} that cannot be read: {key_of(fault)}; {MEND}"
        )
    return mark


def put_mark(thing: Object, mark: ObjectMark) -> None:
    """Let an object bear a mark."""
    metadata = thing.setdefault("metadata", {})
    metadata["labels"] = {**(metadata.get("labels") or {}), RUN: mark.run}
    text = json.dumps(_written(mark), sort_keys=True)
    metadata["annotations"] = {**_annotations(thing), key_of(mark.fault): text}


def take_mark(thing: Object, fault: str) -> None:
    """Let an object bear a fault's mark no more, nor the label, once no mark is left. What
    becomes empty is left out, as it was before."""
    metadata = thing["metadata"]
    annotations = _annotations(thing)
    annotations.pop(key_of(fault), None)
    labels = dict(metadata.get("labels") or {})
    if not any(key.startswith(_FAULT) for key in annotations):
        labels.pop(RUN, None)
    for name, kept in (("annotations", annotations), ("labels", labels)):
        if kept:
            metadata[name] = kept
        else:
            metadata.pop(name, None)


def _is_mark(key: str) -> bool:
    return key.startswith(_FAULT)


def _annotations(thing: Object) -> dict[str, str]:
    return dict(thing.get("metadata", {}).get("annotations") or {})


def _written(mark: ObjectMark) -> dict[str, Any]:
    return {
        "fault": mark.fault,
        "run": mark.run,
        "kind": mark.kind,
        "expires": mark.expires.astimezone(UTC).isoformat(timespec="seconds"),
        "arguments": mark.arguments,
        "created": mark.created,
        "changes": [change.as_data() for change in mark.changes],
        "namespaces": list(mark.namespaces),
        "given": mark.given,
        "uid": mark.uid,
    }


_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")]


class _Changed(BaseModel):
    """A change, as `Change.as_data` writes it."""

    path: list[str] = Field(min_length=1)
    made: int = Field(ge=0)
    before: Any = None
    ours: Any = None

    @model_validator(mode="after")
    def _leads_there(self) -> Self:
        if self.made >= len(self.path):
            raise ValueError("more was made than is on the way")
        return self


class _Written(BaseModel):
    """A mark, as `_written` writes it. Anybody may have written what stands there now."""

    fault: _Id
    run: _Id
    kind: _Id
    expires: AwareDatetime
    arguments: dict[str, Any]
    created: bool
    changes: list[_Changed]
    namespaces: list[str]
    given: bool = False  # an earlier version wrote neither of the two
    uid: str = ""


def _read(key: str, text: str) -> ObjectMark | None:
    try:
        told = _Written.model_validate_json(text, strict=True)
        expires = told.expires.astimezone(UTC)
    except (ValidationError, OverflowError):  # a time can be beyond what any zone can show
        return None
    if key != key_of(told.fault) or not told.fault.startswith(f"{told.run}-"):
        return None
    return ObjectMark(
        fault=told.fault,
        run=told.run,
        kind=told.kind,
        expires=expires,
        arguments=told.arguments,
        created=told.created,
        changes=tuple(
            Change.of_data(change.model_dump(exclude_unset=True)) for change in told.changes
        ),
        namespaces=tuple(told.namespaces),
        given=told.given,
        uid=told.uid,
    )
