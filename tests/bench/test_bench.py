"""The bench measures, and tells what it measured. Its goals are never asserted."""

import time
from pathlib import Path

import httpx
import pytest

from tests.bench import access, scoring, startup
from tests.bench.__main__ import PARTS, main
from tests.bench.figure import Figure, table
from tests.bench.turns import medians
from tests.support.controlplane.keeper import KUBECTL, PART, PROGRAM
from tests.support.delay import far_away
from tests.support.http import Reply, serving
from tests.support.require import missing


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


def test_what_is_counted_has_no_seconds() -> None:
    told = table([Figure("requests", 0.06, goal=0.5, unit="count"), Figure("fast", 0.001, 0.1)])
    assert told.splitlines()[1].split() == ["requests", "0.0600", "≤", "0.50", "met"]
    assert told.splitlines()[2].split()[-1] == "0.0100"


def test_no_two_access_checks_that_are_measured_are_alike() -> None:
    checks = access.profile_of(500, ["shop", "search"]).checks
    assert len(checks) == len({repr(check.body) for check in checks}) == 500


def test_a_server_is_as_far_away_as_it_is_made() -> None:
    with serving(lambda _: Reply()) as url:
        port = int(url.rpartition(":")[2])
        with far_away("127.0.0.1", port, 0.1) as proxy:
            began = time.perf_counter()
            assert httpx.get(f"http://127.0.0.1:{proxy}/", trust_env=False).text == "fine"
            assert time.perf_counter() - began >= 0.1


@pytest.mark.soak
def test_access_checks_are_measured_beside_the_peer(tmp_path: Path) -> None:
    if not (PROGRAM.exists() and KUBECTL.exists()):
        missing(PART, "it is not built (make controlplane)")
    local, requests, far, _ = access.figures(tmp_path, turns=1, checks=40)
    assert (local.goal, far.goal, requests.unit) == (0.025, 0.0166, "count")
    assert all(figure.ours > 0 and figure.peer for figure in (local, far))
    assert far.peer > local.peer  # type: ignore[operator]  # neither is None


def test_a_part_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nosuch"]) == 2
    said = capsys.readouterr().out
    assert all(part in said for part in PARTS)
