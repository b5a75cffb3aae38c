"""JSON Schemas for editors: as strict as the models, and with a text for every key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from drillmaster.definitions.kinds import KINDS
from drillmaster.definitions.schema import schema_of
from drillmaster.definitions.yaml_text import parse
from tests.support.definitions import EXAMPLES, SHIPPED

FILES = [
    pytest.param(name, path, id=f"{path.parent.parent.name}-{path.name}")
    for root in (SHIPPED, EXAMPLES)
    for name, kind in KINDS.items()
    for path in sorted((root / kind.folder).glob("*.yaml"))
]


def every_key(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, shape in schema.get("properties", {}).items():
        yield f"{at}.{name}", shape
    for name, part in schema.get("$defs", {}).items():
        yield from every_key(part, name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_one_and_describes_every_key(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:drillmaster:v1:{kind}"
    assert schema["additionalProperties"] is False
    keys = dict(every_key(schema))
    assert len(keys) > 10
    assert [key for key, shape in keys.items() if not shape["description"]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_keys_and_defaults_are_as_they_are_written(kind: str) -> None:
    keys = dict(every_key(schema_of(kind)))
    assert not any(key.endswith("_") or "pod_churn" in key for key in keys)
    for shape in keys.values():
        assert not isinstance(shape.get("default"), float)


@pytest.mark.parametrize(("kind", "path"), FILES)
def test_what_is_shipped_is_valid_by_the_schema(kind: str, path: Path) -> None:
    data = parse(path.read_text(encoding="utf-8"), path).data
    Draft202012Validator(schema_of(kind)).validate(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kill: 30%", "kill: 30"),
        ("every: 5s", "every: 5"),
        ("every: 5s", "evry: 5s"),
        ("kind: drill", "kind: access"),
        ("engage: timeout", "engage: never"),
        ("- throttle:", "- latency: {namespace: a, selector: a=b, delay: 1s}\n    throttle:"),
        ("name: checkout-degraded", "name: Checkout"),
        ("access_failures: 0", "access_failures: none"),
    ],
)
def test_the_schema_refuses_what_the_models_refuse(old: str, new: str) -> None:
    path = SHIPPED / "checkout-degraded.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    data = parse(text.replace(old, new, 1), path).data
    assert not Draft202012Validator(schema_of("drill")).is_valid(data)


def test_a_behaviour_can_be_called_by_its_name() -> None:
    shape = dict(every_key(schema_of("environment")))["Person.simulate"]
    assert "wrong-person" in str(shape)


def test_the_block_of_a_step_has_its_schema() -> None:
    step = schema_of("runbook")["$defs"]["StepBlock"]
    assert set(step["properties"]) >= {"id", "evidence", "within", "decision"}
