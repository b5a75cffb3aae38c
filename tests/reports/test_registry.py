"""Every format keeps to the same rules, whoever wrote it."""

import sys
from pathlib import Path

import pytest
from hypothesis import given

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.errors import DrillmasterError, InvalidError
from drillmaster.reports.registry import FILES, RENDERERS, formats, renderer, write_all
from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import records
from tests.reports.scorecards import not_ready, scorecard
from tests.support.responders import responder

HUMAN = ["html", "md", "summary"]


@pytest.mark.parametrize("name", RENDERERS)
def test_a_report_depends_on_its_input_alone(name: str) -> None:
    card = not_ready(records())
    once, again = renderer(name)(card, records()), renderer(name)(card, records())
    assert once == again
    assert once.endswith(b"\n")
    once.decode()


@pytest.mark.parametrize("name", RENDERERS)
@a_few
@given(drawn=scorecards())
def test_a_report_takes_any_run(name: str, drawn: tuple[Scorecard, list[Recorded]]) -> None:
    assert renderer(name)(*drawn)


@pytest.mark.parametrize("name", HUMAN)
@pytest.mark.parametrize("readiness", ["ready", "not ready", "unverified"])
def test_people_read_the_verdict_and_that_it_was_simulated(name: str, readiness: str) -> None:
    card = scorecard(readiness=readiness, simulated=True)
    text = renderer(name)(card, records()).decode()
    assert readiness.capitalize() in text
    assert "SIMULATED" in text
    assert "SIMULATED" not in renderer(name)(scorecard(readiness=readiness), records()).decode()


@pytest.mark.parametrize("name", [name for name in HUMAN if name != "summary"])
@pytest.mark.parametrize(
    ("played", "says"),
    [
        (["primary"], "what the secondary did is a person"),
        (["primary", "secondary"], "this says nothing about a person"),
        ([], "this says nothing about a person"),
    ],
)
def test_people_read_whose_part_was_simulated(name: str, played: list[str], says: str) -> None:
    card = scorecard(simulated=True, played=played)
    assert says in renderer(name)(card, records()).decode()


@pytest.mark.parametrize("name", [name for name in RENDERERS if name != "json"])
def test_a_refused_drill_has_no_trend(name: str) -> None:
    card = scorecard(readiness="unverified", ended="refused", trend=None)
    text = renderer(name)(card, records()).decode().lower()
    heads_and_style = "# ", ".trend"
    told = [line for line in text.splitlines() if not line.startswith(heads_and_style)]
    assert "trend" not in "\n".join(told)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", RENDERERS)
def test_a_scored_run_can_be_reported(name: str, behaviour: str) -> None:
    timeline = responder(behaviour).records()
    assert renderer(name)(score(timeline), timeline)


def test_an_unknown_format_gets_a_hint() -> None:
    with pytest.raises(InvalidError, match="no report format 'htm'; did you mean html"):
        renderer("htm")
    with pytest.raises(InvalidError, match="there are html, json, junit"):
        renderer("powerpoint")


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package with formats of its own."""
    (tmp_path / "acme_reports.py").write_text(
        "def csv(scorecard, records):\n"
        "    return b''.join(f'{m.id},{m.verdict}\\n'.encode() for m in scorecard.metrics)\n"
        "number = 1\n"
    )
    about = tmp_path / "acme_reports-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-reports\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[drillmaster.reports]\n"
        "csv = acme_reports:csv\n"
        "html = acme_reports:csv\n"
        "number = acme_reports:number\n"
        "broken = acme_reports:nothing\n"
        "absent = acme_nowhere:csv\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme_reports", raising=False)


@pytest.mark.usefixtures("foreign")
def test_another_package_adds_a_format() -> None:
    assert "csv" in formats()
    assert renderer("csv")(scorecard(), records()) == b"M1,met\n"


@pytest.mark.usefixtures("foreign")
def test_no_package_replaces_a_format_of_drillmaster() -> None:
    assert renderer("html") is RENDERERS["html"]


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize(
    ("name", "message"),
    [("number", "is no function"), ("broken", "cannot be loaded"), ("absent", "cannot be loaded")],
)
def test_a_format_that_does_not_load_is_named(name: str, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        renderer(name)


def test_a_run_has_a_folder_with_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "run-1"
    write_all(folder, not_ready(records()), records())
    assert {path.name for path in folder.iterdir()} == set(FILES)
    for name, form in FILES.items():
        assert (folder / name).read_bytes() == renderer(form)(not_ready(records()), records())


def test_a_folder_that_cannot_be_made_is_one_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(DrillmasterError, match=r"cannot be written to .*reports/run-1"):
        write_all(tmp_path / "reports" / "run-1", scorecard(), records())
