"""Which secrets a drill needs, and whether each reference leads to one. None is kept or shown."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drillmaster.definitions.base import REFERENCE_PATTERN, Model
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.environment import WebhookChannel
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.engine.planning.people import paged_people
from drillmaster.errors import InvalidError

Place = tuple[str, str]
"""A reference, and where it stands."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A reference that leads to no secret."""

    why: str
    """With the reference's name, and where it stands."""
    mend: str
    """The command that puts it right."""


def needed(bundle: Bundle) -> Iterator[Place]:
    """The references that a drill needs: of its probes and access checks, of the people as whom
    these are asked, of its target, and of the channels of those who may be paged."""
    environment = bundle.environment
    for part in (bundle.drill, bundle.access, bundle.runbook):
        if part is not None:
            yield from references(part, (part.name,))
    yield from references(environment.target, ("target",))
    people = environment.people
    if bundle.access is not None:
        yield from references(environment.controls, ("controls",))
        for who in environment.holders("secondary"):
            yield from references(people[who].credentials, ("people", who, "credentials"))
    paged = paged_people(bundle.drill, environment)
    names = {contact.channel for who in paged for contact in people[who].contacts}
    for name in sorted(names):
        yield from references(environment.channels[name], ("channels", name))


def references(value: Any, at: tuple[str, ...] = ()) -> Iterator[Place]:
    """All references in a definition."""
    if isinstance(value, Model):
        for name, field in type(value).model_fields.items():
            below, inner = (*at, field.alias or name), getattr(value, name)
            holds = REFERENCE_PATTERN in repr((field.annotation, field.metadata))
            if holds or (isinstance(value, WebhookChannel) and name == "url"):
                yield from _written(inner, below)
            else:
                yield from references(inner, below)
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from references(inner, (*at, str(key)))


def lost(places: Mapping[str, str]) -> list[Lost]:
    """Those of the references, each with where it stands, that lead nowhere."""
    found = []
    for ref, at in places.items():
        try:
            resolve_secret(ref)
        except InvalidError as error:
            why = str(error).removeprefix("the secret ")
            found.append(Lost(f"{why}; needed by {at}", _mend(ref)))
    return found


def _written(value: Any, at: tuple[str, ...]) -> Iterator[Place]:
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
