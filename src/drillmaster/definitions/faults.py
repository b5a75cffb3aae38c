"""Faults, as they are written in a drill; `faults/` carries them out.

A fault here names no kind of target: the registry of `faults/` has an entry for
each fault on each kind of target. The radius of a fault is given by a namespace and mostly
a selector; neither has a default, because an empty selector would select all.
"""

from typing import ClassVar, Literal

from pydantic import Field

from drillmaster.definitions.base import Model, Name, OneOf
from drillmaster.definitions.chaos import Chaos, Experiment
from drillmaster.definitions.object_faults import ConfigBreak, NetworkCut, QuotaExhaustion
from drillmaster.definitions.placed import Scoped
from drillmaster.definitions.units import Duration, Share, format_duration, format_share
from drillmaster.definitions.workload_faults import BadRelease, NodeDrain, ResourceThrottle, Scale


class PodChurn(Scoped):
    """Kill a share of the pods, again and again."""

    kill: Share
    """The share of the selected pods to kill in each round, rounded down. On a cluster: of each
    workload's selected pods, so that a small one does not pay for a large one."""
    every: Duration = 20.0
    """The time from one round to the next. 20 s lets a typical pod come back between."""
    by: Literal["eviction", "deletion"] = "eviction"
    """How a cluster's pods are killed. `eviction`: as a drain does it, so that a
    PodDisruptionBudget can say no. `deletion`: as `kubectl delete` does it."""
    disruption_budgets: Literal["honour", "ignore"] = "honour"
    """Whether a deletion leaves a PodDisruptionBudget what it asks for. `ignore` needs an
    environment whose target says so as well."""

    undone_by: ClassVar[str] = "no further pod is killed, and the killed ones come back"

    @property
    def takes_down(self) -> float:
        """The share of the pods that it makes unavailable at the same time, at the most."""
        return self.kill

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        every = format_duration(self.every)
        return f"kills {format_share(self.kill)} of {self.pods} every {every}"


class Throttle(Scoped):
    """Answer a share of the requests with 429."""

    share: Share
    """The share of requests that are refused."""

    undone_by: ClassVar[str] = "the throttle is lifted"

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{format_share(self.share)} of the requests refused"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"answers {format_share(self.share)} of the requests to {self.pods} with 429"


class Latency(Scoped):
    """Delay a share of the requests."""

    delay: Duration
    """How long such a request is held."""
    share: Share = 1.0
    """The share of requests that are delayed. 100% by default."""

    undone_by: ClassVar[str] = "the delay is taken away"

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{format_share(self.share)} of the requests {format_duration(self.delay)} late"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        delay = format_duration(self.delay)
        return f"delays {format_share(self.share)} of the requests to {self.pods} by {delay}"


class UnreachableDependency(Scoped):
    """Cut the connections from the selected pods to something that they need."""

    dependency: Name
    """What is cut, by the name that the environment's target gives it, such as
    `database-primary`."""

    undone_by: ClassVar[str] = "the connections are let through again"

    @property
    def reach(self) -> str:
        """What it takes away, at the most, in words."""
        return f"{self.dependency} cut off"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"cuts {self.pods} off from {self.dependency}"


class UnreachablePrimary(Model):
    """The primary on-call does not answer. The on-call provider carries it out, on the
    synthetic incident alone: no schedule is overridden and no person is muted."""

    by: Literal["drill-policy", "briefed"]
    """`drill-policy`: the first level of a drill-only escalation policy rings nobody.
    `briefed`: the primary is paged and agreed to stay silent."""

    undone_by: ClassVar[str] = "the synthetic incident is resolved"
    takes_down: ClassVar[float] = 0.0
    reach: ClassVar[str | None] = None

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        if self.by == "briefed":
            return "the primary is paged, and agreed to stay silent"
        return "the first level of the synthetic incident rings nobody"


class Fault(OneOf):
    """One fault of a drill, and when it starts."""

    common: ClassVar[frozenset[str]] = frozenset({"name", "after"})

    name: Name | None = None
    """Its name within the drill; the fault's kind where it is left out."""
    after: Duration | Name | None = None
    """When it starts: so long after the drill's first faults, or once the named fault is
    in. Without it: at once, together with the others."""
    pod_churn: PodChurn | None = Field(None, alias="pod-churn")
    """Pods keep dying."""
    throttle: Throttle | None = None
    """Requests are refused with 429."""
    latency: Latency | None = None
    """Requests are slow."""
    unreachable_dependency: UnreachableDependency | None = Field(
        None, alias="unreachable-dependency"
    )
    """A dependency cannot be reached."""
    scale: Scale | None = None
    """A workload has no pod left, or far too many."""
    bad_release: BadRelease | None = Field(None, alias="bad-release")
    """A release cannot start."""
    resource_throttle: ResourceThrottle | None = Field(None, alias="resource-throttle")
    """A workload gets too little of a processor, or of memory."""
    node_drain: NodeDrain | None = Field(None, alias="node-drain")
    """Nodes are drained."""
    network_cut: NetworkCut | None = Field(None, alias="network-cut")
    """No traffic gets through to pods, or from them."""
    config_break: ConfigBreak | None = Field(None, alias="config-break")
    """A value of a Secret or ConfigMap is gone, or a certificate in it has expired."""
    quota_exhaustion: QuotaExhaustion | None = Field(None, alias="quota-exhaustion")
    """A namespace admits no more pods."""
    unreachable_primary: UnreachablePrimary | None = Field(None, alias="unreachable-primary")
    """The primary on-call cannot be reached."""
    chaos: Chaos | None = None
    """Any action of Chaos Toolkit."""
    experiment: Experiment | None = None
    """A Chaos Toolkit experiment that you have."""

    @property
    def id(self) -> str:
        """What the fault is called within the drill."""
        return self.name or self.kind
