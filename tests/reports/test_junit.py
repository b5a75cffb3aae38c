"""JUnit XML: what a CI system makes of a run."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.reports.junit import render_junit
from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import AccessRow, Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import records
from tests.reports.scorecards import metric, not_ready, scorecard
from tests.support.responders import responder


def suite(card: Scorecard) -> ET.Element:
    (found,) = ET.fromstring(render_junit(card, records()))
    return found


def results(card: Scorecard) -> dict[str, str]:
    """What became of each case."""
    kinds = {}
    for case in suite(card).findall("testcase"):
        tags = [child.tag for child in case if child.tag != "system-out"]
        kinds[case.attrib["name"]] = tags[0] if tags else "passed"
    return kinds


def test_a_drill_is_a_suite_with_its_properties() -> None:
    found = suite(not_ready(records()))
    assert found.attrib["name"] == "checkout-degraded"
    assert found.attrib["timestamp"] == "2026-11-24T14:02:03"
    assert found.attrib["time"] == "37.100"
    properties = {p.attrib["name"]: p.attrib["value"] for p in found.iter("property")}
    assert properties["readiness"] == "not ready"
    assert properties["simulated"] == "true"
    assert properties["settled"] == "true"


def test_each_figure_and_check_is_a_case() -> None:
    assert results(not_ready(records())) == {
        "readiness": "failure",
        "secondary response (M1)": "passed",
        "first mitigation (M3)": "passed",
        "access failures (M7)": "failure",
        "alert noise (M8)": "passed",
        "escalation latency (M10)": "passed",
        "pages delivered (delivery)": "passed",
        "runbook adherence (runbook_adherence)": "failure",
        "recovery time (recovery_time)": "skipped",
        "undo time (undo_time)": "passed",
        "access: the dashboard opens (responder-2)": "passed",
        "access: may scale checkout (responder-2)": "failure",
        "access: may lift a throttle (responder-2)": "passed",
    }


def test_the_suite_counts_its_cases() -> None:
    counts = suite(not_ready(records())).attrib
    assert {key: counts[key] for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "13", "failures": "4", "errors": "0", "skipped": "1",
    }  # fmt: skip


def test_a_failure_says_what_to_do() -> None:
    cases = suite(not_ready(records())).findall("testcase")
    (failure,) = [c.find("failure") for c in cases if "M7" in c.attrib["name"]]
    assert failure is not None
    assert failure.attrib["message"] == "missed: 1, target 0"
    assert "Next step: grant responder-2" in (failure.text or "")


@pytest.mark.parametrize(
    ("verdict", "required", "result"),
    [
        ("met", True, "passed"), ("met", False, "passed"),
        ("missed", True, "failure"), ("unverified", True, "error"),
        ("missed", False, "skipped"), ("unverified", False, "skipped"),
    ],
)  # fmt: skip
def test_only_required_figures_fail(verdict: str, required: bool, result: str) -> None:
    card = scorecard(metrics=[metric(verdict=verdict, required=required)])
    assert results(card)["secondary response (M1)"] == result


@pytest.mark.parametrize(
    ("readiness", "result"),
    [("ready", "passed"), ("not ready", "failure"), ("unverified", "error")],
)
def test_the_suite_agrees_with_the_verdict_even_when_every_figure_is_met(
    readiness: str, result: str
) -> None:
    assert results(scorecard(readiness=readiness))["readiness"] == result


@pytest.mark.parametrize(
    ("answer", "gate", "result"),
    [
        ("allowed", "missed", "passed"), ("denied", "missed", "failure"),
        ("unreachable", "unverified", "error"), ("unverified", "unverified", "error"),
        ("denied", "met", "skipped"), ("denied", None, "skipped"),
    ],
)  # fmt: skip
def test_a_check_fails_only_where_access_is_a_gate_that_is_not_met(
    answer: str, gate: str | None, result: str
) -> None:
    row = AccessRow.model_validate(
        {"check": "c", "person": "p", "answer": answer, "grade": None, "events": []}
    )
    m7 = metric("M7", verdict=gate or "missed", required=gate is not None)
    assert results(scorecard(metrics=[m7], access=[row]))["access: c (p)"] == result


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_all_pass_exactly_when_the_run_is_ready(behaviour: str) -> None:
    card = score(responder(behaviour).records())
    passed = not {"failure", "error"} & set(results(card).values())
    assert passed is (card.readiness == "ready")


@a_few
@given(scorecards())
def test_it_is_xml_whatever_is_in_it(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    text = render_junit(*drawn)
    root = ET.fromstring(text)
    assert len(root.findall("./testsuite/testcase")) > 0
    assert all(char.isprintable() or char in "\n\u200c\u200d" for char in text.decode())
