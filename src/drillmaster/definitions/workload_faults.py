"""Faults that change workloads and nodes of a cluster, as they are written in a drill."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from drillmaster.definitions.base import SELECTOR_PATTERN, Name, Text, located
from drillmaster.definitions.placed import Lasting, Scoped
from drillmaster.definitions.units import Duration, count, format_duration

IMAGE = "registry.invalid/drillmaster/does-not-start:drill"
"""An image that nobody has: no name below `.invalid` ever resolves (RFC 2606)."""

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?$")]
"""An amount, as Kubernetes writes it."""


class Scale(Scoped):
    """Give the workloads of the pods another number of replicas: none, or far too many."""

    to: int = Field(ge=0)
    """How many replicas each workload gets. Upwards at most `limits.replicas`."""

    undone_by: ClassVar[str] = "the workloads get the number of replicas back that they had"

    @property
    def takes_down(self) -> float:
        """All: only the target knows how many there are, and how many are too many."""
        return 1.0

    @property
    def reach(self) -> str | None:
        """How many there will be, at the most, in words; None where none is left."""
        return f"{self.selector} scaled to {count(self.to, 'replica')}" if self.to else None

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"scales the workloads of {self.pods} to {count(self.to, 'replica')}"


class BadRelease(Scoped):
    """Roll out an image that cannot start."""

    image: Text = IMAGE
    """The image. By default one that cannot be pulled, because nobody has it."""
    container: Name | None = None
    """Which container gets it. Without it: the only one."""

    undone_by: ClassVar[str] = "the workloads get the image back that they had"

    @property
    def takes_down(self) -> float:
        """All: how many pods a rollout takes down at once, only the workload says."""
        return 1.0

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"rolls {self.image} out to the workloads of {self.pods}"


class ResourceThrottle(Scoped):
    """Give the pods less of a processor, or of memory, than they need."""

    cpu: Quantity | None = None
    """The processors that a pod gets at the most, such as `50m` (a twentieth of one)."""
    memory: Quantity | None = None
    """The memory that a pod gets at the most, such as `64Mi`."""
    container: Name | None = None
    """Which container is limited. Without it: the only one."""

    undone_by: ClassVar[str] = "the workloads get the limits back that they had"

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.limits:
            raise located("at least one of cpu and memory is needed")
        return self

    @property
    def limits(self) -> dict[str, str]:
        """The limits, by resource."""
        given = {"cpu": self.cpu, "memory": self.memory}
        return {what: limit for what, limit in given.items() if limit is not None}

    @property
    def takes_down(self) -> float:
        """All: how many pods a rollout takes down at once, only the workload says."""
        return 1.0

    @property
    def reach(self) -> str:
        """What it takes away, in words."""
        return f"{self.selector} limited to {self._amounts}"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"limits the workloads of {self.pods} to {self._amounts}"

    @property
    def _amounts(self) -> str:
        return " and ".join(f"{limit} {what}" for what, limit in self.limits.items())


class NodeDrain(Lasting):
    """Drain nodes, as an upgrade of the cluster does."""

    nodes: str = Field(pattern=SELECTOR_PATTERN)
    """Labels that a node must have, as `pool=staging`. Each such node must say that it may be
    drained, by the label `drillmaster.dev/drillable: "true"`."""
    count: int = Field(1, ge=1)
    """How many of them are drained at the same time, by name."""
    every: Duration | None = None
    """Drain the next ones after this long, and let the former ones take pods again. Without it:
    the first ones alone."""
    give_up: Duration = 30.0
    """How long a PodDisruptionBudget may hold a drain up before the fault fails. Half a minute:
    a typical pod is back by then, and lets the next one go."""

    undone_by: ClassVar[str] = "the nodes take pods again"

    @property
    def takes_down(self) -> float:
        """All: which pods are on the nodes, only the target knows."""
        return 1.0

    @property
    def reach(self) -> str:
        """What it takes away, in words."""
        return f"{count(self.count, 'node')} drained"

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        then = "" if self.every is None else f", the next every {format_duration(self.every)}"
        return f"drains {self.count} of the nodes {self.nodes}{then}"
