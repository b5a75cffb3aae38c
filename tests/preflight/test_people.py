"""Would the pages reach people, and the right ones? And is the line right that mends it?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drillmaster.engine.preflight import people
from drillmaster.engine.preflight.row import Row
from tests.support.preflight import Data, environment, looking_at, paste, project

Spoil = Callable[[Data], None]


def rows(path: Path) -> list[Row]:
    return list(people.rows(looking_at(path)))


def test_all_is_well(tmp_path: Path) -> None:
    (row,) = rows(project(tmp_path, environment()))
    assert row.result == "ok"
    assert "ana would stand in" in row.message


def no_level(where: Data) -> None:
    del where["oncall"]["policy"][1]


def one_level(where: Data) -> None:
    del where["oncall"]["policy"][0]


def same_level(where: Data) -> None:
    where["people"]["ana"]["roles"] = []
    where["people"]["ben"]["roles"] = ["primary", "secondary"]


def no_secondary(where: Data) -> None:
    where["people"]["ana"]["roles"] = ["third"]
    where["oncall"]["policy"][1]["page"] = "third"


def no_contact(where: Data) -> None:
    del where["people"]["ana"]["contacts"]


def terminal_alone(where: Data) -> None:
    where["people"]["ben"]["contacts"] = [{"channel": "here"}]


def no_address(where: Data) -> None:
    del where["people"]["ana"]["contacts"][1]["address"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_level, "no level of the policy pages the secondary"),
        (one_level, "the policy has one level"),
        (same_level, "rings nobody whom the first did not ring"),
        (no_secondary, "nobody is secondary"),
        (no_secondary, "no level of the policy pages the secondary"),
        (same_level, "ben would have to stand in for themselves"),
        (no_contact, "ana has no contact"),
        (terminal_alone, "ben is reached in the drill's own terminal alone"),
        (no_address, "ana has no address for mail"),
    ],
)
def test_what_would_stop_the_secondary(tmp_path: Path, spoil: Spoil, said: str) -> None:
    where = environment()
    spoil(where)
    found = rows(project(tmp_path, where))
    (row,) = [row for row in found if said in row.message]
    assert row.result == "problem"
    assert row.mend
    assert not any(row.result == "ok" for row in found)


@pytest.mark.parametrize("spoil", [no_level, one_level, no_contact, terminal_alone])
def test_the_line_mends_it(tmp_path: Path, spoil: Spoil) -> None:
    where = environment()
    spoil(where)
    path = project(tmp_path, where)
    (bad,) = [row for row in rows(path) if row.stops]
    paste(bad, path)
    assert not any(row.stops for row in rows(path))


def test_a_secondary_with_one_channel_is_told_of_the_night_in_which_it_fails(
    tmp_path: Path,
) -> None:
    where = environment()
    del where["people"]["ana"]["contacts"][1]
    path = project(tmp_path, where)
    (row,) = [row for row in rows(path) if row.result == "warning"]
    assert "no second channel" in row.message
    assert "F10" in row.message
    paste(row, path)
    assert [row.result for row in rows(path)] == ["ok"]


@pytest.mark.parametrize("links", [None, {"listen": "localhost:8710"}, {"listen": "[::1]:0"}])
def test_links_that_no_phone_can_open_are_told(tmp_path: Path, links: Any) -> None:
    where = environment(links=links)
    if links is None:
        del where["links"]
    path = project(tmp_path, where)
    (row,) = [row for row in rows(path) if row.result == "warning"]
    assert row.message == "the links on pages can be opened on this machine alone, and on no phone"
    paste(row, path)
    assert [row.result for row in rows(path)] == ["ok"]


def test_links_to_another_machine_are_well(tmp_path: Path) -> None:
    where = environment(links={"listen": "drills.example.org:8710"})
    assert [row.result for row in rows(project(tmp_path, where))] == ["ok"]


def test_a_contact_is_proposed_beside_those_that_are_there(tmp_path: Path) -> None:
    where = environment()
    where["channels"]["here"] = {"terminal": {}}
    terminal_alone(where)
    path = project(tmp_path, where)
    (bad,) = [row for row in rows(path) if row.stops]
    assert "own terminal alone" in bad.message
    paste(bad, path)
    assert not any(row.stops for row in rows(path))


def test_without_any_channel_one_is_proposed(tmp_path: Path) -> None:
    where = environment(channels={"here": {"terminal": {}}})
    for person in where["people"].values():
        person["contacts"] = [{"channel": "here"}]
    path = project(tmp_path, where)
    bad = [row for row in rows(path) if row.stops]
    assert len(bad) == 2
    assert all("there is no channel" in row.message for row in bad)
    paste(bad[0], path)
    assert all("there is no channel" not in row.message for row in rows(path))


def test_the_simulated_are_marked_and_need_no_contact(tmp_path: Path) -> None:
    where = environment()
    for person in where["people"].values():
        del person["contacts"]
        person["simulate"] = "prompt"
    found = rows(project(tmp_path, where))
    assert [row.result for row in found] == ["ok", "warning"]
    assert "ana and ben are simulated" in found[1].message
