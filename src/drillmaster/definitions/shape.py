"""What the models allow at a place of a file."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from drillmaster.definitions.positions import Keys


def allowed_keys(model: type[BaseModel], keys: Keys) -> list[str]:
    """The keys that may stand in the mapping at a place, as they are written in files."""
    return [
        field.alias or name
        for found in models_at(model, keys)
        for name, field in found.model_fields.items()
    ]


def models_at(model: type[BaseModel], keys: Keys) -> list[type[BaseModel]]:
    """The models of which one describes the mapping at a place."""
    kinds: list[Any] = [model]
    for key in keys:
        kinds = [deeper for kind in kinds for deeper in _below(kind, key)]
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def alternatives(annotation: Any) -> Iterator[Any]:
    """The kinds of which a value may be one, without what is annotated on them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for kind in get_args(annotation):
            yield from alternatives(kind)
    else:
        yield annotation


def _below(kind: Any, key: str | int) -> Iterator[Any]:
    if get_origin(kind) is list:
        yield from alternatives(get_args(kind)[0])
    elif get_origin(kind) is dict:
        yield from alternatives(get_args(kind)[1])
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if key == (field.alias or name):
                yield from alternatives(field.annotation)
