"""The outline of a Markdown text: front matter, headings, and the fences under them."""

from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from drillmaster.definitions.positions import Place

LONGEST_HEADING = 1024

_INLINE = MarkdownIt("commonmark")
_BLOCKS = MarkdownIt("commonmark").use(front_matter_plugin).disable("inline")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, as plain text."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block."""

    info: str
    """What stands behind the opening fence, with single spaces."""
    text: str
    """Its lines, as they stand in the file."""
    line: int
    """The line of the opening fence."""
    end: int
    """The line of the closing fence."""
    nested: bool
    """It stands in a list or a quote."""

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.line, 1)


@dataclass(slots=True)
class Section:
    """A second-level heading and what is under it."""

    heading: Heading
    lines: list[str]
    """The lines of the whole file."""
    begin: int
    """The first line under the heading."""
    end: int = 0
    """The line after the last."""
    fences: list[Fence] = field(default_factory=list)

    def blocks(self, info: str) -> list[Fence]:
        """The fences at the margin with an info string."""
        return [fence for fence in self.fences if fence.info == info and not fence.nested]

    def text_without(self, info: str) -> str:
        """The Markdown of the section, without the fences that have an info string."""
        hidden = {line for fence in self.blocks(info) for line in range(fence.line, fence.end + 1)}
        shown = [self.lines[n - 1] for n in range(self.begin, self.end) if n not in hidden]
        return "\n".join(shown).strip()


@dataclass(slots=True)
class Outline:
    """A Markdown text in its parts."""

    front: Fence | None = None
    """The front matter; its `line` is its first."""
    titles: list[Heading] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    loose: list[Fence] = field(default_factory=list)
    """Fences above the first section."""


def outline(text: str) -> Outline:
    """The parts of a Markdown text."""
    lines = text.splitlines()
    found = Outline()
    tokens = _BLOCKS.parse(text)
    for number, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type == "front_matter":
            found.front = Fence("", token.content, token.map[0] + 2, token.map[1], nested=False)
        elif token.type == "heading_open" and token.level == 0:
            _heading(found, token, tokens[number + 1].content, lines)
        elif token.type == "fence":
            fences = found.sections[-1].fences if found.sections else found.loose
            fences.append(_fence(token, lines))
    if found.sections:
        found.sections[-1].end = len(lines) + 1
    return found


def _heading(found: Outline, token: Token, content: str, lines: list[str]) -> None:
    assert token.map is not None
    heading = Heading(_plain(content), token.map[0] + 1)
    if token.tag in ("h1", "h2") and found.sections and not found.sections[-1].end:
        found.sections[-1].end = heading.line
    if token.tag == "h1":
        found.titles.append(heading)
    elif token.tag == "h2":
        found.sections.append(Section(heading, lines, token.map[1] + 1))


def _fence(token: Token, lines: list[str]) -> Fence:
    assert token.map is not None
    first, end = token.map
    inside = lines[first + 1 : first + 1 + token.content.count("\n")]
    return Fence(" ".join(token.info.split()), "\n".join(inside), first + 1, end, token.level > 0)


def _plain(content: str) -> str:
    """A heading without its Markdown: what `**Look** at it` says."""
    (inline,) = _INLINE.parseInline(content[:LONGEST_HEADING])
    return "".join(child.content or " " for child in inline.children or [] if _says(child))


def _says(token: Token) -> bool:
    return token.type in ("text", "code_inline", "softbreak", "hardbreak", "text_special")
