"""Every link and every name on a page leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.commands import TARGETS, problem
from tests.support.pages import PAGES, anchors, code, links
from tests.support.shipped import ROOT

FOLDERS = ("src/", "tests/", "docs/", "drills/", "reports/", ".ci/")
"""Code in a page's text that begins so is a path in the project."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), link
        assert path.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(path), link


@every_page
def test_paths_lead_somewhere(page: Path) -> None:
    for text in code(page):
        if text.startswith(FOLDERS) and not re.search(r"[<*{ ]|0002", text):
            assert (ROOT / text).exists(), text


@every_page
def test_commands_exist(page: Path) -> None:
    for text in code(page):
        match text.partition(" #")[0].split():
            case ["drillmaster", *words] if words and words[0] not in {"COMMAND", "…"}:
                assert problem(words) is None, text
            case ["make", *words]:
                assert {word for word in words if "=" not in word} <= TARGETS, text


def test_messages_name_commands_that_exist() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        for text in re.findall(r"`drillmaster ([^`{}]+)[`{]", path.read_text("utf-8")):
            words = [word for word in text.replace("[", " ").split() if word not in {'"', 'f"'}]
            assert problem(words) is None, f"{path}: {text}"


@every_page
def test_pages_are_listed_in_the_index(page: Path) -> None:
    if page.parent.name == "docs" and page.name != "README.md":
        assert page.name in links(ROOT / "docs" / "README.md")
