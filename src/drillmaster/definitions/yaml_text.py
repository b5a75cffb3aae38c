"""YAML as plain data that knows where each of its keys and values stands.

Only data comes out: no tag is looked up, nothing is constructed or executed. What makes
YAML dangerous or ambiguous (tags, anchors, aliases, a key twice) is an error with a place.
The events of the parser are read one by one, so a hostile file is refused at its first
offence and never expanded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.files import INVISIBLE, shown_path
from drillmaster.definitions.plain import plain_value
from drillmaster.definitions.positions import Document, Keys, Place, shown_keys
from drillmaster.definitions.syntax import explain

DEPTH = 40
"""How deep lists and mappings may nest; a drill nests 6 deep."""

VALUES, CHARACTERS = 5_000, 256 * 1024
"""How large a YAML text may be: about half a second of parsing. An environment with 300
people has 3,000 values."""


def parse(text: str, path: Path, *, first_line: int = 1, at: Keys = ()) -> Document:
    """The document in a text that begins at a line of a file, and stands in a larger whole
    at some keys.

    Raises:
        DefinitionError: it is no plain YAML; the first offence, with its place.
    """
    builder = _Builder(path, at, first_line, Place(first_line, 1))
    if len(text) > CHARACTERS:
        why = f"the YAML has more than {CHARACTERS} characters; no definition has"
        raise builder.error(builder.last, why)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except DefinitionError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message, hint = explain(error)
        raise builder.error(builder.place(mark) if mark else builder.last, message, hint) from None
    except (YAMLError, ValueError, OverflowError):  # bad escapes, such as "\UFFFFFFFF"
        raise builder.error(builder.last, "is no YAML after this place") from None
    return Document(path, builder.data, builder.values, builder.keys).under(at)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    at: Keys
    content: dict[str, Any] | list[Any]
    key: str | None = None
    """In a mapping, the key whose value is next."""


@dataclass(slots=True)
class _Builder:
    """Makes the data from the events, and notes the places."""

    path: Path
    whole: Keys
    first_line: int
    last: Place
    """Where the parser is."""
    data: Any = None
    values: dict[Keys, Place] = field(default_factory=dict)
    keys: dict[Keys, Place] = field(default_factory=dict)
    _stack: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def place(self, mark: Any) -> Place:
        return Place(mark.line + self.first_line, mark.column + 1)

    def error(self, place: Place, message: str, hint: str | None = None) -> DefinitionError:
        top = self._stack[-1] if self._stack else None
        keys = (*top.at, top.key) if top and top.key is not None else top.at if top else ()
        name = shown_keys((*self.whole, *keys))
        where = (shown_path(self.path), place.line, place.column)
        return DefinitionError([Problem(*where, name, message, hint, rule="syntax")])

    def take(self, event: Event) -> None:
        self.last = self.place(event.start_mark)
        match event:
            case DocumentStartEvent():
                self._begin(event)
            case NodeEvent():
                self._node(event)
            case MappingEndEvent() | SequenceEndEvent():
                self._stack.pop()

    def _begin(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self.error(self.last, "a second document begins here; a file holds one")
        if event.version or event.tags:
            raise self.error(self.last, "directives such as %YAML and %TAG are not allowed")

    def _node(self, event: NodeEvent) -> None:
        for offence in _offences(event):
            raise self.error(self.last, offence)
        if len(self.values) >= VALUES:
            raise self.error(
                self.last, f"the file has more than {VALUES} values; no definition has"
            )
        top = self._stack[-1] if self._stack else None
        if top and isinstance(top.content, dict) and top.key is None:
            self._key(top, event)
        elif isinstance(event, ScalarEvent):
            self._put(self._scalar(event))
        else:
            content: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
            if len(self._stack) >= DEPTH:
                raise self.error(self.last, f"nests more than {DEPTH} deep")
            self._stack.append(_Open(self._put(content), content))

    def _key(self, top: _Open, event: NodeEvent) -> None:
        if not isinstance(event, ScalarEvent):
            hint = 'a look-up needs quotes: "{{ urls.NAME }}"'
            raise self.error(self.last, "a key must be a text", hint)
        key = event.value
        if key in top.content:
            at = self.keys[*top.at, key]
            top.key = key
            raise self.error(self.last, f"this key stands already in line {at.line}")
        top.key = key
        self._visible(key)
        self.keys[*top.at, key] = self.last

    def _scalar(self, event: ScalarEvent) -> bool | int | float | str | None:
        self._visible(event.value)
        if event.style is not None:
            return str(event.value)
        try:
            return plain_value(event.value)
        except ValueError as error:
            raise self.error(self.last, str(error)) from None

    def _visible(self, text: str) -> None:
        found = INVISIBLE.search(text)
        if found:
            why = f"holds the invisible character U+{ord(found[0]):04X}"
            raise self.error(self.last, why)

    def _put(self, value: Any) -> Keys:
        """Put a value at the place that is open, and say where that is."""
        if not self._stack:
            self.data = value
        at = self._append(self._stack[-1], value) if self._stack else ()
        self.values[at] = self.last
        return at

    def _append(self, top: _Open, value: Any) -> Keys:
        if isinstance(top.content, list):
            top.content.append(value)
            return (*top.at, len(top.content) - 1)
        assert top.key is not None
        key, top.key = top.key, None
        top.content[key] = value
        return (*top.at, key)


def _offences(event: NodeEvent) -> Iterator[str]:
    if isinstance(event, AliasEvent):
        yield f"aliases such as *{event.anchor[:40]} are not allowed; write the value out"
    elif event.anchor is not None:
        yield f"anchors such as &{event.anchor[:40]} are not allowed; write the value out"
    elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent) and event.ctag:
        yield "tags are not allowed; a definition is plain data"
