"""The staging itself: one workload, its replicas, its databases and what ails it."""

from dataclasses import asdict, dataclass
from typing import Any

from drillmaster.clock import SteadyClock
from drillmaster.sandbox.fleet import Fleet
from drillmaster.sandbox.given import Settings
from drillmaster.sandbox.marks import Mark, Marks, Order
from drillmaster.sandbox.relay import PRIMARY, STANDBY, Relay


@dataclass(frozen=True, slots=True)
class StopMark:
    """Somebody has stopped drills here."""

    by: str
    why: str
    since: str


class Staging:
    """The workload, and everything that can be done to it."""

    def __init__(self, settings: Settings, fleet: Fleet, relay: Relay) -> None:
        self.settings = settings
        self.fleet = fleet
        self.relay = relay
        self.marks = Marks(SteadyClock(settings.anchor))
        self.scaled_by: str | None = None
        """Who changed the number of replicas last."""
        self.stop: StopMark | None = None
        """Nobody may drill here while it is set."""

    def has(self, namespace: str, workload: str) -> bool:
        """Whether there is such a workload."""
        return (namespace, workload) == (self.settings.namespace, self.settings.workload)

    def as_data(self) -> dict[str, Any]:
        """The state, as the API shows it."""
        settings, fleet, marks = self.settings, self.fleet, self.marks
        workload = {
            "labels": settings.labels,
            "desired": fleet.desired,
            "ready": len(fleet.ready),
            "throttled_share": marks.throttled_share,
            "added_delay": marks.added_delay,
            "database": self.relay.state,
            "rollout": fleet.rollout,
            "pods": [
                {"name": pod.name, "pid": pod.child.pid if pod.child else None, "ready": pod.ready}
                for pod in fleet.pods
            ],
        }
        return {
            "drillable": True,
            "disposable": True,
            "stopped": asdict(self.stop) if self.stop else None,
            "namespace": settings.namespace,
            "workloads": {settings.workload: workload},
        }

    async def put(self, fault: str, order: Order) -> bool:
        """Bring a fault in; False when it is in already. Raises UndoneError."""
        new = self.marks.put(fault, order, self.fleet.desired)
        await self.relay.apply(self.marks.cut)
        return new

    async def undo(self, fault: str, by: str | None) -> tuple[bool, str | None]:
        """Take a fault out; whether it was in force, and what somebody else changed."""
        done = self.marks.undo(fault, self._scaled_since, by)
        await self.relay.apply(self.marks.cut)
        return done

    async def kill(self, mark: Mark, names: list[str]) -> list[str]:
        """Kill replicas for a fault; the names of those that ran."""
        killed = await self.fleet.kill(names)
        mark.killed += killed
        return killed

    def scale(self, who: str, replicas: int) -> None:
        """Have so many replicas from now on."""
        self.scaled_by = who
        self.fleet.scale(replicas)

    def lift_throttle(self, who: str) -> list[str]:
        """Take every throttle away; the ids of those that were in force."""
        return self._lift(self.marks.in_force("throttle"), f"lifted by {who} meanwhile")

    def lift_latency(self, who: str) -> list[str]:
        """Take every latency away; the ids of those that were in force."""
        return self._lift(self.marks.in_force("latency"), f"lifted by {who} meanwhile")

    async def fail_over(self, who: str) -> None:
        """Use the standby from now on; what cut the primary is thereby lifted."""
        cuts = self.marks.in_force("unreachable-dependency")
        of_primary = [mark for mark in cuts if mark.order.dependency == PRIMARY]
        self._lift(of_primary, f"failed over to the standby by {who} meanwhile")
        await self.relay.apply(self.marks.cut, current=STANDBY)

    def _lift(self, marks: list[Mark], how: str) -> list[str]:
        self.marks.lift(marks, how)
        return [mark.id for mark in marks]

    def _scaled_since(self, mark: Mark) -> str | None:
        """The number of replicas that somebody changed while pods were being killed."""
        if mark.order.kind != "pod-churn" or mark.desired == self.fleet.desired:
            return None
        return f"scaled from {mark.desired} to {self.fleet.desired} by {self.scaled_by} meanwhile"
