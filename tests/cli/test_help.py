"""`--help` is short, whole and fast."""

import subprocess
import sys

import pytest

from tests.support.drills import COMMAND

SLOW = ("sqlalchemy", "pydantic", "httpx", "rich.markdown", "pygments", "drillmaster.definitions")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_nothing_is_imported_that_is_not_shown(option: str) -> None:
    code = (
        "import sys; from drillmaster.cli import main; "
        f"assert main(['{option}']) == 0; print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(SLOW) & set(done.stderr.split()) == set()


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--help"], ["drillmaster [OPTIONS] COMMAND ...", " sweep  ", "Begin with"]),
        (["run", "-h"], ["drillmaster run DRILL [OPTIONS]", "[default: reports]", "--help, -h"]),
        (["check", "--help"], ["check [PATH]... [OPTIONS]", "text|json|sarif"]),
        (["incident", "--help"], ["drillmaster incident [OPTIONS] COMMAND ...", " resolve  "]),
        (["incident", "open", "--help"], ["--follow, --no-follow", "critical|error|warning"]),
    ],
)
@pytest.mark.parametrize("columns", [80, 120])
def test_what_it_shows(arguments: list[str], shown: list[str], columns: int) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments],
        env={"COLUMNS": str(columns), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(part in done.stdout for part in shown), done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= columns
    assert "[/" not in done.stdout, "markup is read, not shown"
