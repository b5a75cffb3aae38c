"""Findings as SARIF 2.1.0, which code-review and security dashboards read."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from drillmaster.definitions.errors import RULES, WARNINGS, Problem
from drillmaster.definitions.findings import Findings

_IDS = list(RULES)


def as_sarif(findings: Findings, version: str) -> dict[str, Any]:
    """A SARIF log with one run.

    Args:
        findings: What was found.
        version: The version of Drillmaster.
    """
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "drillmaster",
                        "semanticVersion": version,
                        "rules": [_rule(name) for name in _IDS],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(problem) for problem in [*findings.problems, *findings.warnings]
                ],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": RULES[name]},
        "defaultConfiguration": {"level": _level(name)},
    }


def _result(problem: Problem) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": _IDS.index(problem.rule),
        "level": _level(problem.rule),
        "message": {"text": problem.text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(Path(problem.path))},
                    "region": {"startLine": problem.line, "startColumn": problem.column},
                }
            }
        ],
    }


def _level(rule: str) -> str:
    return "warning" if rule in WARNINGS else "error"


def _uri(path: Path) -> str:
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
