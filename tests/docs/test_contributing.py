"""CONTRIBUTING.md names what is there."""

import importlib
import re

import pytest

from tests.support.pages import table
from tests.support.shipped import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = table(PAGE, "Adding something")


SOURCE = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))


def coded(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_registry_is_where_it_says(row: list[str]) -> None:
    _, (folder,), (name, path), (suite,), (group,) = row[0], *map(coded, row[1:])
    module = importlib.import_module(
        path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    )
    assert getattr(module, name)
    assert path.startswith(folder)
    assert f'"{group}"' in SOURCE or f'look_up("{group[12:-1]}"' in SOURCE
    suites = "".join(file.read_text("utf-8") for file in (ROOT / suite).parent.glob("*.py"))
    assert f"{name}" in suites or "channel" in suite


def test_names_in_the_steps_exist() -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    for name in re.findall(r"`([A-Z]\w+)`", TEXT):
        assert re.search(rf"\b{name}\b", SOURCE + tests), name


def test_the_shortest_fault_is_as_short_as_it_says() -> None:
    path, lines = re.findall(r"`(src/[^`]+)` does in (\d+) lines", TEXT)[0]
    assert len((ROOT / path).read_text("utf-8").splitlines()) == int(lines)
