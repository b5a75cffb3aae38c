"""The JSON Schema of the scorecard, as it is published with the package.

`python -m drillmaster.scoring.schema` writes it anew after a change of the models.
"""

import json
from pathlib import Path
from typing import Any

from drillmaster.scoring.scorecard import Scorecard

PATH = Path(__file__).with_name("scorecard.schema.json")
"""Where the published schema lies."""


def scorecard_schema() -> dict[str, Any]:
    """The schema of `scorecard.json`, from the models."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:drillmaster:scorecard:v1",
        **Scorecard.model_json_schema(by_alias=True, mode="serialization"),
    }


def as_text() -> str:
    """The file's content."""
    return json.dumps(scorecard_schema(), indent=2, ensure_ascii=False) + "\n"


def write(path: Path = PATH) -> None:
    """Write the schema to where it is published, or elsewhere."""
    path.write_text(as_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
