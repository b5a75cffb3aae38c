"""Every example on every page is loaded or run."""

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from drillmaster.definitions.kinds import KINDS
from drillmaster.definitions.load import load
from drillmaster.definitions.yaml_text import parse
from tests.docs.commands import TARGETS, arguments_of
from tests.support.drills import COMMAND
from tests.support.pages import PAGES, Block, blocks
from tests.support.shipped import ROOT

README = ROOT / "README.md"
READABLE = {"", "text", "markdown", "json", "toml", "yaml", "python", "sh", "console"}

ONLY_PARSED = {
    ("run", "--responder", "me"): "somebody must type; tests/cli/test_run_as_me.py does",
    ("sweep",): "it would reach sandboxes of other tests; tests/engine/test_safety_sweep.py does",
    ("incident", "open"): "it waits for people; tests/cli/test_incident.py answers",
}
"""Commands of pages that are not run here, by words in them, and why."""


def examples(*languages: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, *languages)]


def by_place(blocks: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=str)


def definitions() -> list[Block]:
    """What is written as a whole definition, and not as a part of one."""
    return [block for block in examples("yaml") if {"kind:", "name:"} <= set(block.text.split())]


def test_every_block_says_what_it_is() -> None:
    every = [block for page in PAGES for block in blocks(page, *READABLE)]
    fences = sum(page.read_text("utf-8").count("\n```") for page in PAGES)
    assert len(every) * 2 <= fences
    for page in PAGES:
        assert not [block for block in blocks(page, "") if block.text.strip()], page


@by_place(examples("json"))
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.text)


@by_place(examples("toml"))
def test_toml_is_toml(block: Block) -> None:
    assert tomllib.loads(block.text)


@by_place(examples("python"))
def test_python_is_python(block: Block) -> None:
    assert compile(block.text, str(block), "exec")


@by_place(definitions())
def test_a_definition_loads(block: Block, tmp_path: Path) -> None:
    data = parse(block.text, tmp_path).data
    path = tmp_path / f"{data['name']}.yaml"
    path.write_text(block.text)
    assert load(KINDS[data["kind"]], path).model.name == data["name"]


@by_place(examples("sh", "console"))
def test_what_is_typed_can_be_typed(block: Block) -> None:
    assert block.commands()
    for program, *words in block.commands():
        if program == "drillmaster":
            assert arguments_of(words), words
        elif program == "make":
            assert set(words) <= TARGETS, words
        else:
            assert program in {".", "cd", "mkdir"}, program


class Terminal:
    """Somebody who types what the pages say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = ""
        """The newest run, for commands that name one."""

    def type(self, words: list[str]) -> None:
        match words:
            case ["mkdir", name]:
                (self.folder / name).mkdir()
            case ["cd", name]:
                self.folder /= name
            case ["drillmaster", *arguments] if not _only_parsed(arguments):
                self._command([self.run if word == "RUN" else word for word in arguments])

    def _command(self, arguments: list[str]) -> None:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ, "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        if arguments[0] == "run":
            (run,) = (self.folder / "reports").iterdir()
            self.run = run.name


def _only_parsed(words: list[str]) -> bool:
    return any(set(some) <= set(words) for some in ONLY_PARSED)


def script(page: Path) -> list[list[str]]:
    return [words for block in blocks(page, "sh", "console") for words in block.commands()]


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """After everything in the README was typed; one whole drill among it."""
    terminal = Terminal(tmp_path_factory.mktemp("reader"))
    for words in script(README):
        terminal.type(words)
    return terminal


def test_the_readme_works_from_top_to_bottom(terminal: Terminal) -> None:
    reports = terminal.folder / "reports" / terminal.run
    card = json.loads((reports / "scorecard.json").read_text())
    assert card["readiness"] == "ready"


def test_the_drill_in_the_readme_fits_what_init_wrote(terminal: Terminal) -> None:
    (block,) = [block for block in definitions() if block.page == README]
    name = parse(block.text, README).data["name"]
    path = terminal.folder / "drills" / f"{name}.yaml"
    path.write_text(block.text)
    terminal.type(["drillmaster", "check"])
    terminal.type(["drillmaster", "plan", name])
    path.unlink()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != README and script(page)], ids=lambda page: page.name
)
def test_every_other_command_works(page: Path, terminal: Terminal) -> None:
    for words in script(page):
        terminal.type(words)


def test_what_is_only_parsed_stands_on_a_page() -> None:
    typed = [set(words) for page in PAGES for words in script(page)]
    for some in ONLY_PARSED:
        assert any(set(some) <= words for words in typed), some
