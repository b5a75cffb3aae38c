"""Faults that are in: their share, and the door that closes behind them."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillmaster.sandbox.marks import Mark, Marks, Order, UndoneError


def order(kind: str = "throttle", **arguments: object) -> Order:
    fields = {"share": 0.5} if kind == "throttle" and not arguments else arguments
    return Order.model_validate(
        {
            "run": "r1",
            "kind": kind,
            "workload": "checkout",
            "expires": datetime(2030, 1, 1, tzinfo=UTC),
            **fields,
        }
    )


def nothing(_mark: Mark) -> None:
    return None


@given(st.integers(0, 100_000), st.integers(0, 300), st.integers(0, 300))
def test_any_requests_in_a_row_are_hit_by_their_share(parts: int, before: int, row: int) -> None:
    share = parts / 100_000
    mark = Mark("f", order(share=share), desired=4)
    for _ in range(before):
        mark.hits()
    hits = sum(mark.hits() for _ in range(row))
    assert abs(hits - Fraction(parts, 100_000) * row) < 1


@given(st.integers(1, 100_000))
def test_from_the_start_the_share_is_rounded_down(parts: int) -> None:
    mark = Mark("f", order(share=parts / 100_000), desired=4)
    hits = sum(mark.hits() for _ in range(500))
    assert hits == parts * 500 // 100_000


def test_a_fault_comes_in_once() -> None:
    marks = Marks()
    assert marks.put("f", order(), desired=4)
    assert not marks.put("f", order(), desired=4)
    assert [mark.id for mark in marks] == ["f"]


def test_a_fault_that_was_undone_never_comes_in_again() -> None:
    marks = Marks()
    marks.put("f", order(), desired=4)
    assert marks.undo("f", nothing) == (True, None)
    assert marks.undo("f", nothing) == (False, None)
    for attempt in (lambda: marks.put("f", order(), desired=4), lambda: marks.get("f")):
        with pytest.raises(UndoneError):
            attempt()
    assert list(marks) == []


def test_a_fault_that_never_came_is_refused_after_its_undo() -> None:
    marks = Marks()
    assert marks.undo("f", nothing) == (False, None)
    with pytest.raises(UndoneError):
        marks.put("f", order(), desired=4)


def test_what_somebody_lifted_is_not_in_force_and_leaves_a_residue() -> None:
    marks = Marks()
    marks.put("f", order(), desired=4)
    marks.put("g", order(), desired=4)
    marks.lift([mark for mark in marks if mark.id == "f"], "lifted by responder-2 meanwhile")
    assert marks.throttled_share == 0.5
    assert [mark.id for mark in marks.in_force("throttle")] == ["g"]
    left = (False, "lifted by responder-2 meanwhile")
    assert marks.undo("f", nothing) == left
    assert marks.undo("f", nothing) == left
    assert marks.undo("g", lambda mark: f"{mark.desired} replicas") == (True, "4 replicas")


def test_when_a_fault_went_is_remembered_and_by_whom() -> None:
    marks = Marks()
    for name in ("lifted", "undone", "left"):
        marks.put(name, order(), desired=4)
    marks.lift([mark for mark in marks if mark.id == "lifted"], "lifted by responder-2 meanwhile")
    lifted = marks.went("lifted")
    assert lifted is not None
    assert lifted.by is None
    marks.undo("lifted", nothing, "run")
    assert marks.went("lifted") == lifted, "it had gone before"
    marks.undo("undone", nothing, "a sweep")
    undone = marks.went("undone")
    assert undone is not None
    assert (undone.by, undone.at >= lifted.at) == ("a sweep", True)
    marks.undo("undone", nothing, "run")
    assert marks.went("undone") == undone
    assert marks.went("left") is None


def test_what_is_cut_is_what_no_one_has_given_back() -> None:
    marks = Marks()
    for number, name in enumerate(["database-primary", "database-standby", "database-primary"]):
        marks.put(str(number), order("unreachable-dependency", dependency=name), desired=4)
    assert marks.cut == {"database-primary", "database-standby"}
    marks.undo("0", nothing)
    assert marks.cut == {"database-primary", "database-standby"}
    marks.undo("2", nothing)
    assert marks.cut == {"database-standby"}
