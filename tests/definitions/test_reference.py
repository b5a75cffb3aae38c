"""The reference page: true, whole, and every example on it loads."""

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from drillmaster.definitions.errors import RULES, WARNINGS
from drillmaster.definitions.kinds import DRILL, KINDS, RUNBOOK
from drillmaster.definitions.lookup import HEADS
from drillmaster.definitions.positions import Keys
from drillmaster.definitions.project import Project
from drillmaster.definitions.reference import written
from drillmaster.definitions.runbook import RunbookHead, StepBlock
from drillmaster.definitions.runbook_file import load_runbook
from drillmaster.definitions.shape import alternatives, models_at
from drillmaster.definitions.yaml_text import parse
from tests.support.definitions import EXAMPLES, REPOSITORY

PAGE = REPOSITORY / "docs" / "definitions.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert written(TEXT, PAGE.parent / "examples") == TEXT, (
        "run: python -m drillmaster.definitions.reference docs/definitions.md"
    )


def test_every_kind_has_its_tables_and_an_example() -> None:
    for kind in KINDS:
        assert f"<!-- fields: {kind} -->" in TEXT
    for path in EXAMPLES.rglob("*.*"):
        assert f"<!-- example: {path.relative_to(EXAMPLES.parent)} -->" in TEXT


def test_links_on_the_page_lead_somewhere() -> None:
    headings = {
        heading.lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert target in headings
    for target in re.findall(r"\]\(([a-z][^):]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target


def test_rules_and_look_ups_are_all_told() -> None:
    for rule, asks in RULES.items():
        warning = " (warning)" if rule in WARNINGS else ""
        assert f"\n| `{rule}`{warning} | " in TEXT
        assert asks.endswith(".")
    for head in HEADS:
        assert f"`{{{{ {head}" in TEXT


def test_the_json_on_the_page_is_what_check_prints() -> None:
    (told,) = re.findall(r"(?<!`)```json\n(.*?)```", TEXT, re.DOTALL)
    problem = json.loads(told)["problems"][0]
    line = f"{problem['path']}:{problem['line']}:{problem['column']}: {problem['key']}: "
    assert f"{line}{problem['message']}; {problem['hint']}" in TEXT


Key = tuple[str, str]
"""The model that a key is defined in, and the key."""


def key_of(model: type[BaseModel], name: str) -> Key:
    owner = next(cls for cls in model.__mro__ if name in inspect.get_annotations(cls))
    return owner.__name__, model.model_fields[name].alias or name


def used(model: type[BaseModel], data: Any, at: Keys = ()) -> Iterator[Key]:
    """The keys that data uses."""
    if isinstance(data, dict):
        for found in models_at(model, at):
            for name, field in found.model_fields.items():
                if (field.alias or name) in data:
                    yield key_of(found, name)
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from used(model, value, (*at, key))


def examples() -> Iterator[tuple[type[BaseModel], Any]]:
    for kind, path in Project.load(EXAMPLES).files():
        if kind.name != RUNBOOK.name:
            yield kind.model, parse(path.read_text(), path).data
        else:
            data = load_runbook(path)[1].data
            yield RunbookHead, {key: data[key] for key in RunbookHead.model_fields}
            for step in data["steps"]:
                yield StepBlock, {k: v for k, v in step.items() if k in StepBlock.model_fields}


def models_in(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and every model that can stand in it."""
    found = {model}
    for field in model.model_fields.values():
        for part in models_among(alternatives(field.annotation)):
            found |= models_in(part)
    return found


def models_among(kinds: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        inside = [part for part in get_args(kind) if not isinstance(part, str | bool)]
        for part in inside:
            yield from models_among(alternatives(part))


OTHER_WAYS = ("in_cluster", "server", "certificate_authority", "token")
"""To reach a cluster; the example's own way excludes them."""


def test_the_examples_show_every_key_that_there_is() -> None:
    shown = {key for model, data in examples() for key in used(model, data)}
    tops: list[type[BaseModel]] = [RunbookHead, StepBlock]
    tops += [kind.model for kind in KINDS.values() if kind.name != RUNBOOK.name]
    known = {
        key_of(model, name)
        for top in tops
        for model in models_in(top)
        for name in model.model_fields
    }
    assert known - shown == {
        ("Targets", "hand_over_time"),  # excluded by the silent primary of the example
        ("Targets", "detection_time"),  # excluded by the on-call system, which hears of no alert
        *(("KubernetesSpec", way) for way in OTHER_WAYS),
    }


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind is not RUNBOOK])
def test_a_table_has_a_row_for_every_key(kind: Any) -> None:
    for model in models_in(kind.model):
        section = TEXT.partition(f"\n### {model.__name__}\n")[2].partition("\n### ")[0]
        for name, field in model.model_fields.items():
            assert f"\n| `{field.alias or name}` |" in section, (model, name)


def test_the_page_is_written_by_a_command(tmp_path: Path) -> None:
    assert DRILL.model.__name__ in written("<!-- fields: drill -->\nold\n<!-- end -->", tmp_path)
