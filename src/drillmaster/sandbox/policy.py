"""Who a token stands for, and what they may do."""

from dataclasses import dataclass

from drillmaster.sandbox.given import ACTIONS, NEGATIVE_CONTROL, POSITIVE_CONTROL, Right, Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request."""

    who: str
    operator: bool = False
    """Drillmaster's own identity: injects and undoes, and is no person."""
    rights: frozenset[Right] = frozenset()
    """What it may do as such."""


class Policy:
    """The sandbox's access control."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def caller(self, authorization: str | None) -> Caller | None:
        """Who an `Authorization` header stands for; None for a token that nobody has."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if token == self._settings.operator:
            rights = frozenset(self._settings.rights)
            return Caller("operator", operator=True, rights=rights)
        who = self._settings.tokens.get(token)
        return Caller(who) if who is not None else None

    def is_control(self, who: str) -> bool:
        """Whether somebody is nobody: an identity for controls of access checks alone."""
        return who in {POSITIVE_CONTROL, NEGATIVE_CONTROL}

    def allows(self, who: str, action: str, namespace: str, workload: str) -> bool:
        """Whether somebody may do that; what does not exist nobody may touch."""
        return (
            action in ACTIONS
            and (namespace, workload) == (self._settings.namespace, self._settings.workload)
            and action in self._settings.grants.get(who, ())
        )
