"""A drill with all that it needs, and whether the parts fit together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.allowance import refused_calls, refused_providers
from drillmaster.definitions.base import Definition
from drillmaster.definitions.chaos import Allowance, Experiment
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, Problem, did_you_mean, listed
from drillmaster.definitions.experiment import ReadExperiment, read_experiment
from drillmaster.definitions.kinds import ACCESS, ENVIRONMENT, RUNBOOK, Kind
from drillmaster.definitions.load import Loaded, lookable
from drillmaster.definitions.lookup import names_for, problems_in, resolve
from drillmaster.definitions.places import unknown_places
from drillmaster.definitions.positions import Document, Keys
from drillmaster.definitions.runbook import Runbook
from drillmaster.definitions.shelf import Shelf

D = TypeVar("D", bound=Definition)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A drill with all that it needs."""

    drill: Drill
    environment: Environment
    access: AccessProfile | None
    runbook: Runbook | None
    root: Path
    """The drills folder."""
    experiments: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """The Chaos Toolkit experiments that faults play, by the file that the drill names."""

    def resolved(self, ports: Mapping[str, int]) -> "Bundle":
        """The same with every look-up but `person` replaced, now that the ports are known.

        Raises:
            DefinitionError: a look-up has no value, or what it gives does not fit.
        """
        names = names_for(self.environment, self.drill.service, ports)
        return replace(
            self,
            drill=resolve(self.drill, names),
            environment=resolve(self.environment, names),
            access=self.access and resolve(self.access, names),
            runbook=self.runbook and resolve(self.runbook, names),
        )


def gather(shelf: Shelf, drill: Loaded[Drill], environment: str | None = None) -> Bundle:
    """A drill with what it names.

    Args:
        shelf: Where the other parts lie.
        drill: The drill.
        environment: The name of the environment, in place of the drill's own.

    Raises:
        InvalidError: there is no environment of the name that replaces the drill's own.
        DefinitionError: a part is missing or wrong, or the parts do not fit together.
    """
    gathering = _Gathering(shelf, drill)
    where = shelf.get(ENVIRONMENT, environment) if environment else gathering.part(ENVIRONMENT)
    access, runbook = gathering.part(ACCESS), gathering.part(RUNBOOK)
    experiments = gathering.experiments()
    if where is not None:
        gathering.fit(where, [where, drill, access, runbook])
        gathering.fit_places(where.model)
        gathering.fit_alert(where.model)
        gathering.fit_chaos(where.model, experiments)
    if runbook is not None:
        gathering.fit_runbook(runbook.model)
    if gathering.problems or where is None:
        raise DefinitionError(gathering.problems)
    return Bundle(
        drill.model,
        where.model,
        access.model if access else None,
        runbook.model if runbook else None,
        shelf.root,
        {file: experiment.data for file, experiment in experiments.items()},
    )


class _Gathering:
    """The parts of one drill, and the problems found on the way."""

    def __init__(self, shelf: Shelf, drill: Loaded[Drill]) -> None:
        self._shelf, self._drill = shelf, drill
        self.problems: list[Problem] = []

    def part(self, kind: Kind[D]) -> Loaded[D] | None:
        """What the drill names under the kind's own key, where it names one."""
        name = getattr(self._drill.model, kind.name)
        if name is None:
            return None
        if name not in self._shelf.names(kind):
            self._wrong((kind.name,), *self._shelf.unknown(kind, name))
            return None
        try:
            return self._shelf.get(kind, name)
        except DefinitionError as error:
            self.problems += error.problems
            return None

    def experiments(self) -> dict[str, ReadExperiment]:
        """The experiments that the drill's faults play, by the file as the drill names it."""
        found = {}
        for keys, fault in self._experiment_faults():
            try:
                found[fault.file] = read_experiment(_beside(self._drill.document, fault.file))
            except DefinitionError as error:
                self.problems += error.problems
                continue
            if not found[fault.file].data["rollbacks"] and fault.self_limiting is None:
                self._wrong(keys, f"{fault.file} has no rollbacks", "say why it is self_limiting")
        return found

    def fit_alert(self, where: Environment) -> None:
        """Whether something in the environment raises the alert that the drill waits for."""
        if self._drill.model.escalation.page == "by-alert":
            keys = ("escalation", "page")
            message = f"the on-call provider {where.oncall.provider} hears of no alert"
            self._wrong(keys, message, "use when-effective or immediately")

    def fit_places(self, where: Environment) -> None:
        """Whether the target has what the faults name."""
        for keys, message, hint in unknown_places(self._drill.model, where.target):
            self._wrong(keys, message, hint)

    def fit_chaos(self, where: Environment, experiments: Mapping[str, ReadExperiment]) -> None:
        """Whether the environment allows what Chaos Toolkit would call."""
        allowance = where.chaos or Allowance()
        for number, fault in enumerate(self._drill.model.faults):
            if fault.chaos is not None:
                for keys, message, hint in refused_calls(fault.chaos, allowance):
                    self._wrong(("faults", number, "chaos", *keys), message, hint)
        for experiment in experiments.values():
            for keys, message, hint in refused_providers(experiment.providers(), allowance):
                self.problems.append(
                    experiment.document.problem(keys, message, hint, rule="reference")
                )

    def _experiment_faults(self) -> Iterator[tuple[Keys, Experiment]]:
        for number, fault in enumerate(self._drill.model.faults):
            if fault.experiment is not None:
                yield ("faults", number, "experiment", "file"), fault.experiment

    def fit(self, where: Loaded[Environment], parts: Iterable[Loaded[Any] | None]) -> None:
        """Whether the environment knows the service, and all that the parts look up."""
        service, services = self._drill.model.service, where.model.services
        if services and service not in services:
            hint = did_you_mean(service, services) or f"it lists {listed(services)}"
            message = f"{where.model.name} does not list the service {service!r}"
            self._wrong(("service",), message, hint)
        names = lookable(where.model, service)
        for part in filter(None, parts):
            self.problems += problems_in(part.model, names, document=part.document)

    def fit_runbook(self, runbook: Runbook) -> None:
        """Whether the runbook is for the service."""
        service = self._drill.model.service
        if runbook.service != service:
            message = f"{runbook.name} is for the service {runbook.service!r}"
            self._wrong(("runbook",), message, f"this drill is for {service!r}")

    def _wrong(self, keys: Keys, message: str, hint: str) -> None:
        problem = self._drill.document.problem(keys, message, hint, rule="reference")
        self.problems.append(problem)


def _beside(document: Document, file: str) -> Path:
    return (document.path.parent if document.path else Path()) / file
