"""Faults that Chaos Toolkit plays: any activity of it, or a whole experiment.

Drillmaster knows nothing of such a fault, so the drill says how it is seen that it is in
(`present`), what it `affects`, and how it is undone; and the environment says which modules,
programs and hosts may be used there at all.
"""

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from drillmaster.definitions.base import SELECTOR_PATTERN, Model, OneOf, Text, located
from drillmaster.definitions.errors import listed
from drillmaster.definitions.probes import CommandProbe, HttpProbe, SqlProbe, StateProbe
from drillmaster.definitions.units import Duration, Share

SUFFIXES = (".json", ".yaml", ".yml")
"""How the file of an experiment ends."""

MODULE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"


class Allowance(Model):
    """What activities of Chaos Toolkit may use in this environment. Without it: nothing."""

    modules: list[str] = []
    """Python modules whose functions may be called, each with everything below it."""
    programs: list[str] = []
    """Programs that process activities may run, written as the activity writes them."""
    shell: bool = False
    """Let process activities pass their arguments through a shell, as those do whose
    arguments are one text. Off: such an activity is refused."""
    hosts: list[str] = []
    """Hosts that http activities may call; `*` for any."""
    python_path: list[str] = []
    """Folders in which modules are looked for before what is installed; relative ones
    to the drills folder."""


class Sign(OneOf):
    """How something is seen at the target."""

    http: HttpProbe | None = None
    """A page answers so."""
    command: CommandProbe | None = None
    """A program says so."""
    sql: SqlProbe | None = None
    """A database says so."""
    state: StateProbe | None = None
    """A workload is in this state."""


class AffectedPods(Model):
    """Pods that a fault touches."""

    namespace: str = Field(min_length=1)
    """Where the pods live; the environment must allow it."""
    selector: str = Field(pattern=SELECTOR_PATTERN)
    """Labels that a pod must have, as `app=checkout,tier=web`. Never empty."""
    takes_down: Share = 1.0
    """The share of them that the fault may make unavailable at the same time, rounded
    down; it counts against `limits.pods`. All, where nothing is said."""


class Affects(OneOf):
    """What a fault touches, so that its blast radius is known."""

    pods: AffectedPods | None = None
    """Pods of the target. They are counted before the fault is injected."""
    elsewhere: Text | None = None
    """Something that is no pod, in words: `the checkout queue of the staging account`."""

    @property
    def said(self) -> str:
        """What it is, in words."""
        if self.pods is None:
            return str(self.elsewhere)
        return f"the pods {self.pods.selector} in {self.pods.namespace}"


class Call(Model):
    """A function of a Chaos Toolkit extension, or of your own, and its arguments."""

    module: str = Field(pattern=MODULE_PATTERN)
    """The module, such as `chaosaws.ec2.actions`."""
    func: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The function in it."""
    arguments: dict[str, Any] = {}
    """Its arguments, by name."""


class Played(Model):
    """What every fault says that Chaos Toolkit plays."""

    present: Sign
    """Met as long as anything of the fault is in, and not before. What this says is
    believed: a fault that it does not show any more is undone."""
    effect: Sign | None = None
    """Met once the fault has an effect. Where it is left out: `present`."""
    affects: Affects
    """What it touches."""
    for_: Duration | None = Field(None, alias="for")
    """Undo the fault after this long. Without it: when the drill ends."""
    timeout: Duration = 60.0
    """How long its activities, or those of its undo, may take together. One minute by
    default; an experiment with long pauses needs more."""
    self_limiting: Text | None = None
    """For a fault without an undo: why it ends by itself. It is then waited for."""

    @property
    def namespace(self) -> str | None:
        """Where the pods live that it touches; None where it touches none."""
        return self.affects.pods.namespace if self.affects.pods else None

    @property
    def takes_down(self) -> float:
        """The share of the pods that it makes unavailable at the same time, at the most."""
        return self.affects.pods.takes_down if self.affects.pods else 0.0

    @property
    def reach(self) -> str | None:
        """What else it takes away, at the most, in words; None for pods alone."""
        return f"{self.affects.elsewhere} touched" if self.affects.elsewhere else None


class Chaos(Played, Call):
    """Any action of Chaos Toolkit."""

    undo: Call | None = None
    """The action that takes the fault back."""

    @model_validator(mode="after")
    def _undone_somehow(self) -> Self:
        if (self.undo is None) == (self.self_limiting is None):
            raise located("exactly one of undo and self_limiting is needed", "undo")
        return self

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"calls {self.module}.{self.func}, which touches {self.affects.said}"

    @property
    def undone_by(self) -> str:
        """How the fault is taken back, in words."""
        if self.undo is None:
            return f"by itself: {self.self_limiting}"
        return f"{self.undo.module}.{self.undo.func} is called"


class Experiment(Played):
    """A Chaos Toolkit experiment that you have, as it is. Its method is the fault and its
    rollbacks are the undo; its steady-state hypothesis must hold before."""

    file: Text
    """The experiment's file, JSON or YAML, relative to the drill's."""

    @field_validator("file")
    @classmethod
    def _kind(cls, file: str) -> str:
        if not file.endswith(SUFFIXES):
            raise ValueError(f"must end in {listed(SUFFIXES)}")
        return file

    @property
    def does(self) -> str:
        """What the fault does, in words."""
        return f"plays the method of {self.file}, which touches {self.affects.said}"

    @property
    def undone_by(self) -> str:
        """How the fault is taken back, in words."""
        if self.self_limiting is not None:
            return f"by itself: {self.self_limiting}"
        return f"the rollbacks of {self.file} are played"
