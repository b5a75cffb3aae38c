"""The bench measures, and tells what it measured. Its goals are never asserted."""

import time
from pathlib import Path

import pytest

from tests.bench import scoring, startup
from tests.bench.__main__ import PARTS, main
from tests.bench.figure import Figure, table
from tests.bench.turns import medians


def test_a_figure_is_beside_its_peer_and_its_goal() -> None:
    told = table(
        [
            Figure("quick", 0.05, 0.2, 0.5),
            Figure("slow", 2.0, 1.0, 1.3),
            Figure("alone", 0.3, goal=1.0),
            Figure("told", 0.3, 0.2),
        ]
    ).splitlines()
    assert told[0].split() == ["ours", "peer", "ratio", "goal"]
    assert told[1].split() == ["quick", "50.0", "ms", "0.200", "s", "0.25", "≤", "0.5", "met"]
    assert told[2].split()[-3:] == ["≤", "1.3", "MISSED"]
    assert told[3].split() == ["alone", "0.300", "s", "≤", "1.000", "s", "met"]
    assert told[4].split()[-1] == "1.50"


def test_turns_are_taken_in_both_orders_and_the_first_does_not_count() -> None:
    order: list[str] = []

    def take(name: str, *times: float) -> float:
        order.append(name)
        return times[order.count(name) - 1]

    found = medians(3, lambda: take("a", 99, 1, 2, 3), lambda: take("b", 99, 7, 5, 6))
    assert found == [2, 6]
    assert order == ["a", "b", "a", "b", "b", "a", "a", "b"]


def test_the_start_is_measured_beside_the_peers(tmp_path: Path) -> None:
    figures = list(startup.figures(tmp_path, turns=1))
    assert [figure.goal for figure in figures] == [0.5, 1.0]
    assert all(figure.ours > 0 and figure.peer for figure in figures)


def test_a_long_timeline_is_as_long_as_it_says_and_is_scored(tmp_path: Path) -> None:
    records = scoring.long_timeline(500)
    assert len(records) == 500
    assert [record.seq for record in records] == list(range(1, 501))
    began = time.perf_counter()
    (figure,) = scoring.figures(tmp_path, turns=1)
    assert 0 < figure.ours < time.perf_counter() - began


def test_a_part_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nosuch"]) == 2
    said = capsys.readouterr().out
    assert all(part in said for part in PARTS)
