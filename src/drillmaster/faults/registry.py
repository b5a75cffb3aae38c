"""Which fault can be injected on which kind of target: one line each.

`unreachable-primary` is not here: the on-call provider carries it out, and nothing at
the target changes.
"""

from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from drillmaster.errors import DrillmasterError, ExitCode, InvalidError
from drillmaster.faults.base import FaultKind, Injection
from drillmaster.faults.chaostoolkit.kind import PlayedFault
from drillmaster.faults.dependency import SandboxUnreachableDependency
from drillmaster.faults.kubernetes.churn import PodChurnOnKubernetes
from drillmaster.faults.kubernetes.config import ConfigBreakOnKubernetes
from drillmaster.faults.kubernetes.dependency import UnreachableDependencyOnKubernetes
from drillmaster.faults.kubernetes.drain import NodeDrainOnKubernetes
from drillmaster.faults.kubernetes.network import NetworkCutOnKubernetes
from drillmaster.faults.kubernetes.quota import QuotaExhaustionOnKubernetes
from drillmaster.faults.kubernetes.release import BadReleaseOnKubernetes
from drillmaster.faults.kubernetes.scale import ScaleOnKubernetes
from drillmaster.faults.kubernetes.throttle import ResourceThrottleOnKubernetes
from drillmaster.faults.kubernetes.traffic import LatencyOnKubernetes, ThrottleOnKubernetes
from drillmaster.faults.pods import SandboxPodChurn
from drillmaster.faults.traffic import SandboxLatency, SandboxThrottle
from drillmaster.targets.base import Mark, Target

KINDS: dict[tuple[str, str], FaultKind] = {
    ("pod-churn", "sandbox"): SandboxPodChurn(),
    ("pod-churn", "kubernetes"): PodChurnOnKubernetes(),
    ("scale", "kubernetes"): ScaleOnKubernetes(),
    ("bad-release", "kubernetes"): BadReleaseOnKubernetes(),
    ("resource-throttle", "kubernetes"): ResourceThrottleOnKubernetes(),
    ("node-drain", "kubernetes"): NodeDrainOnKubernetes(),
    ("throttle", "sandbox"): SandboxThrottle(),
    ("latency", "sandbox"): SandboxLatency(),
    ("unreachable-dependency", "sandbox"): SandboxUnreachableDependency(),
    ("unreachable-dependency", "kubernetes"): UnreachableDependencyOnKubernetes(),
    ("throttle", "kubernetes"): ThrottleOnKubernetes(),
    ("latency", "kubernetes"): LatencyOnKubernetes(),
    ("network-cut", "kubernetes"): NetworkCutOnKubernetes(),
    ("config-break", "kubernetes"): ConfigBreakOnKubernetes(),
    ("quota-exhaustion", "kubernetes"): QuotaExhaustionOnKubernetes(),
}
"""What comes with Drillmaster, by fault and kind of target."""

ANYWHERE: dict[str, FaultKind] = {
    "chaos": PlayedFault(in_parts=False),
    "experiment": PlayedFault(in_parts=True),
}
"""Faults that work on every kind of target."""

GROUP = "drillmaster.faults"
"""Entry points of others. Each is named `FAULT@TARGET`, as `disk-full@kubernetes`, and
leads to a `FaultKind`."""


def kind_of(kind: str, target: str) -> FaultKind:
    """What carries out a fault on a kind of target.

    Raises:
        InvalidError: there is no such fault there, or what an entry point names cannot
            be loaded.
    """
    if found := KINDS.get((kind, target)) or ANYWHERE.get(kind):
        return found
    if plugged := _plugged().get((kind, target)):
        return _loaded(plugged)
    known = sorted([*ANYWHERE, *(fault for fault, on in [*KINDS, *_plugged()] if on == target)])
    close = get_close_matches(kind, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(known) or 'none'}"
    raise InvalidError(f"there is no fault {kind} on a target of kind {target}; {hint}")


class MarkError(DrillmasterError):
    """A mark at a target that is not obeyed: it may be anybody's."""

    exit_code = ExitCode.STUCK


def injection_of(mark: Mark, target: Target) -> Injection:
    """The fault that a mark at a target stands for, where it may be obeyed: of a kind that
    comes with Drillmaster for this kind of target, and as that kind would mark.

    Raises:
        MarkError: it may not; nothing of what it says was done.
    """
    kind = KINDS.get((mark.kind, target.kind))
    why = (
        f"there is no fault {mark.kind} that marks a target of kind {target.kind}"
        if kind is None
        else kind.doubt(mark)
    )
    if why is not None:
        raise MarkError(f"a mark that cannot be obeyed: {why}")
    return Injection.of_mark(mark)


@cache
def _plugged() -> dict[tuple[str, str], EntryPoint]:
    named = {}
    for point in entry_points(group=GROUP):
        kind, _, target = point.name.partition("@")
        named[kind, target] = point
    return named


@cache
def _loaded(point: EntryPoint) -> FaultKind:
    try:
        kind: FaultKind = point.load()
    except Exception as error:
        why = f"{point.value} cannot be loaded ({type(error).__name__})"
        raise InvalidError(f"fault {point.name}: {why}") from error
    return kind
