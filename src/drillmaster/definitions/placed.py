"""What the faults on a target have in common: how long they last, and where they are."""

from typing import ClassVar

from pydantic import Field

from drillmaster.definitions.base import SELECTOR_PATTERN, Model
from drillmaster.definitions.chaos import Sign
from drillmaster.definitions.units import Duration


class Lasting(Model):
    """How long a fault lasts, and how its effect is seen."""

    for_: Duration | None = Field(None, alias="for")
    """Undo the fault after this long. Without it: when the drill ends."""
    effect: Sign | None = None
    """How it is seen that the fault has an effect: met while it is in, and not before, or the
    drill is refused. Without it: what the target itself shows of it."""

    undone_by: ClassVar[str] = ""
    """How the fault is taken back, in words."""

    @property
    def takes_down(self) -> float:
        """The share of the pods that it makes unavailable at the same time, at the most."""
        return 0.0

    @property
    def reach(self) -> str | None:
        """What else it takes away, at the most, in words; None for pods alone."""
        return None

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        raise NotImplementedError


class Placed(Lasting):
    """A fault in one namespace."""

    namespace: str = Field(min_length=1)
    """Where it is; the environment must allow it."""


class Scoped(Placed):
    """A fault that touches the pods of a selector."""

    selector: str = Field(pattern=SELECTOR_PATTERN)
    """Labels that a pod must have, as `app=checkout,tier=web`. Never empty."""

    @property
    def pods(self) -> str:
        """The pods that it touches, in words."""
        return f"the pods {self.selector} in {self.namespace}"
