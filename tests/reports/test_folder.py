"""All files of a folder, or nothing."""

import os
from pathlib import Path

import pytest

from drillmaster.errors import ExitCode
from drillmaster.reports.folder import ReportError, write_files

OLD, NEW = b"old\n", b"new\n"


def test_files_are_written_and_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    write_files(folder, {"one": OLD, "two": OLD})
    write_files(folder, {"one": NEW, "two": NEW})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"one": NEW, "two": NEW}


def test_files_can_be_read_by_others(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_files(tmp_path, {"one": NEW})
    finally:
        os.umask(before)
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o644


def test_what_else_lies_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(OLD)
    write_files(tmp_path, {"one": NEW})
    assert (tmp_path / "notes.txt").read_bytes() == OLD


def test_a_full_disk_leaves_the_files_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"one": OLD, "two": OLD})
    calls = iter([None, OSError(28, "No space left on device")])

    def full(_descriptor: int) -> None:
        failure = next(calls)
        if failure:
            raise failure

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportError, match="No space left on device") as failure:
        write_files(tmp_path, {"one": NEW, "two": NEW})
    assert failure.value.exit_code == ExitCode.INVALID
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one": OLD, "two": OLD}


def test_a_folder_in_a_files_place_stops_all(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(OLD)
    (tmp_path / "two").mkdir()
    with pytest.raises(ReportError, match="two is a folder"):
        write_files(tmp_path, {"one": NEW, "two": NEW})
    assert (tmp_path / "one").read_bytes() == OLD


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_bytes(OLD)
    with pytest.raises(ReportError, match="cannot be written to"):
        write_files(tmp_path / "reports", {"one": NEW})


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    left, under_way = tmp_path / ".reports-killed", tmp_path / ".reports-under-way"
    for folder in (left, under_way):
        folder.mkdir()
        (folder / "scorecard.html").write_text("half")
    os.utime(left, (0, 0))
    write_files(tmp_path, {"a": b"1"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".reports-under-way", "a"]
