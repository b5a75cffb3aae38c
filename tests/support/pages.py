"""The project's pages: their fenced blocks, their commands, their links."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.shipped import ROOT

PAGES = sorted(
    [
        *(ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
        *(ROOT / "docs").glob("*.md"),
        ROOT / "reports" / "README.md",
    ]
)
"""Every page that people read."""

_OPERATORS = {"|", ">", ">>", "&&", ";", "&"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    """Of the page, from 1."""
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    def commands(self) -> list[list[str]]:
        """What a reader would type: each command with its arguments, without what follows a
        pipe or a redirection. In a `console` block only lines after a `$` are typed."""
        typed = self.text.splitlines()
        if self.language == "console":
            typed = [line.removeprefix("$ ") for line in typed if line.startswith("$ ")]
        return [words for line in typed if (words := _words(line))]


def _words(line: str) -> list[str]:
    split = shlex.shlex(line, posix=True, punctuation_chars=True)
    split.whitespace_split = True
    words = []
    for word in split:
        if word in _OPERATORS:
            break
        words.append(word)
    return words


@cache
def tokens(page: Path) -> list[Token]:
    """A page as Markdown."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path, *languages: str) -> list[Block]:
    """The fenced blocks of a page that are in one of the languages."""
    return [
        Block(page, token.map[0] + 1 if token.map else 0, token.info.strip(), token.content)
        for token in tokens(page)
        if token.type == "fence" and token.info.strip() in languages
    ]


def links(page: Path) -> Iterator[str]:
    """Where the links and pictures of a page lead."""
    for token in _inside(tokens(page)):
        target = token.attrGet("href") or token.attrGet("src")
        if target is not None:
            yield str(target)


def code(page: Path) -> Iterator[str]:
    """What stands as code within the text of a page."""
    return (token.content for token in _inside(tokens(page)) if token.type == "code_inline")


def anchors(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    found = tokens(page)
    return {
        re.sub(r"[^\w -]", "", text.content.lower()).replace(" ", "-")
        for opening, text in pairwise(found)
        if opening.type == "heading_open"
    }


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, each cell as it is written."""
    section = page.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def _inside(found: list[Token]) -> Iterator[Token]:
    for token in found:
        yield token
        yield from _inside(token.children or [])
