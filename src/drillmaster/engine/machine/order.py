"""What a runner is told: the machine side of a drill, as data.

It comes over the pipe that also stops the runner, so that no secret of the store or the
target stands in a process argument or an environment.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from drillmaster.clock import Anchor
from drillmaster.faults.base import Injection

SAYS = "drillmaster: "
"""How the line begins in which a runner says why it ended."""


class PlannedFault(BaseModel):
    """A fault, its rhythm and its turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    injection: Injection
    after: float | str | None
    """Seconds after the first faults, or the name of the fault that must be in before."""
    every: float | None
    """Seconds from one round to the next; None for a fault of one round."""
    lasts: float | None
    """Seconds from the first round to its undo; None: as long as the drill."""


class RunnerOrder(BaseModel):
    """All that a runner knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    run: str
    fence: int
    database: str
    anchor: Anchor
    target: dict[str, Any]
    faults: list[PlannedFault]
    pods: float
    """The largest share of the pods that may be unavailable at the same time."""
    request: float
    """Seconds that one request to the target may take."""
