"""Are the definitions valid: the environment's drills, and all that these need?"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from drillmaster.definitions.advice import UNASKED, warnings
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.files import decode, read_bytes, shown_path
from drillmaster.definitions.kinds import ACCESS, DRILL, RUNBOOK
from drillmaster.definitions.needs import unasked
from drillmaster.definitions.yaml_text import parse
from drillmaster.engine.preflight.row import Row, ok, problem, warning
from drillmaster.engine.preflight.subject import Subject, editing

CHECK = "definitions"

_OF_RUNBOOKS = ("stale-runbook", "dead-link")


class Definitions:
    """The drills of an environment that are valid, and what is wrong with the others."""

    def __init__(self, subject: Subject, drills: Sequence[Bundle] = ()) -> None:
        """Without `drills`: those of the folder that name the environment."""
        self._subject = subject
        self._named = bool(drills)
        self.bundles = list(drills)
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[Row]:
        """Load them all."""
        subject, name = self._subject, self._subject.environment.name
        for kind, path in () if self._named else subject.project.files():
            if kind.name == DRILL.name:
                self._load(path)
        for found in sorted(set(self.problems)):
            yield problem(CHECK, str(found), editing(found.path, found.line))
        if self.bundles:
            drills = ", ".join(bundle.drill.name for bundle in self.bundles)
            yield ok(CHECK, f"valid: {drills}")
        elif not self.problems:
            message = f"no drill is for the environment {name}"
            yield warning(CHECK, message, f"environment: {name}", "a drill's file")
        yield from self._advice(subject.clock.now().date())

    def _load(self, path: Path) -> None:
        name = self._subject.environment.name
        try:
            bundle = self._subject.project.bundle(path)
        except DefinitionError as error:
            if _may_be_for(path, name):
                self.problems += error.problems
        else:
            if bundle.drill.environment == name:
                self.bundles.append(bundle)

    def _advice(self, today: date) -> Iterator[Row]:
        project = self._subject.project
        drills = {bundle.drill.name for bundle in self.bundles}
        runbooks = {bundle.runbook.name for bundle in self.bundles if bundle.runbook}
        ours = {shown_path(project.root / f"{name}{DRILL.suffix}") for name in drills}
        ours |= {
            shown_path(project.root / RUNBOOK.folder / f"{name}{RUNBOOK.suffix}")
            for name in runbooks
        }
        for found in warnings(project, today):
            if found.path not in ours or found.rule == UNASKED:
                continue
            check = "runbooks" if found.rule in _OF_RUNBOOKS else CHECK
            if found.rule == "stale-runbook":
                yield warning(check, found.text, f"reviewed: {today}", found.path)
            else:
                yield warning(check, str(found), editing(found.path, found.line))
        yield from self._unasked()

    def _unasked(self) -> Iterator[Row]:
        """What steps need and no access check asks for: what several drills lack, once."""
        needs = {need: bundle for bundle in reversed(self.bundles) for need in unasked(bundle)}
        for need, bundle in needs.items():
            if need.profile is None:
                file = shown_path(bundle.root / f"{bundle.drill.name}{DRILL.suffix}")
                yield warning("access", f"{bundle.drill.name}: {need.message}", editing(file))
            else:
                file = shown_path(bundle.root / ACCESS.folder / f"{need.profile}{ACCESS.suffix}")
                yield warning("access", need.message, need.check, f"{file}, under checks")


def _may_be_for(path: Path, environment: str) -> bool:
    """Whether a drill that is wrong is for an environment, as far as that can be read."""
    try:
        data = parse(decode(read_bytes(path), path), path).data
    except DefinitionError:
        return True
    if not isinstance(data, dict):
        return True
    if data.get("kind", DRILL.name) != DRILL.name:
        return False
    return bool(data.get("environment", environment) == environment)
