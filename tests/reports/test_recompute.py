"""Is a folder of reports what its timeline says?"""

import json
from pathlib import Path
from typing import Any

import pytest

from drillmaster.errors import InvalidError
from drillmaster.reports.recompute import check_folder
from drillmaster.reports.registry import write_all
from drillmaster.scoring.score import score
from tests.reports.sample import chained, event
from tests.support.responders import responder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The reports of a run in which the secondary did everything right."""
    records = responder("prompt").records()
    write_all(tmp_path, score(records), records)
    return tmp_path


def rewrite(folder: Path, **changed: Any) -> None:
    """Change values of the scorecard, written as they would have been."""
    path = folder / "scorecard.json"
    card = json.loads(path.read_text(encoding="utf-8")) | changed
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def test_untouched_reports_are_what_the_timeline_says(folder: Path) -> None:
    assert check_folder(folder, score) == []


def test_a_changed_scorecard_is_found_out(folder: Path) -> None:
    rewrite(folder, readiness="not ready", trend=1)
    assert check_folder(folder, score) == [
        'scorecard.json: readiness is "not ready"; the timeline gives "ready"',
        "scorecard.json: trend is 1; the timeline gives 100",
    ]


def test_a_changed_figure_is_named_by_its_place(folder: Path) -> None:
    path = folder / "scorecard.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["metrics"][0]["verdict"] = "missed"
    card["costs"].append({"what": "nothing", "points": 1})
    rewrite(folder, **card)
    first, second = sorted(check_folder(folder, score))
    assert first.startswith("scorecard.json: costs is [{")
    assert second == 'scorecard.json: metrics[0].verdict is "missed"; the timeline gives "met"'


def test_an_added_key_is_found_out(folder: Path) -> None:
    rewrite(folder, approved=True)
    assert check_folder(folder, score) == [
        "scorecard.json: approved is true; the timeline gives null"
    ]


def test_the_same_values_in_other_bytes_are_found_out(folder: Path) -> None:
    path = folder / "scorecard.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    assert check_folder(folder, score) == [
        "scorecard.json: the same values, written in another way"
    ]


@pytest.mark.parametrize("content", ["", "not JSON", "[]", "1"])
def test_something_else_than_a_scorecard_is_found_out(folder: Path, content: str) -> None:
    (folder / "scorecard.json").write_text(content)
    (difference,) = check_folder(folder, score)
    assert difference.startswith("scorecard.json: it is ")


def test_a_changed_event_is_found_out(folder: Path) -> None:
    path = folder / "timeline.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"precision":0.01', '"precision":0.02', 1), encoding="utf-8")
    (difference,) = check_folder(folder, score)
    assert difference.startswith("timeline.jsonl: ")
    assert "changed after it was written" in difference


def test_a_removed_end_is_found_out(folder: Path) -> None:
    path = folder / "timeline.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    (difference,) = check_folder(folder, score)
    assert "not sealed" in difference


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\n\n"])
def test_a_timeline_that_is_none_is_found_out(folder: Path, content: bytes) -> None:
    (folder / "timeline.jsonl").write_bytes(content)
    (difference,) = check_folder(folder, score)
    assert difference.startswith("timeline.jsonl: ")


def test_a_note_with_odd_line_breaks_is_no_damage(tmp_path: Path) -> None:
    note = event(1, "note-added", "intake", person="responder-2", text="a\u2028b\x85c\x0bd\re")
    seal = event(2, "run-sealed", "supervisor", ended="refused", settled=True)
    whole = responder("prompt").records()[0].event
    records = chained([whole, note, seal], run="run-1")
    write_all(tmp_path, score(records), records)
    assert check_folder(tmp_path, score) == []


@pytest.mark.parametrize("name", ["timeline.jsonl", "scorecard.json"])
def test_a_folder_without_reports_is_a_wrong_call(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidError, match=f"{name} cannot be read: No such file"):
        check_folder(folder, score)
