"""What is the state of this workload? The target answers."""

from drillmaster.definitions.probes import Aspect, StateProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.through import Judgement, through
from drillmaster.targets.base import Target, WorkloadState

_FIELDS: dict[Aspect, str] = {
    "desired-replicas": "desired",
    "ready-replicas": "ready",
    "throttled-share": "throttled_share",
    "added-delay": "added_delay",
    "database": "database",
    "rollout": "rollout",
    "image": "image",
    "cordoned-nodes": "cordoned_nodes",
    "warnings": "warnings",
}


def ask(probe: StateProbe, asking: Asking) -> Answer:
    """Ask for one aspect of a workload; the value is what the target says."""
    return through(probe, asking, lambda target: _judge(probe, target))


def _judge(probe: StateProbe, target: Target) -> Judgement:
    state = target.state(probe.namespace, probe.workload, probe.what)
    if state is None:
        missing = f"there is no workload {probe.workload} in {probe.namespace}"
        return Judgement("unclear", None, missing)
    value = _value(state, probe.what)
    if value is None:
        unknown = f"a {target.kind} target cannot tell the {probe.what} of a workload"
        return Judgement("unclear", None, unknown)
    seen = f"{probe.what} is {_written(value)}"
    if probe.equals is not None:
        return Judgement("yes" if _written(value) == probe.equals else "no", value, seen)
    if isinstance(value, str):
        return Judgement("unclear", value, f"{seen}: a name is compared with `equals` alone")
    return Judgement("yes" if _within(probe, value) else "no", value, seen)


def _value(state: WorkloadState, what: Aspect) -> float | str | None:
    value: float | str | None = getattr(state, _FIELDS[what])
    return value


def _written(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _within(probe: StateProbe, value: float) -> bool:
    if probe.at_least is not None:
        return value >= probe.at_least
    return probe.at_most is not None and value <= probe.at_most
