"""docs/cli.md says what the commands say of themselves, and what they do."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drillmaster.cli import main
from drillmaster.cli.app import app
from drillmaster.errors import ExitCode
from tests.support.cli_page import PAGE, commands, written
from tests.support.drills import COMMAND
from tests.support.pages import table

TEXT = PAGE.read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")


def section(name: str) -> str:
    """The tables of one command."""
    return TEXT.partition(f"<!-- command: {name} -->\n")[2].partition("<!-- end -->")[0]


def test_the_page_is_up_to_date() -> None:
    assert written(TEXT) == TEXT, "run: make docs"


def test_every_command_has_a_section() -> None:
    assert re.findall(r"<!-- command: ([a-z -]+) -->", TEXT) == list(commands())
    assert re.findall(r"^## ([a-z].*)$", TEXT, re.MULTILINE) == list(commands())


@pytest.mark.parametrize("name", commands())
def test_help_tells_the_same_options(name: str) -> None:
    told = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "250"})
    assert told.exit_code == 0
    assert set(OPTION.findall(told.output)) - {"--help"} == set(OPTION.findall(section(name)))


def test_help_is_there_in_a_process_of_its_own() -> None:
    told = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert all(f" {name.split()[0]} " in told.stdout for name in commands())


def test_exit_codes_are_told() -> None:
    assert {int(row[0]) for row in table(PAGE, "Exit codes")} == set(ExitCode)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("no-such-command", 2),
        ("run", 2),
        ("run nosuch", 2),
        ("plan nosuch", 2),
        ("check", 2),
        ("preflight", 2),
        ("preflight nosuch", 2),
        ("preflight ./nosuch.yaml", 2),
        ("check --format nosuch", 2),
        ("ack --as ana", 2),
        ("report", 2),
        ("report nosuch --check", 2),
        ("runs", 0),
        ("status", 0),
        ("reap", 0),
        ("sweep", 2),
        ("sweep nosuch", 2),
        ("sweep ./nosuch.yaml", 2),
        ("incident list", 0),
        ("incident resolve nosuch", 2),
        ("incident follow", 2),
    ],
)
def test_calls_in_an_empty_folder_end_as_the_page_says(
    call: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(call.split()) == code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert bool(said.strip()) == (code != 0)


def test_init_changes_nothing_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [main(["init"]), main(["init"])] == [0, 2]
    assert "nothing was written" in capsys.readouterr().err
