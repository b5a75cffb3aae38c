"""Does every reference to a secret lead to one? None is shown."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from drillmaster.definitions.base import REFERENCE_PATTERN, Model
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.environment import WebhookChannel
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.engine.preflight.row import Row, ok, problem
from drillmaster.engine.preflight.subject import Subject
from drillmaster.errors import InvalidError

CHECK = "secrets"


def rows(subject: Subject, bundles: Iterable[Bundle]) -> Iterator[Row]:
    """Resolve each, and forget it."""
    places: dict[str, str] = {}
    for ref, at in _everywhere(subject, bundles):
        places.setdefault(ref, at)
    good = 0
    for ref, at in places.items():
        try:
            resolve_secret(ref)
        except InvalidError as error:
            why = str(error).removeprefix("the secret ")
            yield problem(CHECK, f"{why}; needed by {at}", _mend(ref))
        else:
            good += 1
    if good or not places:
        found = f"{good} of {len(places)} are there" if places else "no definition needs one"
        yield ok(CHECK, found)


def _everywhere(subject: Subject, bundles: Iterable[Bundle]) -> Iterator[tuple[str, str]]:
    yield from _in(subject.environment, ())
    for bundle in bundles:
        for part in (bundle.drill, bundle.access, bundle.runbook):
            if part is not None:
                yield from _in(part, (part.name,))


def _in(value: Any, at: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The references in a definition, each with where it stands."""
    if isinstance(value, Model):
        for name, field in type(value).model_fields.items():
            below, inner = (*at, field.alias or name), getattr(value, name)
            holds = REFERENCE_PATTERN in repr((field.annotation, field.metadata))
            if holds or (isinstance(value, WebhookChannel) and name == "url"):
                yield from _references(inner, below)
            else:
                yield from _in(inner, below)
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _in(inner, (*at, str(key)))


def _references(value: Any, at: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for ref in value.values() if isinstance(value, dict) else [value]:
        if isinstance(ref, str) and re.match(REFERENCE_PATTERN, ref):
            yield ref, ".".join(at)


def _mend(ref: str) -> str:
    kind, _, name = ref.partition(":")
    if kind == "env":
        return f"read -rs {name} && export {name}"
    if Path(name).exists() and not os.access(name, os.R_OK):
        return f"chmod u+r {shlex.quote(name)}"
    return f"install -m 600 /dev/stdin {shlex.quote(name)}"
