"""What people do through their links, and how it is taken down."""

from collections.abc import Callable

import httpx
import pytest

from drillmaster.oncall import doors
from drillmaster.timeline.events import (
    Acknowledged,
    BridgeOpened,
    DecisionAnswered,
    NoteAdded,
    StepEvidenced,
)
from tests.intake.conftest import BRIDGE, Desk
from tests.support.oncall import drill, short

JSON = {"Accept": "application/json"}


def test_acknowledging(desk: Desk) -> None:
    desk.clock.move(4)
    answer = desk.post("ack")
    assert answer.status_code == 303
    event = desk.log()[-1]
    assert isinstance(event, Acknowledged)
    assert (event.person, event.role, event.agent, event.via) == (
        "ben",
        "secondary",
        "person",
        "link",
    )
    assert event.occurred_at == desk.clock.now()
    assert desk.said() == []  # on-call's own record has it


def test_the_terminal_says_that_it_stands_before_the_link(desk: Desk) -> None:
    desk.post("ack", json={"via": "terminal"})
    desk.post("withdraw")
    desk.post("ack", json={"via": "carrier pigeon"})
    doors_ = [event.via for event in desk.log() if isinstance(event, Acknowledged)]
    assert doors_ == ["terminal", "link"]


def test_a_form_leads_back_to_its_page(desk: Desk) -> None:
    desk.browser.follow_redirects = True
    for act, form in (("ack", {}), ("steps/look", {}), ("note", {"text": "hm"})):
        answer = desk.post(act, data=form)
        assert answer.status_code == 200
        assert answer.url == desk.link("ben")
        assert "You acknowledged" in answer.text


def test_an_ack_is_taken_back_and_handed_over(desk: Desk) -> None:
    for act in ("ack", "withdraw", "ack", "hand-over"):
        assert desk.post(act).status_code == 303
    assert short(desk.log())[3:] == [
        "ack ben secondary person",
        "withdrawn ben",
        "page ana",
        "ack ben secondary person",
        "hand-over ben",
        "level 3 hand-over",
        "page cleo",
    ]


def test_on_call_may_say_no(desk: Desk) -> None:
    answer = desk.post("withdraw")
    assert answer.status_code == 409
    assert "Nobody has acknowledged incident inc-1." in answer.text
    assert "Back to the page" in answer.text
    answer = desk.post("withdraw", headers=JSON)
    assert answer.status_code == 409
    assert answer.json() == {"error": "Nobody has acknowledged incident inc-1."}


def test_an_automation_may_acknowledge_and_nothing_else(desk: Desk) -> None:
    link = desk.intake.automation("inc-1")
    assert desk.intake.links("inc-1", "ben")["automation"] == link
    assert desk.browser.post(f"{link}/ack", headers=JSON).status_code == 200
    assert short(desk.log())[-1] == "ack None None automation"
    for act in ("withdraw", "hand-over", "bridge", "note", "steps/look"):
        assert desk.browser.post(f"{link}/{act}").status_code == 403
    assert desk.said() == []


def test_the_bridge_is_opened(desk: Desk) -> None:
    answer = desk.post("bridge")
    assert (answer.status_code, answer.headers["location"]) == (303, BRIDGE)
    assert desk.post("bridge", headers=JSON).json()["next"] == BRIDGE
    (event, _) = desk.said()
    assert isinstance(event, BridgeOpened)
    assert (event.person, event.source) == ("ben", "intake")
    assert event.occurred_at == event.observed_at == desk.clock.now()
    assert event.precision <= 0.01


def test_a_note(desk: Desk) -> None:
    assert desk.post("note", data={"text": " 429 everywhere\nlooking "}).status_code == 303
    assert desk.post("note", json={"text": "lifted ✓"}).status_code == 200
    first, second = desk.said()
    assert isinstance(first, NoteAdded)
    assert isinstance(second, NoteAdded)
    assert first.text == "429 everywhere\nlooking"
    assert second.text == "lifted ✓"
    assert desk.post("note", data={"text": "  "}).status_code == 400
    assert desk.post("note", data={"text": "x" * 2001}).status_code == 413
    assert len(desk.said()) == 2


def test_a_step_is_the_persons_own_word(desk: Desk) -> None:
    assert desk.post("steps/lift-throttle").status_code == 303
    (event,) = desk.said()
    assert isinstance(event, StepEvidenced)
    assert (event.step, event.person) == ("lift-throttle", "ben")
    assert (event.grade, event.how) == ("self-reported", "self-report")


def test_to_tap_twice_is_not_to_do_it_twice(desk: Desk) -> None:
    for _ in range(3):
        desk.clock.move(1)
        assert desk.post("steps/look").status_code == 303
    assert len(desk.said()) == 1
    desk.post("steps/look", "bea")
    assert len(desk.said()) == 2


def test_a_decision(desk: Desk) -> None:
    answer = desk.post("decisions/lift-throttle", data={"choice": "leave it and wait"})
    assert answer.status_code == 303
    (event,) = desk.said()
    assert isinstance(event, DecisionAnswered)
    assert (event.step, event.person) == ("lift-throttle", "ben")
    assert event.choice == "leave it and wait"


@pytest.mark.parametrize(
    ("act", "choice", "status"),
    [
        ("steps/no-such-step", "", 404),
        ("decisions/no-such-step", "lift it", 404),
        ("decisions/look", "lift it", 404),
        ("decisions/lift-throttle", "dance", 400),
        ("decisions/lift-throttle", "", 400),
        ("ack/look", "", 404),
        ("steps", "", 404),
    ],
)
def test_what_is_not_there_cannot_be_done(desk: Desk, act: str, choice: str, status: int) -> None:
    assert desk.post(act, data={"choice": choice}).status_code == status
    assert desk.said() == []


def test_a_program_gets_json(desk: Desk) -> None:
    for answer in (desk.post("ack", headers=JSON), desk.post("ack", json={})):
        assert answer.status_code == 200
        assert answer.json() == {"done": "ack", "incident": "inc-1", "next": None}
    answer = desk.browser.post(f"{desk.intake.url}/page/x/ack", headers=JSON)
    assert (answer.status_code, answer.json()) == (403, {"error": "This link is not valid."})


ACTS = ["bridge", "note", "steps/look", "decisions/lift-throttle"]


@pytest.mark.parametrize("act", ["ack", "withdraw", "hand-over", *ACTS])
def test_a_resolved_incident_takes_nothing_more(desk: Desk, act: str) -> None:
    desk.post("ack")
    doors.resolve(desk.store, desk.clock, "inc-1", "supervisor")
    assert _any(desk, act).status_code == 409
    assert desk.said() == []
    assert short(desk.log())[-1] == "resolved supervisor"


@pytest.mark.parametrize("state", ["settling", "settled", "stuck"])
@pytest.mark.parametrize("act", ACTS)
def test_a_run_that_is_over_takes_nothing_more(desk: Desk, act: str, state: str) -> None:
    desk.set_run(state)
    assert _any(desk, act).status_code == 409
    assert desk.said() == []


def _any(desk: Desk, act: str) -> httpx.Response:
    return desk.post(act, data={"text": "late", "choice": "lift it"})


def test_a_real_incident_keeps_it_in_its_own_log(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(run=None)
    desk.provider.open_real("real-1", "billing", "error", "billing is down")
    link = desk.link("ben", "real-1")
    for _ in range(2):
        assert desk.browser.post(f"{link}/steps/look").status_code == 303
    assert desk.browser.post(f"{link}/note", data={"text": "looking"}).status_code == 303
    log = [event.type for event in desk.log("real-1")]
    assert log[-2:] == ["step-evidenced", "note-added"]
    assert log.count("step-evidenced") == 1
    assert "Done by ben" in desk.browser.get(link).text
    doors.resolve(desk.store, desk.clock, "real-1", "ana")
    assert desk.browser.post(f"{link}/note", data={"text": "late"}).status_code == 409


def test_an_incident_of_a_run_that_nobody_knows_is_over(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(run="run-9")
    desk.provider.open(drill(run="run-9"))
    assert desk.post("note", data={"text": "hello"}).status_code == 409
