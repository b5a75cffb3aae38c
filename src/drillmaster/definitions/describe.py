"""What a field means and what it is by default, read when somebody asks for it.

pydantic can read these texts as a class is made, but that parses every source file on
every start of every command. Only schemas and the reference need them.
"""

import ast
import inspect
import sys
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue


def describe(schema: JsonSchemaValue, model: type[BaseModel]) -> None:
    """Give the properties of a model's JSON Schema their texts, and defaults as written."""
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        shape = schema["properties"][field.alias or name]
        shape["description"] = docs.get(name, "")
        if "default" in shape:
            shape["default"] = written_default(field)


def written_default(field: FieldInfo) -> Any:
    """The default of a field as it would stand in a file: `5m` rather than 300."""
    kind = TypeAdapter(field.rebuild_annotation())
    return kind.dump_python(field.get_default(call_default_factory=False), mode="json")


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """What stands under each field of a model and of the models it extends, on one line."""
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        docs |= _module_docs(cls.__module__).get(cls.__qualname__, {})
    return {name: text for name, text in docs.items() if name in model.model_fields}


@lru_cache
def _module_docs(module: str) -> dict[str, dict[str, str]]:
    """Field texts by class, of a module of this package."""
    if not module.startswith("drillmaster."):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {
        node.name: dict(_texts(node.body)) for node in tree.body if isinstance(node, ast.ClassDef)
    }


def _texts(body: list[ast.stmt]) -> list[tuple[str, str]]:
    return [
        (field.target.id, " ".join(text.value.value.split()))
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    ]
