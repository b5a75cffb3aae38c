"""What is asked of the authorisers: may somebody use this verb on that resource?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rule = Mapping[str, Sequence[str]]
"""A rule of RBAC: `verbs`, `apiGroups`, `resources`, and perhaps `resourceNames`."""


@dataclass(frozen=True, slots=True)
class Question:
    """A verb on a resource."""

    verb: str
    resource: str
    """Its plural, such as `deployments`."""
    group: str = ""
    """Its API group, such as `apps`; empty for the core group."""
    subresource: str = ""
    namespace: str = ""
    """Empty for a resource that is in no namespace, and for all namespaces."""
    name: str = ""
    """One object; empty for all."""

    @property
    def attributes(self) -> dict[str, str]:
        """The question as a review has it; what is empty means the same left out."""
        attributes = {
            "verb": self.verb,
            "group": self.group,
            "resource": self.resource,
            "subresource": self.subresource,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {key: value for key, value in attributes.items() if value}

    @property
    def path(self) -> str:
        """The resource with its part, as RBAC writes it: `pods/eviction`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def qualified(self) -> str:
        """The same with its API group, as kubectl reads it: `deployments.apps/scale`."""
        group = f".{self.group}" if self.group else ""
        part = f"/{self.subresource}" if self.subresource else ""
        return f"{self.resource}{group}{part}"

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        name = f" {self.name}" if self.name else ""
        return f"{self.verb} {self.qualified}{name}{where}"


def covers(rule: Rule, question: Question) -> bool:
    """Whether a rule allows what is asked, as the RBAC authoriser decides it."""
    names = rule.get("resourceNames") or ()
    return (
        _any(rule.get("verbs") or (), question.verb)
        and _any(rule.get("apiGroups") or (), question.group)
        and _covers_resource(rule.get("resources") or (), question)
        and (not names or question.name in names)
    )


def as_rules(told: Any) -> list[Rule]:
    """The rules of a review, as far as they are about resources."""
    return list(told.get("resourceRules") or ())


def _any(allowed: Sequence[str], asked: str) -> bool:
    return "*" in allowed or asked in allowed


def _covers_resource(allowed: Sequence[str], question: Question) -> bool:
    of_all = question.subresource and f"*/{question.subresource}" in allowed
    return _any(allowed, question.path) or bool(of_all)
