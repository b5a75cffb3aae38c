"""Pods that keep dying."""

from dataclasses import replace

from drillmaster.definitions.faults import PodChurn
from drillmaster.faults import shares
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.faults.marked import Marked, sandbox_of
from drillmaster.targets.base import Target
from drillmaster.targets.sandbox import SandboxMark, SandboxTarget


class SandboxPodChurn(Marked[PodChurn]):
    """Kills a share of the sandbox's pods in each round. The workload brings them back by
    itself, so the undo ends the killing and has nothing to bring back."""

    model = PodChurn

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch."""
        radius = super().radius(fault, target)
        share = self.spec(fault).kill
        return replace(radius, takes_down=shares.of(share, radius.selected))

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        """Kill the share, oldest pods first and none that is not ready: it is down already."""
        super().inject(fault, target, round_)
        pods = self.selected(fault, target)
        most = shares.of(self.spec(fault).kill, len(pods))
        doomed = [pod.name for pod in pods if pod.ready][:most]
        return Injected(sandbox_of(target).kill(fault.id, doomed))

    def seen(self, spec: PodChurn, mark: SandboxMark, sandbox: SandboxTarget) -> str | None:
        """The pods that were killed and are gone."""
        there = {pod.name for pod in sandbox.pods(spec.namespace, {})}
        gone = [name for name in mark.effects.killed if name not in there]
        return f"gone: {', '.join(gone)}" if gone else None
