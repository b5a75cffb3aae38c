"""YAML as plain data with places."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.positions import Document, Keys, Place
from drillmaster.definitions.yaml_text import parse

PATH = Path("drills/x.yaml")


def offence(text: str) -> Problem:
    """The one problem that a text has."""
    with pytest.raises(DefinitionError) as caught:
        parse(text, PATH)
    (problem,) = caught.value.problems
    assert problem.path == "drills/x.yaml"
    assert problem.rule == "syntax"
    return problem


def problems_of(text: str) -> list[Problem]:
    """The problems that a text has, if any."""
    try:
        parse(text, PATH)
    except DefinitionError as error:
        return error.problems
    return []


def test_data_and_places() -> None:
    document = parse("a: 1\nlist:\n  - {b: x, c: [true]}\n  - 'two'\n", PATH)
    assert document.data == {"a": 1, "list": [{"b": "x", "c": [True]}, "two"]}
    assert document.place(("list", 0, "c", 0)) == Place(3, 16)
    assert document.place(("list", 0, "c"), of_key=True) == Place(3, 12)
    assert document.place(("list", 1)) == Place(4, 5)


def test_the_place_of_what_is_not_there_is_the_nearest_above() -> None:
    document = parse("a:\n  b: 1\n", PATH)
    assert document.place(("a", "c", 7)) == Place(2, 3)
    assert document.place(("a", "c"), of_key=True) == Place(1, 1)
    assert document.place(("z",)) == Place(1, 1)


def test_lines_count_from_where_the_text_stands_in_its_file() -> None:
    document = parse("a: 1\nb: 2\n", PATH, first_line=10)
    assert document.place(("b",)) == Place(11, 4)
    with pytest.raises(DefinitionError, match=r"x\.yaml:11:1: "):
        parse("a: 1\na: 2\n", PATH, first_line=10)


def test_keys_are_texts_as_they_are_written() -> None:
    text = "2: a\ntrue: b\nnull: c\n2026-11-24: d\n<<: {e: f}\n"
    assert list(parse(text, PATH).data) == ["2", "true", "null", "2026-11-24", "<<"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n"])
def test_an_empty_text_is_empty_data(text: str) -> None:
    assert parse(text, PATH).data is None


@pytest.mark.parametrize(
    ("text", "place", "key", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "a", "this key stands already in line 1"),
        ("x: {b: 1, 'b': 2}", (1, 11), "x.b", "this key stands already in line 1"),
        ("a: !!python/name:os.system x", (1, 4), "a", "tags are not allowed"),
        ("a: !custom {b: 1}", (1, 4), "a", "tags are not allowed"),
        ("!!map {a: 1}", (1, 1), "", "tags are not allowed"),
        ("a: !!str 5", (1, 4), "a", "tags are not allowed"),
        ("a: &anchor 1", (1, 4), "a", "anchors such as &anchor are not allowed"),
        ("a: [x, *anchor]", (1, 8), "a", "aliases such as *anchor are not allowed"),
        ("*anchor : 1", (1, 1), "", "aliases such as *anchor are not allowed"),
        ("a: 1\n---\nb: 2\n", (2, 1), "", "a second document begins here"),
        ("%YAML 1.1\n---\na: 1\n", (2, 1), "", "directives such as %YAML"),
        ("%TAG ! tag:x,2026:\n---\na: 1\n", (2, 1), "", "directives such as %YAML"),
        ("url: {{ urls.x }}/y", (1, 7), "url", "a key must be a text"),
        ("? [a]\n: 1", (1, 3), "", "a key must be a text"),
        ("a:\n\tb: 1", (2, 1), "a", "a tab is not allowed here"),
        ("a: b: c", (1, 5), "", "a ':' is not expected here"),
        ("a: [1, 2", (1, 9), "a", "',' or ']' is missing here"),
        ("a: 'x", (1, 6), "a", "the file ends within quotes"),
        ('a: "\\e[31m"', (1, 4), "a", "holds the invisible character U+001B"),
        ('"\\0": 1', (1, 1), "\ufffd", "holds the invisible character U+0000"),
        ('a: "\\ud800"', (1, 4), "a", "holds the invisible character U+D800"),
        ('a: "\\UFFFFFFFF"', (1, 1), "a", "is no YAML after this place"),
        ("a: 1e999", (1, 4), "a", "is too large a number"),
        ("a: .nan", (1, 4), "a", "must be a finite number"),
        ("a:\n  b: 1\n c: 2", (3, 2), "", "does not fit the lines above"),
        ("a: @x", (1, 4), "a", "a text cannot begin with this character"),
    ],
)
def test_offences_and_their_places(
    text: str, place: tuple[int, int], key: str, message: str
) -> None:
    problem = offence(text)
    assert ((problem.line, problem.column), problem.key) == (place, key)
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("opening", "depth"), [("[", 41), ("- ", 41), ("{a: ", 41), ("[", 300_000), ("{a: ", 60_000)]
)
def test_deep_nesting(opening: str, depth: int) -> None:
    problem = offence(opening * depth)
    assert problem.message.startswith(("nests more than 40 deep", "the YAML has more"))


def test_forty_deep_is_allowed() -> None:
    document = parse("[" * 40 + "]" * 40, PATH)
    assert document.place((0,) * 39) == Place(1, 40)


def test_a_billion_laughs_end_at_the_first() -> None:
    laughs = ["a0: &a0 [ha, ha]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert offence("\n".join(laughs)).line == 1
    assert offence("a: [" + "*x," * 80_000 + "]").message.startswith("aliases such as *x")


@pytest.mark.parametrize(
    "text",
    [
        "- a\n" * 6_000,
        "a: " + "x " * 200_000,
        "".join(f"key{n}: {n}\n" for n in range(6_000)),
    ],
)
def test_what_is_too_large_to_be_a_definition(text: str) -> None:
    assert "more than" in offence(text).message


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=12)
)
keys = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=8)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def every(data: Any, at: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value in data, with its keys."""
    yield at, data
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from every(value, (*at, key))


def text_at(document_text: str, place: Place) -> str:
    """What stands at a place, and after it."""
    lines = document_text.split("\n")
    return "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])


def check_places(document: Document, text: str) -> None:
    for at, value in every(document.data):
        there = text_at(text, document.values[at])
        written = json.dumps(value, ensure_ascii=False)[
            : 1 if isinstance(value, dict | list) else None
        ]
        assert there.startswith(written), (at, there)
        if at and isinstance(at[-1], str):
            key = text_at(text, document.keys[at])
            assert key.startswith(json.dumps(at[-1], ensure_ascii=False))


@given(trees, st.sampled_from([None, 1, 4]))
def test_json_is_read_as_it_is_and_every_place_is_right(data: Any, indent: int | None) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    document = parse(text, PATH)
    assert document.data == data
    check_places(document, text)


punctuation = st.lists(st.sampled_from([*"{}[]:,-?&*!|>'\"%@`#~ \n\ta0."]), max_size=40)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | punctuation.map("".join),
)
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    for problem in problems_of(text):
        assert 1 <= problem.line <= len(text.splitlines()) + 2
        assert problem.column >= 1
        assert "\n" not in str(problem)
