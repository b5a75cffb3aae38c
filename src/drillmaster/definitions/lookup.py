"""Look-ups: `{{ urls.checkout }}` stands for a value that is known when a drill runs.

A look-up is a name, or a way of names with dots; there are no expressions. What it gives
is put in as it is and not looked at again. In the prose of a runbook, which may quote
templates of other tools, only look-ups that begin with one of our names count.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from drillmaster.definitions.base import Model
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.errors import DefinitionError, Problem, did_you_mean, listed
from drillmaster.definitions.positions import Document, Keys
from drillmaster.definitions.units import shown
from drillmaster.definitions.validate import validate_again

M = TypeVar("M", bound=Model)

HEADS = ("urls", "ports", "person", "environment", "service", "bridge")
"""What a look-up may begin with."""

_LOOKUP = re.compile(r"\{\{\s*([a-z][a-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,8})\s*\}\}")
_OPEN = re.compile(r"\{\{")


def names_in(model: Model) -> frozenset[str]:
    """The names that a model looks up: `urls.checkout`, `person`, …"""
    return frozenset(
        name for text in _texts(model) for name in text.names() if not text.is_foreign(name)
    )


def resolve(
    model: M,
    names: Mapping[str, Any],
    keep: frozenset[str] = frozenset({"person"}),
    document: Document | None = None,
) -> M:
    """A copy of the model in which every look-up is replaced by its value.

    Args:
        model: What may hold look-ups.
        names: Values by name; a mapping for what stands before a dot.
        keep: Names that stay look-ups, because only a later moment knows them.
        document: The file that the model is from, so that an error can name its line.

    Raises:
        DefinitionError: a look-up is no name or has no value, or what it gives does not fit.
    """
    problems = problems_in(model, names, keep, document)
    if problems:
        raise DefinitionError(problems)
    data = model.model_dump(mode="json")
    for text in _texts(model):
        _put(data, text.keys, text.replaced(_known_to(text, model, names), keep))
    return validate_again(type(model), data, document)


def names_for(environment: Environment, service: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """What definitions can look up in an environment whose ports are known, but `person`."""
    names: dict[str, Any] = {
        "ports": ports,
        "environment": environment.name,
        "service": service,
    }
    names["urls"] = {
        name: _Text((), url, prose=False).replaced(names) for name, url in environment.urls.items()
    }
    if environment.bridge is not None:
        names["bridge"] = _Text((), environment.bridge, prose=False).replaced(names)
    return names


def problems_in(
    model: Model,
    names: Mapping[str, Any],
    keep: frozenset[str] = frozenset({"person"}),
    document: Document | None = None,
) -> list[Problem]:
    """What is wrong with the look-ups of a model, given the names that will be there."""
    places = document or Document(None, None, {}, {})
    return [
        places.problem(text.keys, message, hint, rule="look-up")
        for text in _texts(model)
        for message, hint in text.faults(_known_to(text, model, names), keep)
    ]


def malformed_in(model: Model, document: Document) -> list[Problem]:
    """Look-ups of a model that are none in any environment."""
    return [
        document.problem(text.keys, message, hint, rule="look-up")
        for text in _texts(model)
        for message, hint in text.malformed()
    ]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in a model."""

    keys: Keys
    value: str
    prose: bool

    def names(self) -> list[str]:
        return _LOOKUP.findall(self.value)

    def is_foreign(self, name: str) -> bool:
        """Whether a look-up in prose is another tool's."""
        return self.prose and name.partition(".")[0] not in HEADS

    def malformed(self) -> Iterator[tuple[str, str | None]]:
        """What is no look-up anywhere."""
        if not self.prose and _OPEN.search(_LOOKUP.sub("", self.value)):
            yield "between {{ and }} stands a name alone", "write it as {{ urls.NAME }}"
        for name in self.names():
            head = name.partition(".")[0]
            if not self.prose and head not in HEADS:
                hint = did_you_mean(head, HEADS) or f"known here: {listed(HEADS)}"
                yield f"nothing is called {shown(head)}", hint

    def faults(
        self, names: Mapping[str, Any], keep: frozenset[str]
    ) -> Iterator[tuple[str, str | None]]:
        """What is no look-up where these names are known."""
        if not self.prose and _OPEN.search(_LOOKUP.sub("", self.value)):
            yield "between {{ and }} stands a name alone", "write it as {{ urls.NAME }}"
        for name in self.names():
            if not self.is_foreign(name) and name not in keep and _value(name, names) is None:
                yield f"the look-up {shown(name)} has no value", _hint(name, names)

    def replaced(self, names: Mapping[str, Any], keep: frozenset[str] = frozenset()) -> str:
        """The text with values in place of look-ups; one without a value stays."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            known = None if name in keep else _value(name, names)
            return match[0] if known is None else str(known)

        return _LOOKUP.sub(value, self.value)


def _known_to(text: _Text, model: Model, names: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a text can look up: an address cannot look up another address or the bridge,
    because nothing says which of them comes first."""
    if isinstance(model, Environment) and text.keys[0] in ("urls", "bridge"):
        later = {"urls", "bridge"} if text.keys[0] == "urls" else {"bridge"}
        return {name: value for name, value in names.items() if name not in later}
    return names


def _texts(value: Any, keys: Keys = (), *, prose: bool = False) -> Iterator[_Text]:
    if isinstance(value, str):
        if "{{" in value:
            yield _Text(keys, value, prose)
    elif isinstance(value, Model):
        for name, field in type(value).model_fields.items():
            below = (*keys, field.alias or name)
            yield from _texts(getattr(value, name), below, prose=name in value.prose)
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*keys, key))


def _value(name: str, names: Mapping[str, Any]) -> str | int | float | None:
    here: Any = names
    for part in name.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here if isinstance(here, str | int | float) else None


def _hint(name: str, names: Mapping[str, Any]) -> str:
    known = sorted(_leaves(names))
    return did_you_mean(name, known) or f"known here: {listed(known) or 'none'}"


def _leaves(names: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in names.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{before}{name}.")
        elif value is not None:
            yield f"{before}{name}"


def _put(data: Any, keys: Keys, value: str) -> None:
    for key in keys[:-1]:
        data = data[key]
    data[keys[-1]] = value
