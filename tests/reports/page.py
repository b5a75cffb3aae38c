"""A report's page, taken apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr"}
"""Elements without an end tag."""


@dataclass
class Element:
    """An element with its attributes, and everything inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """The element and all below it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all_tags(self) -> list["Element"]:
        """All elements below."""
        return [element for element in self.walk() if element is not self]

    def all(self, tag: str, **attributes: str) -> list["Element"]:
        """All elements below with this tag and these attributes; `class_` for `class`."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            element
            for element in self.walk()
            if element.tag == tag and wanted.items() <= element.attributes.items()
        ]

    @property
    def text(self) -> str:
        """All text inside, on one line."""
        parts = [child.text if isinstance(child, Element) else child for child in self.children]
        return " ".join(" ".join(parts).split())


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#document")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert opened.tag == tag, f"</{tag}> closes <{opened.tag}>"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(page: bytes) -> Element:
    """The page's document; every element is closed where it must be."""
    builder = _Builder()
    builder.feed(page.decode())
    builder.close()
    return builder.root
