"""The reference of all kinds, written from the models.

`python -m drillmaster.definitions.reference docs/definitions.md` writes it into a
page. A page holds prose, and marks where a table or an example belongs:

    <!-- fields: drill -->          tables of a kind and of all that is in it
    <!-- example: drills/x.yaml --> a file below the page's folder `examples`
    <!-- end -->

What stands between a mark and its end is written anew.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from drillmaster.definitions.base import Model, Name, OneOf, SecretRef, Text
from drillmaster.definitions.describe import field_docs, written_default
from drillmaster.definitions.errors import listed
from drillmaster.definitions.kinds import KINDS, RUNBOOK
from drillmaster.definitions.probes import Action
from drillmaster.definitions.runbook import RunbookHead, StepBlock
from drillmaster.definitions.shape import alternatives
from drillmaster.definitions.simulation import BEHAVIOURS, Simulation
from drillmaster.definitions.units import Day, Duration, Share
from drillmaster.definitions.windows import Days, Time

_MARK = re.compile(r"<!-- (fields|example): (\S+) -->\n.*?<!-- end -->", re.DOTALL)

_WORDS: list[tuple[Any, str]] = [
    (Any, "any value"),
    (Name, "name"),
    (Text, "text"),
    (SecretRef, "secret reference"),
    (Action, "action"),
    (Duration, "duration"),
    (Share, "share"),
    (Day, "day"),
    (Days, "days of the week"),
    (Time, "time of the day"),
    (Simulation, f"[Behaviour](#behaviour), or the name of one: {listed(BEHAVIOURS)}"),
    (str, "text"),
    (int, "whole number"),
    (float, "number"),
    (bool, "`true` or `false`"),
]

_BOUNDS = ((Ge, "ge", "from"), (Gt, "gt", "more than"), (Le, "le", "to"), (Lt, "lt", "less than"))


def written(page: str, examples: Path) -> str:
    """A page with its tables and examples written anew."""
    told: set[type[Model]] = set()

    def fill(mark: re.Match[str]) -> str:
        what, name = mark[1], mark[2]
        inside = _fields(name, told) if what == "fields" else _example(examples / name)
        return f"<!-- {what}: {name} -->\n{inside}\n<!-- end -->"

    return _MARK.sub(fill, page)


def _example(path: Path) -> str:
    text = path.read_text(encoding="utf-8").rstrip()
    language = {RUNBOOK.suffix: "markdown", ".json": "json"}.get(path.suffix, "yaml")
    return f"\n````{language}\n{text}\n````\n"


def _fields(kind: str, told: set[type[Model]]) -> str:
    tables = []
    waiting: list[type[Model]] = [RunbookHead, StepBlock]
    if kind != RUNBOOK.name:
        waiting = [KINDS[kind].model]
    while waiting:
        model = waiting.pop(0)
        if model not in told:
            told.add(model)
            tables.append(_table(model))
            waiting += _inside(model)
    return "\n" + "\n".join(tables)


def _inside(model: type[Model]) -> Iterator[type[Model]]:
    for field in model.model_fields.values():
        waiting = list(alternatives(field.annotation))
        while waiting:
            kind = waiting.pop(0)
            if isinstance(kind, type) and issubclass(kind, Model):
                yield kind
            waiting += [one for part in get_args(kind) for one in _kinds(part)]


def _kinds(part: Any) -> list[Any]:
    return list(alternatives(part)) if not isinstance(part, str | bool) else []


def _table(model: type[Model]) -> str:
    docs, hints = field_docs(model), get_type_hints(model, include_extras=True)
    lines = [f"### {model.__name__}", "", " ".join((model.__doc__ or "").split()), ""]
    if issubclass(model, OneOf):
        kinds = listed(f"`{model.written(kind)}`" for kind in model.kinds())
        lines += [f"Exactly one of {kinds} is needed.", ""]
    if model.model_fields:
        lines += ["| key | written as | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        cells = (f"`{field.alias or name}`", _kind(hints[name], field), _default(field))
        lines.append(f"| {' | '.join(cells)} | {docs[name].replace('|', '/')} |")
    return "\n".join([*lines, ""])


def _kind(hint: Any, field: FieldInfo) -> str:
    bounds = [
        f"{word} {getattr(rule, name):g}"
        for kind, name, word in _BOUNDS
        for rule in field.metadata
        if isinstance(rule, kind)
    ]
    return " ".join([_say(hint), *bounds])


def _say(hint: Any) -> str:
    for kind, word in _WORDS:
        if hint == kind:
            return word
    args = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            said = _say(args[0])
        case origin if origin in (Union, UnionType):
            said = " or ".join(_say(part) for part in args if part is not NoneType)
        case origin if origin is Literal:
            said = ", ".join(f"`{_yaml(value)}`" for value in args)
        case origin if origin is list:
            said = f"list of {_say(args[0])}"
        case origin if origin is dict:
            said = f"mapping of {_say(args[0])} to {_say(args[1])}"
        case _:
            said = f"[{hint.__name__}](#{hint.__name__.lower()})"
    return said


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = written_default(field)
    if default is None or default in ([], {}, "") or isinstance(default, dict):
        return ""
    return f"`{_yaml(default)}`"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(written(page.read_text("utf-8"), page.parent / "examples"), "utf-8")
