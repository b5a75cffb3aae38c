"""What people see, and that looking changes nothing."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from drillmaster.oncall import doors
from drillmaster.timeline.events import StepEvidenced
from drillmaster.timeline.log import post
from tests.intake.conftest import Desk
from tests.support.handbook import runbook
from tests.support.oncall import drill, short

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_it_tells_what_happened_and_to_whom(desk: Desk) -> None:
    page = desk.get()
    assert page.status_code == 200
    text = page.text
    assert "<strong>DRILL</strong>" in text
    assert "<title>[DRILL] checkout refuses most requests</title>" in text
    for part in ("critical", "checkout", "ben, secondary on call", "Nobody has acknowledged yet"):
        assert part in text
    for part in ("Look at the dashboard", "within 15s of the acknowledgement", "Optional"):
        assert part in text
    assert "<strong>six</strong>" in text
    assert 'href="https://dash.example.org/checkout"' in text


def test_somebody_not_on_call_is_told_so(desk: Desk) -> None:
    assert "dan, not on call" in desk.get("dan").text


def test_a_get_changes_nothing(desk: Desk) -> None:
    before = short(desk.log())
    page = desk.get()
    desk.browser.head(desk.link("ben"))
    for act in ("ack", "withdraw", "hand-over", "bridge", "note", "steps/look"):
        answer = desk.browser.get(f"{desk.link('ben')}/{act}")
        assert answer.status_code == 405
    for target in re.findall(r'href="([^"]+)"', page.text):  # as a scanner would
        assert "/page/" not in target
    assert short(desk.log()) == before
    assert desk.said() == []


def test_it_works_without_scripts_and_loads_nothing(desk: Desk) -> None:
    page = desk.get()
    for tag in ("<script", "<img", "<link", "<iframe", " src=", "url("):
        assert tag not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://meet.example.org;" in policy
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"


def test_what_others_wrote_is_shown_as_text(make_desk: Callable[..., Desk]) -> None:
    evil = runbook(
        {
            "id": "evil",
            "title": f"title {EVIL}",
            "text": f"text {EVIL} [x](javascript:alert(1)) ![pic](https://example.org/p.png)",
            "decision": {"question": f"q {EVIL}", "options": [EVIL, "no"], "sound": ["no"]},
        }
    )
    desk = make_desk(runbook=evil, bridge="javascript:alert(1)")
    desk.provider.open(drill(summary=EVIL, service=EVIL))
    assert desk.post("note", data={"text": EVIL}).status_code == 303
    page = desk.get()
    parsed = _Parsed()
    parsed.feed(page.text)
    assert not parsed.tags & {"script", "img", "iframe", "object", "link"}
    assert not {name for name in parsed.attributes if name.startswith("on")}
    assert not [link for link in parsed.links if link.startswith("javascript")]
    assert "&lt;script&gt;alert(1)" in page.text
    answer = desk.post("decisions/evil", data={"choice": EVIL})
    assert answer.status_code == 303


class _Parsed(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


def test_it_follows_what_happens(desk: Desk) -> None:
    desk.clock.move(60)
    desk.provider.advance()
    assert "Nobody has acknowledged yet. Paged: ben and bea." in desk.get().text
    assert "Hand over" not in desk.get().text
    desk.post("ack", "dan")
    assert "dan acknowledged." in desk.get().text
    desk.post("ack")
    text = desk.get().text
    assert "You acknowledged. So did dan." in text
    assert "Hand over to the third on call" in text
    assert 'action="' in text
    assert "/ack" not in text
    desk.post("hand-over")
    assert "Nobody has acknowledged yet. Paged: cleo." in desk.get().text


def test_the_last_level_has_no_hand_over_button(desk: Desk) -> None:
    desk.post("ack", "cleo")
    assert "Hand over" not in desk.get("cleo").text
    assert "Take it back" in desk.get("cleo").text


def test_steps_that_are_done_are_marked_by_whatever_evidence(desk: Desk) -> None:
    with desk.store.write() as connection:
        seen = StepEvidenced(
            occurred_at=desk.clock.now(),
            observed_at=desk.clock.now(),
            source="target",
            precision=0.1,
            step="lift-throttle",
            person="dan",
            grade="proved",
            how="audit",
        )
        post(connection, "run-1", seen)
    desk.post("steps/look")
    text = desk.get().text
    assert "Done by ben" in text
    assert "Done by dan" in text
    assert "I did it too" in text
    assert text.count('class="card done"') == 2


def test_the_choice_that_was_made_is_shown(desk: Desk) -> None:
    desk.post("decisions/lift-throttle", data={"choice": "restart checkout"})
    desk.post("decisions/lift-throttle", data={"choice": "lift it"})
    assert 'value="lift it" class="chosen"' in desk.get().text
    assert 'class="chosen"' not in desk.get("bea").text


def test_a_bridge_that_is_no_link_is_shown(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(bridge="+351 210 000 000, room 7")
    desk.provider.open(drill())
    assert "Bridge: +351 210 000 000, room 7" in desk.get().text
    assert desk.post("bridge").headers["location"].startswith("../")
    assert [event.type for event in desk.said()] == ["bridge-opened"]


def test_without_a_runbook_and_a_bridge_there_is_still_the_ack(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(runbook=None, bridge=None)
    desk.provider.open(drill())
    text = desk.get().text
    assert "Acknowledge" in text
    assert "<h2>Runbook" not in text
    assert "bridge</button>" not in text


def test_a_real_incident_says_that_it_is_one(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(run=None)
    desk.provider.open_real("real-1", "billing", "warning", "billing is slow")
    page = desk.browser.get(desk.link("ben", "real-1"))
    assert "<strong>REAL INCIDENT</strong>" in page.text
    assert "DRILL" not in page.text


@pytest.mark.parametrize("how", ["resolved", "settling"])
def test_what_is_over_is_shown_without_a_button(desk: Desk, how: str) -> None:
    desk.post("steps/look")
    if how == "resolved":
        doors.resolve(desk.store, desk.clock, "inc-1", "supervisor")
    else:
        desk.set_run(how)
    page = desk.get()
    assert page.status_code == 200
    assert "This is over" in page.text
    assert "<strong>DRILL</strong>" in page.text
    assert "<button" not in page.text
    assert "Done by ben" in page.text


class TestBadLinks:
    def test_a_changed_one(self, desk: Desk) -> None:
        link = desk.link("ben")
        for bad in (link[:-1], link + "x", link.replace("/page/", "/page/x")):
            for answer in (desk.browser.get(bad), desk.browser.post(f"{bad}/ack")):
                self.is_plain(answer, 403, "This link is not valid.")

    def test_an_old_one(self, desk: Desk) -> None:
        link = desk.link("ben")
        desk.clock.move(13 * 3600)
        self.is_plain(desk.browser.get(link), 403, "This link has expired.")
        self.is_plain(desk.browser.post(f"{link}/ack"), 403, "This link has expired.")

    def test_one_of_an_incident_that_is_not_there(self, desk: Desk) -> None:
        link = desk.link("ben", "inc-9")
        self.is_plain(desk.browser.get(link), 404, "There is no such incident.")

    def test_one_of_another_drill(self, desk: Desk) -> None:
        desk.provider.open(drill("inc-2", run="run-2"))
        link = desk.link("ben", "inc-2")
        self.is_plain(desk.browser.get(link), 404, "This incident belongs to another drill.")

    def test_one_of_an_automation(self, desk: Desk) -> None:
        link = desk.intake.automation("inc-1")
        self.is_plain(desk.browser.get(link), 403, "This link is for an automation.")

    def test_a_page_that_is_not_there(self, desk: Desk) -> None:
        self.is_plain(desk.browser.get(f"{desk.intake.url}/"), 404, "There is no such page.")
        self.is_plain(desk.post("dance"), 404, "There is no such page.")
        self.is_plain(desk.post("steps/look/now"), 404, "There is no such page.")

    def is_plain(self, answer: httpx.Response, status: int, text: str) -> None:
        assert answer.status_code == status
        assert text in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "checkout refuses" not in answer.text
        assert "Traceback" not in answer.text
