"""The kinds of definition: the folder and the model of each."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.base import Definition
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.runbook import Runbook

D_co = TypeVar("D_co", bound=Definition, covariant=True)


@dataclass(frozen=True, slots=True)
class Kind(Generic[D_co]):
    """A kind of definition."""

    name: str
    """As `kind:` says it."""
    said: str
    """With its article, for messages."""
    model: type[D_co]
    folder: str = ""
    """Below the drills folder; empty for drills, which lie on top."""
    suffix: str = ".yaml"

    @property
    def home(self) -> str:
        """Where files of this kind belong, for messages."""
        return f"the folder {self.folder}/" if self.folder else "the drills folder itself"


DRILL = Kind("drill", "a drill", Drill)
ENVIRONMENT = Kind("environment", "an environment", Environment, "environments")
ACCESS = Kind("access", "an access profile", AccessProfile, "access")
RUNBOOK = Kind("runbook", "a runbook", Runbook, "runbooks", ".md")

KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in (DRILL, ENVIRONMENT, ACCESS, RUNBOOK)}
"""All kinds, by name."""
