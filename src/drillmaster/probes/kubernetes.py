"""May this person do that in the cluster? Its API server answers."""

from drillmaster.definitions.probes import KubernetesProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.permission import AS_NOBODY, judged
from drillmaster.probes.through import Judgement, through
from drillmaster.targets.base import Identity, Permission, Target
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget


def ask(probe: KubernetesProbe, asking: Asking) -> Answer:
    """Ask for the identity as which it is asked; the value is a bool."""
    return through(probe, asking, lambda target: _judge(probe, asking, target))


def _judge(probe: KubernetesProbe, asking: Asking, target: Target) -> Judgement:
    if asking.identity is None:
        return Judgement("unclear", None, AS_NOBODY)
    if not isinstance(target, KubernetesTarget):
        return Judgement("unclear", None, f"a {target.kind} target is no cluster that could tell")
    question = Question(
        verb=probe.verb,
        resource=probe.resource,
        group=probe.group,
        subresource=probe.subresource,
        namespace=probe.namespace,
        name=probe.name,
    )
    told = _told(probe, question, asking.identity, target)
    return judged(told, asking.identity.id, str(question))


def _told(
    probe: KubernetesProbe, question: Question, who: Identity, target: KubernetesTarget
) -> Permission:
    if probe.how == "dry-run":
        return target.dry_runs.attempt(who.id, question)
    if probe.how == "self" and not target.people.is_control(who.id):
        return target.permissions.of_self(who, question)
    return target.permissions.of_all(who.id, [question])
