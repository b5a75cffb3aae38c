"""What the steps of a runbook need, and no access check of their drill asks for.

A step says what it needs by its `audit` evidence: the action that the person must have done. In
the prose of a step nobody can look that up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from drillmaster.definitions.access import AccessCheck
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.probes import AuditProbe, KubernetesProbe

_READS = ("get", "list", "watch")
_CHANGES = ("patch", "update")
_SCALABLE = ("deployments", "statefulsets", "replicasets")
_RESTARTABLE = ("deployments", "statefulsets", "daemonsets")


@dataclass(frozen=True, slots=True)
class Unasked:
    """An action that a step needs and no check asks for."""

    step: str
    """The id of the first step that needs it."""
    action: str
    namespace: str
    workload: str
    profile: str | None
    """The access profile that does not ask for it; None where the drill has none."""

    @property
    def message(self) -> str:
        """What is missing, in one line."""
        asking = f"no check of {self.profile}" if self.profile else "no access check"
        what = f"{self.action} {self.workload} in {self.namespace}"
        return f"{asking} asks for `{what}`, which the step {self.step} of the runbook needs"

    @property
    def check(self) -> str:
        """The check that asks for it, as it is written in an access profile."""
        asked = f"{{namespace: {self.namespace}, workload: {self.workload}, can: {self.action}}}"
        return f"- {{name: may {self.action} {self.workload}, permission: {asked}}}"


def unasked(bundle: Bundle) -> list[Unasked]:
    """Each such action once, in the order of the steps."""
    profile = bundle.access.name if bundle.access else None
    checks = bundle.access.checks if bundle.access else []
    found: dict[tuple[str, str, str], Unasked] = {}
    for step in bundle.runbook.steps if bundle.runbook else []:
        deed = step.evidence.audit if step.evidence else None
        if deed is None or any(_asks(check, deed) for check in checks):
            continue
        what = (deed.action, deed.namespace, deed.workload)
        found.setdefault(what, Unasked(step.id, *what, profile))
    return list(found.values())


def _asks(check: AccessCheck, deed: AuditProbe) -> bool:
    """Whether a check may ask for it. Of a program nobody knows what it asks for, but for the
    words that it is given; and a page that must open for the person is a view."""
    if check.permission is not None:
        asked = check.permission
        wanted = (deed.action, deed.namespace, deed.workload)
        return (asked.can, asked.namespace, asked.workload) == wanted
    if check.kubernetes is not None:
        rule = check.kubernetes
        here = rule.namespace in ("", deed.namespace)
        return here and _RULES.get(deed.action, _writes)(rule)
    if check.command is not None:
        return deed.action in check.command.run
    return check.http is not None and not check.public and deed.action == "view"


def _writes(rule: KubernetesProbe) -> bool:
    """What other actions take depends on what was done to the workload."""
    return rule.verb not in _READS


def _scales(rule: KubernetesProbe) -> bool:
    return (
        rule.verb in _CHANGES and rule.resource in _SCALABLE and rule.subresource in ("", "scale")
    )


def _restarts(rule: KubernetesProbe) -> bool:
    return rule.verb in _CHANGES and rule.resource in _RESTARTABLE and not rule.subresource


def _evicts(rule: KubernetesProbe) -> bool:
    if rule.subresource == "eviction":
        return rule.verb == "create"
    return rule.resource == "pods" and rule.verb in ("delete", "deletecollection")


_RULES: dict[str, Callable[[KubernetesProbe], bool]] = {
    "view": lambda rule: rule.verb in _READS,
    "scale": _scales,
    "restart": _restarts,
    "evict": _evicts,
}
"""Which rules of RBAC are for which action."""
