"""The JSON Schema of every kind, for editors that complete and check while one types."""

from typing import Any

from drillmaster.definitions.kinds import KINDS, RUNBOOK
from drillmaster.definitions.runbook import RunbookHead, StepBlock

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind of definition, by its name.

    Of a runbook it is the schema of the front matter; `$defs/StepBlock` is that of the
    fenced block under a step.
    """
    schema = _runbook() if kind == RUNBOOK.name else KINDS[kind].model.model_json_schema()
    return {"$schema": DIALECT, "$id": f"urn:drillmaster:v1:{kind}", **schema}


def _runbook() -> dict[str, Any]:
    step = StepBlock.model_json_schema()
    parts = step.pop("$defs")
    return {**RunbookHead.model_json_schema(), "$defs": {**parts, "StepBlock": step}}
