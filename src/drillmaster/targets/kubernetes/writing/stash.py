"""Values of Secrets and ConfigMaps that are out of the way while a fault is in.

A value moves to another key of the same object, in the same write as the mark. It may be secret,
so it is nowhere else: in no mark, no message and no log. What we put in its place is known by a
digest.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import CONFIG_MAPS, SECRETS, Resource
from drillmaster.targets.kubernetes.writing.changes import Restored
from drillmaster.targets.kubernetes.writing.fields import ABSENT, Change, Path, written

FIELDS = ("data", "binaryData")
"""Where an object has values."""

PREFIX = "drillmaster-undo."
"""Before the key under which a value is kept."""

Instead = Callable[[bytes], bytes | None]
"""What takes the place of a value; None for nothing."""


def path_of(thing: Object, key: str) -> Path:
    """Where a key's value is.

    Raises:
        DeclinedError: the object has no such key.
    """
    for field in FIELDS:
        values = thing.get(field) or {}
        if key in values or PREFIX + key in values:
            return field, key
    known = ", ".join(sorted({**(thing.get("data") or {}), **(thing.get("binaryData") or {})}))
    raise DeclinedError(f"{_called(thing)} has no key {key}; it has {known or 'none'}")


def stash(thing: Object, key: str, instead: Instead) -> Change:
    """Move a key's value out of the way, and put another one in its place.

    Raises:
        DeclinedError: the object has no such key or is immutable, or the value cannot be replaced.
    """
    if thing.get("immutable"):
        raise DeclinedError(f"{_called(thing)} is immutable")
    field, _ = path = path_of(thing, key)
    values: dict[str, str] = thing[field]
    if PREFIX + key in values:
        raise DeclinedError(f"{_called(thing)} has a key {PREFIX}{key} already")
    value = values.pop(key)
    values[PREFIX + key] = value
    put = instead(_bytes(thing, field, value))
    if put is not None:
        values[key] = _text(thing, field, put)
    return Change(path, before=ABSENT, ours=_digest(values.get(key)))


def is_kept(thing: Object, key: str) -> bool:
    """Whether a value of a key is out of the way."""
    return any(PREFIX + key in (thing.get(field) or {}) for field in FIELDS)


def is_stashed(thing: Object, change: Change) -> bool:
    """Whether the key still has what we put in its place, or nothing where that was nothing."""
    field, key = change.path
    return bool(_digest((thing.get(field) or {}).get(key)) == change.ours)


def unstash(thing: Object, change: Change) -> Restored:
    """Put the value back, unless somebody has put another one there. In any case nothing of ours
    stays.

    Raises:
        DeclinedError: somebody has taken away the value that was kept.
    """
    field, key = change.path
    values: dict[str, str] = thing.setdefault(field, {})
    what, where = _called(thing), written(change.path)
    kept, in_force = values.pop(PREFIX + key, None), is_stashed(thing, change)
    if not in_force:
        same = kept is not None and values.get(key) == kept
        words = "had been put back" if same else f"is {_now(values.get(key))} by now"
        return Restored(in_force, [f"{what}: {where} {words}"])
    if kept is None:
        raise DeclinedError(
            f"{what}: somebody has taken {PREFIX}{key} away, so that nobody knows the value of "
            f"{key} any more; give {key} a value by hand"
        )
    values[key] = kept
    return Restored(in_force)


def _now(value: str | None) -> str:
    return "nothing" if value is None else "something else"


def _digest(value: str | None) -> object:
    return ABSENT if value is None else f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def _bytes(thing: Object, field: str, value: str) -> bytes:
    if not _is_encoded(thing, field):
        return value.encode()
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise DeclinedError(f"{_called(thing)}: a value is not what the API server gives") from None


def _text(thing: Object, field: str, value: bytes) -> str:
    return base64.b64encode(value).decode() if _is_encoded(thing, field) else value.decode()


def _is_encoded(thing: Object, field: str) -> bool:
    return _resource(thing) is SECRETS or field == "binaryData"


def _resource(thing: Object) -> Resource:
    return SECRETS if thing.get("kind") == SECRETS.kind else CONFIG_MAPS


def _called(thing: Object) -> str:
    return f"{_resource(thing).kind} {thing['metadata']['name']}"
