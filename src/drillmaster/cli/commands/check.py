"""`drillmaster check`: whether definitions and runbooks are valid."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from drillmaster import __version__
from drillmaster.clock import Clock, SteadyClock
from drillmaster.definitions.findings import Findings, examine
from drillmaster.definitions.sarif import as_sarif
from drillmaster.definitions.schema import schema_of
from drillmaster.errors import ExitCode


def check(
    paths: Sequence[Path], form: Literal["text", "json", "sarif"], clock: Clock | None = None
) -> int:
    """Check files and folders, and tell what was found. Warnings do not fail."""
    findings = examine(paths, (clock or SteadyClock()).now().date())
    if form == "text":
        _tell(findings)
    else:
        told = findings.as_json() if form == "json" else as_sarif(findings, __version__)
        _print_json(told)
    return ExitCode.INVALID if findings.problems else ExitCode.READY


def print_schema(kind: str) -> int:
    """Print the JSON Schema of a kind of definition."""
    _print_json(schema_of(kind))
    return ExitCode.READY


def _tell(findings: Findings) -> None:
    console = Console()
    for problem in findings.problems:
        console.print(Text(str(problem), style="red"), soft_wrap=True)
    for warning in findings.warnings:
        console.print(Text(str(warning), style="yellow"), soft_wrap=True)
    style = "bold red" if findings.problems else "bold green"
    console.print(Text(findings.summary, style=style), soft_wrap=True)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
