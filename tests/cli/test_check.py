"""`drillmaster check`, as a user and as a machine read it."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drillmaster.cli import main
from drillmaster.cli.commands.check import check
from drillmaster.clock import SteadyClock
from drillmaster.definitions.errors import RULES, WARNINGS
from tests.support.definitions import SHIPPED, edit, first_of, place_of

DRILL = "drills/checkout-degraded.yaml"
BOOK = "drills/runbooks/checkout-degraded.md"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the shipped drills."""
    first_of(SHIPPED, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class on(SteadyClock):  # noqa: N801 (it reads as a word)
    """A clock that stands at a day."""

    def __init__(self, day: datetime) -> None:
        super().__init__()
        self._day = day

    def now(self) -> datetime:
        return self._day


REVIEWED = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_all_is_well(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([], "text", on(REVIEWED)) == 0
    assert capsys.readouterr().out == "5 files, no problem\n"


def test_problems_are_told_by_file_line_and_column(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(here / DRILL, "kill:", "kil:")
    edit(here / BOOK, "action: view", "acton: view")
    assert main(["check"]) == 2
    out, err = capsys.readouterr()
    kil = place_of((here / DRILL).read_text(), "kil:")
    acton = place_of((here / BOOK).read_text(), "acton:")
    audit = place_of((here / BOOK).read_text(), "audit:")
    assert out.splitlines() == [
        f"{DRILL}:{kil}: faults.0.pod-churn.kil: unknown key; did you mean 'kill'?",
        f"{BOOK}:{acton}: steps.0.evidence.audit.acton: unknown key; did you mean 'action'?",
        "5 files, 2 problems",
    ]
    assert audit < acton
    assert err == ""


@pytest.mark.parametrize(
    ("paths", "summary"),
    [
        (["drills"], "5 files"),
        (["."], "5 files"),
        ([DRILL], "1 file"),
        ([DRILL, DRILL, "drills/access"], "2 files"),
        (["drills/environments", BOOK], "2 files"),
    ],
)
def test_files_and_folders(
    here: Path, capsys: pytest.CaptureFixture[str], paths: list[str], summary: str
) -> None:
    assert check(list(map(Path, paths)), "text", on(REVIEWED)) == 0
    assert capsys.readouterr().out == f"{summary}, no problem\n"


def test_only_problems_of_the_files_that_were_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(here / BOOK, "within", "wihtin")
    assert check([Path(DRILL)], "text", on(REVIEWED)) == 0
    edit(here / DRILL, "environment: sandbox", "environment: sandbx")
    assert check([Path(DRILL)], "text", on(REVIEWED)) == 2
    assert "did you mean 'sandbox'?" in capsys.readouterr().out


def test_warnings_do_not_fail(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([], "text", on(REVIEWED + timedelta(days=200))) == 0
    place = place_of((here / BOOK).read_text(), "2026-11-24")
    assert capsys.readouterr().out.splitlines() == [
        (
            f"{BOOK}:{place}: warning: reviewed: the last review was 200 days ago; "
            "read the runbook again, mend it, and set the day"
        ),
        "5 files, no problem, 1 warning",
    ]


def test_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(here / DRILL, "kill:", "kil:")
    assert check([], "json", on(REVIEWED + timedelta(days=200))) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] is False
    assert told["files"] == 5
    (problem,), (warning,) = told["problems"], told["warnings"]
    line, column = place_of((here / DRILL).read_text(), "kil:").split(":")
    assert problem == {
        "path": DRILL,
        "line": int(line),
        "column": int(column),
        "key": "faults.0.pod-churn.kil",
        "message": "unknown key",
        "hint": "did you mean 'kill'?",
        "rule": "unknown-key",
    }
    assert warning["rule"] == "stale-runbook"


def test_sarif(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(here / DRILL, "kill:", "kil:")
    assert check([], "sarif", on(REVIEWED + timedelta(days=200))) == 2
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    problem, warning = run["results"]
    for result in (problem, warning):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        assert (result["level"] == "warning") == (result["ruleId"] in WARNINGS)
    (location,) = problem["locations"]
    line, column = place_of((here / DRILL).read_text(), "kil:").split(":")
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": DRILL},
        "region": {"startLine": int(line), "startColumn": int(column)},
    }
    assert problem["message"]["text"].startswith("faults.0.pod-churn.kil: unknown key; did you")


def test_sarif_writes_paths_as_uris(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = (here / "drills").rename(here / "our drills")
    edit(folder / "checkout-degraded.yaml", "kill:", "kil:")
    for path, uri in (("our drills", "our%20drills/"), (str(folder), f"{folder.parent.as_uri()}/")):
        assert main(["check", path, "--format", "sarif"]) == 2
        (result,) = (
            one
            for one in json.loads(capsys.readouterr().out)["runs"][0]["results"]
            if one["level"] == "error"
        )
        found = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert found.startswith(uri)
        assert " " not in found


@pytest.mark.parametrize("kind", ["drill", "environment", "access", "runbook"])
def test_schemas(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$id"].endswith(f":{kind}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "dirlls"], "there is no file or folder dirlls; did you mean 'drills'?"),
        (["check", "notes"], "there are no definitions in notes"),
        (["check", "drills/notes.txt"], "drills/notes.txt is no definition, and holds none"),
    ],
)
def test_what_cannot_be_checked(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (here / "notes").mkdir()
    (here / "drills/notes.txt").write_text("x")
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)


def test_where_there_is_nothing_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    assert "`drillmaster init` writes first ones" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["check", "--format", "xml"], ["check", "--schema", "x"], ["check", "--nothing"], ["chek"]],
)
def test_calls_that_are_wrong(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: drillmaster" in err


def test_hostile_files_from_the_command_line(here: Path) -> None:
    (here / "drills/tag.yaml").write_text('a: !!python/object/apply:os.system ["touch pwned"]\n')
    (here / "drills/bomb.yaml").write_text("a: &a [x]\nb: [" + "*a, " * 60_000 + "*a]\n")
    (here / "drills/deep.yaml").write_text("[" * 100_000)
    (here / "drills/binary.yaml").write_bytes(bytes(range(256)) * 100)
    (here / "drills/run\x1b[2J.yaml").write_text((here / DRILL).read_text())
    result = run("check", cwd=here)
    assert result.returncode == 2
    assert "Traceback" not in result.stdout + result.stderr
    assert "\x1b" not in result.stdout
    assert not (here / "pwned").exists()
    places = {line.split(": ")[0] for line in result.stdout.splitlines()[:-1]}
    assert {"drills/tag.yaml:1:4", "drills/bomb.yaml:1:4", "drills/deep.yaml:1:41"} <= places
    assert any(place.startswith("drills/binary.yaml:") for place in places)


def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[Any]":
    return subprocess.run(
        [sys.executable, "-m", "drillmaster.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
