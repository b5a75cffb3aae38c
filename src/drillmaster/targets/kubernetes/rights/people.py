"""Who the people of an environment, and the controls, are to the API server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drillmaster.definitions.targets import KubernetesControls
from drillmaster.targets.base import Address

_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody as whom a question is asked."""

    user: str
    groups: tuple[str, ...] = ()
    """Those that the log-in brings along."""

    @property
    def all_groups(self) -> list[str]:
        """The groups with those that the API server adds to everybody who has logged in, which a
        review does not add by itself."""
        implied = ["system:authenticated"]
        if self.user.startswith(_ACCOUNT):
            namespace = self.user.removeprefix(_ACCOUNT).partition(":")[0]
            implied += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
        return list(dict.fromkeys([*self.groups, *implied]))


class People:
    """The people of an environment, by their ids and by their names at the API server."""

    def __init__(self, address: Address) -> None:
        users: Mapping[str, Any] = address.get("users") or {}
        controls = KubernetesControls().model_dump() | (address.get("controls") or {})
        self._subjects = {who: _subject(user) for who, user in users.items()}
        self._controls = {
            "positive-control": _subject(controls["allowed"]),
            "negative-control": _subject(controls["denied"]),
        }
        self._ids = {subject.user: who for who, subject in self._subjects.items()}
        self._plain = [_plainest(user) for user in self._ids]

    @property
    def users(self) -> frozenset[str]:
        """The names of all of them at the API server."""
        return frozenset(self._ids)

    def may_be_in(self, line: bytes) -> bool:
        """Whether a line of a log may name one of them: most do not, and need not be parsed."""
        return any(plain in line for plain in self._plain)

    def subject(self, who: str) -> Subject:
        """Who a person, or a control, is there. Somebody who is not listed has their id there,
        and no group."""
        return self._controls.get(who) or self._subjects.get(who) or Subject(who)

    def is_control(self, who: str) -> bool:
        """Whether somebody is one of the two controls."""
        return who in self._controls

    def person(self, user: str) -> str | None:
        """Which person a user is; None for a user who is nobody of the environment."""
        return self._ids.get(user)


def _plainest(user: str) -> bytes:
    """The longest part of a name that looks the same however JSON is written."""
    parts: list[str] = re.findall(r"[A-Za-z0-9:._@-]*", user)
    return max(parts, key=len).encode()


def _subject(user: Mapping[str, Any]) -> Subject:
    return Subject(str(user["user"]), tuple(user.get("groups") or ()))
