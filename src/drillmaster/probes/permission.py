"""May this person do that? The target's own policy answers."""

from drillmaster.definitions.probes import PermissionProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.through import Judgement, through
from drillmaster.targets.base import Target


def ask(probe: PermissionProbe, asking: Asking) -> Answer:
    """Ask for a permission of the identity as which it is asked; the value is a bool."""
    return through(probe, asking, lambda target: _judge(probe, asking, target))


def _judge(probe: PermissionProbe, asking: Asking, target: Target) -> Judgement:
    if asking.identity is None:
        return "unclear", None, "a permission is somebody's, and this is asked as nobody"
    who, where = asking.identity.id, f"{probe.namespace}/{probe.workload}"
    allowed = target.permitted(who, probe.can, probe.namespace, probe.workload)
    verb = "may" if allowed else "may not"
    return ("yes" if allowed else "denied"), allowed, f"{who} {verb} {probe.can} {where}"
