"""Files that are no text, or none at all."""

import os
from pathlib import Path

import pytest

from drillmaster.definitions.errors import DefinitionError, Problem
from drillmaster.definitions.kinds import DRILL
from drillmaster.definitions.load import load
from tests.support.definitions import SHIPPED, is_located

DRILL_TEXT = (SHIPPED / "checkout-degraded.yaml").read_bytes()


def offence(path: Path) -> Problem:
    with pytest.raises(DefinitionError) as caught:
        load(DRILL, path)
    (problem,) = caught.value.problems
    assert is_located(problem)
    assert problem.rule == "unreadable"
    return problem


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a: 1\nb: \xff\n", (2, 4), "is no UTF-8 text"),
        ("a: 1\n".encode("utf-16"), (1, 1), "is no UTF-8 text"),
        (b"\x7fELF\x02\x01", (1, 1), "holds the invisible character U+007F"),
        (b"a: 1\nb: x\x00y\n", (2, 5), "holds the invisible character U+0000"),
        ("a: \u2028\n".encode(), (1, 4), "holds the invisible character U+2028"),
        (b"# \xc2\x85\n", (1, 3), "holds the invisible character U+0085"),
        (b"#\n" * 10_001, (1, 1), "has more than 10000 lines"),
        (b"#" * (1 << 20) + b"\n", (1, 1), "is larger than 1 MiB"),
    ],
)
def test_content_that_is_no_text(
    tmp_path: Path, content: bytes, place: tuple[int, int], message: str
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    problem = offence(path)
    assert (problem.line, problem.column) == place
    assert problem.message.startswith(message)


def test_a_byte_order_mark_is_no_offence(tmp_path: Path) -> None:
    path = tmp_path / "checkout-degraded.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + DRILL_TEXT)
    assert load(DRILL, path).model.name == "checkout-degraded"


def test_line_breaks_of_windows_are_no_offence(tmp_path: Path) -> None:
    path = tmp_path / "checkout-degraded.yaml"
    path.write_bytes(DRILL_TEXT.replace(b"\n", b"\r\n").replace(b"kill:", b"kil:"))
    with pytest.raises(DefinitionError, match=r":18:58: faults\.0\.pod-churn\.kil: unknown key"):
        load(DRILL, path)


def test_what_is_no_file(tmp_path: Path) -> None:
    assert offence(tmp_path / "none.yaml").message == "there is no such file"
    (tmp_path / "folder.yaml").mkdir()
    assert offence(tmp_path / "folder.yaml").message == "is no regular file"
    os.mkfifo(tmp_path / "pipe.yaml")
    assert offence(tmp_path / "pipe.yaml").message == "is no regular file"


def test_a_link_into_nothing_and_a_link_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "dead.yaml").symlink_to("nowhere")
    assert offence(tmp_path / "dead.yaml").message == "there is no such file"
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    offence(tmp_path / "loop.yaml")


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 300 + ".yaml"])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    offence(tmp_path / name)


def test_a_name_that_is_no_utf8_does_not_break_the_message(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9\n.yaml"))
    path.write_bytes(b"a: \xff")
    assert "caf\ufffd\ufffd.yaml:1:4: is no UTF-8 text" in str(offence(path))
