"""May this person do that? The target's own policy answers."""

from drillmaster.definitions.probes import PermissionProbe
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.through import Judgement, through
from drillmaster.targets.base import Permission, Target

AS_NOBODY = "a permission is somebody's, and this is asked as nobody"


def ask(probe: PermissionProbe, asking: Asking) -> Answer:
    """Ask for a permission of the identity as which it is asked; the value is a bool."""
    return through(probe, asking, lambda target: _judge(probe, asking, target))


def _judge(probe: PermissionProbe, asking: Asking, target: Target) -> Judgement:
    if asking.identity is None:
        return Judgement("unclear", None, AS_NOBODY)
    who, where = asking.identity.id, f"{probe.namespace}/{probe.workload}"
    told = target.permitted(who, probe.can, probe.namespace, probe.workload)
    return judged(told, who, f"{probe.can} {where}")


def judged(told: Permission, who: str, what: str) -> Judgement:
    """A permission, as an answer."""
    outcome: Outcome = "yes" if told.allowed else "denied"
    detail = f"{who} {'may' if told.allowed else 'may not'} {what}"
    return Judgement(outcome, told.allowed, detail, told.mend, told.asked)
