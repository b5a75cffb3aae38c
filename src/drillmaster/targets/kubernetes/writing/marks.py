"""Marks: what every object that we create or change says of the fault.

A label names the run, so that all objects of a run are found by one request a kind. An
annotation for each fault holds all that its undo needs, so that it can be undone by somebody
who has nothing but the cluster.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from drillmaster.targets.base import Mark
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.writing.fields import Change

DOMAIN = "drillmaster.dev"
"""The domain of all labels and annotations of ours, and of those that people set for us."""

RUN = f"{DOMAIN}/run"
"""The label with the run's id."""

DRILLABLE = f"{DOMAIN}/drillable"
"""The label with which a namespace, or a node, says that it may be drilled: `true`."""

DISPOSABLE = f"{DOMAIN}/disposable"
"""The label with which a namespace says that simulated responders may act in it: `true`."""

STOP = f"{DOMAIN}/stop"
"""The annotation with which anybody stops all drills in a namespace; its value says why."""

_FAULT = f"{DOMAIN}/fault-"


@dataclass(frozen=True, slots=True)
class ObjectMark(Mark):
    """A fault as one object shows it."""

    created: bool = False
    """The object is ours altogether."""
    changes: tuple[Change, ...] = ()
    """What we changed in an object of somebody else."""
    namespaces: tuple[str, ...] = ()
    """Those of the environment, on an object that is in none."""
    uid: str = ""
    """Of the object of somebody else that it was put on; nobody knows that of an object before it
    is created."""


def short(fault: str) -> str:
    """Ten letters and digits that stand for a fault, where its id would be too long."""
    return hashlib.sha256(fault.encode()).hexdigest()[:10]


def name_for(fault: str) -> str:
    """The name of an object that a fault creates."""
    return f"drillmaster-{short(fault)}"


def is_name_of_ours(name: str) -> bool:
    """Whether an object's name is one that only a fault gives."""
    return re.fullmatch("drillmaster-[0-9a-f]{10}", name) is not None


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
    """All marks of an object. One that cannot be read is none of ours."""
    found = []
    for key, text in _annotations(thing).items():
        if key.startswith(_FAULT) and (mark := _read(text)) is not None:
            found.append(mark)
    return found


def mark_of(thing: Object, fault: str) -> ObjectMark | None:
    """The mark of a fault, if the object bears it."""
    return next((mark for mark in marks_of(thing) if mark.fault == fault), None)


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
        "uid": mark.uid,
    }


def _read(text: str) -> ObjectMark | None:
    try:
        told = json.loads(text)
        return ObjectMark(
            fault=str(told["fault"]),
            run=str(told["run"]),
            kind=str(told["kind"]),
            expires=datetime.fromisoformat(told["expires"]),
            arguments=dict(told["arguments"]),
            created=bool(told["created"]),
            changes=tuple(Change.of_data(change) for change in told["changes"]),
            namespaces=tuple(map(str, told["namespaces"])),
            uid=str(told.get("uid", "")),  # an earlier version did not write it
        )
    except (ValueError, KeyError, TypeError):
        return None
