"""Which credential a check needs."""

from drillmaster.definitions.access import AccessCheck
from drillmaster.targets.base import Identity

_NEEDED = {"http": "token", "command": "token", "sql": "sql_user"}
"""The identity's field by the check's kind. A permission is asked about a name."""

_NAMES = {"token": "token", "sql_user": "database login"}


def lacking(check: AccessCheck, identity: Identity) -> str | None:
    """What the identity lacks to be asked this, in words; None where it has all it needs.

    A check that anyone may pass needs no credential.
    """
    field = _NEEDED.get(check.kind)
    if check.public or field is None or getattr(identity, field):
        return None
    return f"{identity.id} has no {_NAMES[field]} here to ask with"
