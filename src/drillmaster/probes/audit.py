"""Did somebody do that? The target's own audit record answers."""

from drillmaster.definitions.probes import AuditProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.through import Judgement, through
from drillmaster.targets.base import ActionRecord, Target


def ask(probe: AuditProbe, asking: Asking) -> Answer:
    """Ask whether it was done, by the identity as which it is asked or else by anybody.

    The value is the id of the first record that shows it.
    """
    return through(probe, asking, lambda target: _judge(probe, asking, target))


def records(target: Target, after: str | None) -> list[ActionRecord]:
    """What people did at the target after the record with that id (None: all), oldest first.

    Raises:
        UnreachableError: the target does not answer.
        GoneError: the target is gone.
    """
    return target.audit(after)


def matches(probe: AuditProbe, record: ActionRecord) -> bool:
    """Whether a record shows that it was done: allowed, succeeded, and as the probe says.

    A parameter that the probe does not name may have any value.
    """
    return (
        record.allowed
        and record.succeeded
        and record.doubt is None
        and is_about(probe, record)
        and all(
            name in record.parameters and record.parameters[name] == value
            for name, value in probe.parameters.items()
        )
    )


def is_about(probe: AuditProbe, record: ActionRecord) -> bool:
    """Whether a record is of this action on this workload, whatever came of it."""
    return (record.action, record.namespace, record.workload) == (
        *(probe.action, probe.namespace),
        probe.workload,
    )


def _judge(probe: AuditProbe, asking: Asking, target: Target) -> Judgement:
    who = None if asking.identity is None else asking.identity.id
    for record in records(target, None):
        if who in (None, record.who) and matches(probe, record):
            detail = f"record {record.id}: {record.who} did {record.action}"
            return Judgement("yes", record.id, detail)
    nothing = f"no record of {probe.action} on {probe.namespace}/{probe.workload}"
    return Judgement("no", None, nothing)
