"""What `init` writes: the shipped drill, on the day it is written."""

from datetime import date
from pathlib import Path

import pytest

from drillmaster.definitions.kinds import KINDS
from drillmaster.definitions.load import load
from drillmaster.definitions.project import Project
from drillmaster.definitions.starter import DRILL, PARTS, template, write_first
from drillmaster.definitions.yaml_text import parse
from drillmaster.errors import InvalidError
from tests.support.definitions import SHIPPED

TODAY = date(2027, 3, 9)


def test_it_is_valid_on_any_day(tmp_path: Path) -> None:
    written = write_first(tmp_path, TODAY)
    assert [path.relative_to(tmp_path / "drills").as_posix() for path in written] == [*PARTS]
    project = Project.load(tmp_path / "drills")
    assert project.problems() == []
    bundle = project.bundle(DRILL)
    assert bundle.runbook is not None
    assert bundle.runbook.reviewed == TODAY


@pytest.mark.parametrize("part", PARTS)
def test_it_does_not_differ_in_substance_from_what_is_shipped(part: str) -> None:
    # Who changes a file of drills/ that is also a template copies it over.
    ours, shipped = template(part), (SHIPPED / part).read_text(encoding="utf-8")
    if part.endswith(".md"):
        assert ours == shipped
    else:
        assert parse(ours, Path(part)).data == parse(shipped, Path(part)).data


def test_there_is_one_of_every_kind(tmp_path: Path) -> None:
    write_first(tmp_path, TODAY)
    for kind in KINDS.values():
        (path,) = (tmp_path / "drills" / kind.folder).glob(f"*{kind.suffix}")
        assert load(kind, path).model


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_written_where_one_of_them_is(tmp_path: Path, part: str) -> None:
    path = tmp_path / "drills" / part
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(InvalidError, match="nothing was written") as caught:
        write_first(tmp_path, TODAY)
    assert str(caught.value).splitlines()[1:] == [f"  {path}"]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert path.read_text() == "mine"


def test_a_link_into_nothing_is_there_too(tmp_path: Path) -> None:
    (tmp_path / "drills").mkdir()
    (tmp_path / "drills" / PARTS[-1]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidError, match="nothing was written"):
        write_first(tmp_path, TODAY)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("a file")
    with pytest.raises(InvalidError, match=r"drills/environments/sandbox\.yaml cannot be written"):
        write_first(tmp_path, TODAY)
