"""Loading one file: text, data, model, and what must hold for the file by itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from drillmaster.definitions.base import Definition
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, did_you_mean
from drillmaster.definitions.files import decode, read_bytes, shown_path
from drillmaster.definitions.kinds import KINDS, RUNBOOK, Kind
from drillmaster.definitions.lookup import malformed_in, names_for, problems_in
from drillmaster.definitions.positions import Document
from drillmaster.definitions.runbook_file import load_runbook
from drillmaster.definitions.units import shown
from drillmaster.definitions.validate import validate
from drillmaster.definitions.yaml_text import parse

D = TypeVar("D", bound=Definition)

PORTS: dict[str, dict[str, int]] = {"sandbox": {"proxy": 0, "admin": 0}, "kubernetes": {}}
"""The ports that each kind of target has. Their numbers are known when it runs."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[D]):
    """A definition, and where each part of it stands."""

    model: D
    document: Document


def load(kind: Kind[D], path: Path) -> Loaded[D]:
    """The definition in a file.

    Raises:
        DefinitionError: the file is no definition of this kind; every problem with its place.
    """
    if kind.name == RUNBOOK.name:
        runbook, document = load_runbook(path)
        model = cast("D", runbook)
    else:
        document = parse(decode(read_bytes(path), path), path)
        _refuse_other_kind(document, kind)
        model = validate(document, kind.model)
        _refuse_other_name(document, model, path)
    problems = malformed_in(model, document)
    if isinstance(model, Environment) and not problems:
        problems = problems_in(model, lookable(model, "any"), document=document)
    if problems:
        raise DefinitionError(problems)
    return Loaded(model, document)


def lookable(environment: Environment, service: str) -> dict[str, Any]:
    """What definitions will be able to look up in an environment, with stand-ins for ports."""
    return names_for(environment, service, PORTS[environment.target.kind])


def _refuse_other_kind(document: Document, kind: Kind[Any]) -> None:
    """A definition in the folder of another kind has one problem, not one for each key."""
    given = document.data.get("kind") if isinstance(document.data, dict) else None
    other = KINDS.get(given) if isinstance(given, str) else None
    if other and other.name != kind.name:
        message, hint = f"is {other.said}, not {kind.said}", f"it belongs in {other.home}"
        raise DefinitionError([document.problem(("kind",), message, hint, rule="placement")])


def _refuse_other_name(document: Document, model: Definition, path: Path) -> None:
    if model.name != path.stem:
        called = shown_path(Path(path.name))
        message = f"the file is called {called}, so its name is {shown(path.stem)}"
        hint = did_you_mean(model.name, [path.stem])
        raise DefinitionError([document.problem(("name",), message, hint, rule="placement")])
