"""Simulated responders, as the real process, against doors that write down who knocks."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from drillmaster.definitions.runbook import Runbook
from drillmaster.definitions.simulation import BEHAVIOURS, Behaviour
from drillmaster.sandbox.responders import Part, Responders, Settings, start
from drillmaster.sandbox.responders.launch import ResponderError
from tests.runbooks.books import CHECKOUT, audit, runbook, step
from tests.sandbox.doors import WAIT, Entry, World
from tests.support.http import serving

BOOK = runbook(
    step("look", audit("view")),
    step(
        "lift-throttle",
        audit("lift-throttle"),
        decision={"question": "And now?", "options": ["lift", "wait"], "sound": ["lift"]},
    ),
    step("scale-out", audit("scale", replicas=6)),
    step("ease", {"state": CHECKOUT | {"what": "throttled-share", "equals": "0"}}),
    step("tell", {"self-report": {}}, optional=True),
)
STEPS = [
    ("token", "view"),
    ("page", "decisions/lift-throttle lift"),
    ("token", "lift-throttle"),
    ("token", "scale"),
    ("page", "steps/tell"),
]
"""What somebody does who follows the runbook, through their page or with their token."""


def steps(who: str, *left_out: int) -> list[Entry]:
    """What one person does who follows the runbook."""
    return [(f"{key} of {who}", act) for n, (key, act) in enumerate(STEPS) if n not in left_out]


def ack(who: str) -> Entry:
    return f"page of {who}", "ack"


@pytest.fixture(scope="module")
def doors() -> Iterator[World]:
    world = World()
    with serving(world.answer) as url:
        world.url = url
        yield world


@pytest.fixture
def world(doors: World) -> World:
    doors.reset()
    return doors


def hasty(name: str) -> Behaviour:
    """A behaviour that has a name, with times that a test can wait for."""
    known = BEHAVIOURS[name]
    times: dict[str, Any] = {"runbook": known.runbook.model_copy(update={"step_time": 0.02})}
    if known.acknowledge != "never":
        times["acknowledge"] = known.acknowledge / 100
    return known.model_copy(update=times)


MORE = {
    "hands-over": {"acknowledge": "20ms", "then": "hand-over"},
    "slow": {"acknowledge": "300ms", "runbook": {"step_time": "150ms"}},
    "stuck": {"acknowledge": "0s", "runbook": {"step_time": "1h"}},
    "idle": {"acknowledge": "0s", "runbook": {"follow": "none"}},
}
PARTY = {name: hasty(name) for name in BEHAVIOURS} | {
    name: Behaviour.model_validate(shape) for name, shape in MORE.items()
}
"""A person for each behaviour, called after it."""


def settings(world: World, book: Runbook | None = BOOK) -> Settings:
    return Settings(
        people={
            who: Part(behaviour=behaviour, token=f"token of {who}")
            for who, behaviour in PARTY.items()
        },
        tokens={"responder-3": "token of responder-3"},
        runbook=book,
        admin=world.url,
        namespace="shop",
        workload="checkout",
    )


@pytest.fixture(scope="module")
def party(doors: World) -> Iterator[Responders]:
    with start(settings(doors)) as responders:
        yield responders


def ring(responders: Responders, page: dict[str, Any], status: int = 202) -> None:
    url = responders.url_for(page["person"])
    assert httpx.post(url, json=page, trust_env=False, timeout=WAIT).status_code == status


def played(world: World, party: Responders, who: str, *last: Entry) -> list[Entry]:
    """All that is done with one page, until a moment after `last`."""
    ring(party, world.page(who))
    world.wait_for(*last)
    time.sleep(0.2)  # for what should not follow
    return world.knocked


@pytest.mark.parametrize("who", ["prompt", "late", "denied"])
def test_who_follows_the_runbook_does_every_step_in_order(
    world: World, party: Responders, who: str
) -> None:
    world.refuses = who == "denied"
    assert played(world, party, who, steps(who)[-1]) == [ack(who), *steps(who)]
    assert CHECKOUT | {"parameters": {"replicas": 6}} in world.bodies


def test_the_times_are_kept(world: World, party: Responders) -> None:
    rung = time.monotonic()
    played(world, party, "slow", steps("slow")[-1])
    assert 0.3 <= world.times[0] - rung < 3
    assert world.times[1] - world.times[0] >= 0.14
    assert world.times[-1] - world.times[0] >= 5 * 0.14


def test_who_is_silent_does_nothing(world: World, party: Responders) -> None:
    assert played(world, party, "silent") == []


def test_the_wrong_person_does_it_in_their_own_name(world: World, party: Responders) -> None:
    theirs = [ack("responder-3"), *steps("responder-3")]
    assert played(world, party, "wrong-person", theirs[-1]) == theirs


def test_a_bot_acknowledges_and_wakes_nobody(world: World, party: Responders) -> None:
    assert played(world, party, "bot", ack("automation")) == [ack("automation")]


@pytest.mark.parametrize("who", ["hollow", "idle"])
def test_who_does_nothing_stops_after_the_ack(world: World, party: Responders, who: str) -> None:
    assert played(world, party, who, ack(who)) == [ack(who)]


def test_who_skips_leaves_out_the_whole_step(world: World, party: Responders) -> None:
    expected = [ack("skips"), *steps("skips", 1, 2)]
    assert played(world, party, "skips", expected[-1]) == expected


def test_who_substitutes_does_something_else_and_decides_so(
    world: World, party: Responders
) -> None:
    who = "substitutes"
    expected = [ack(who), *steps(who)]
    expected[2:4] = [
        (f"page of {who}", "decisions/lift-throttle wait"),
        (f"token of {who}", "restart"),
    ]
    assert played(world, party, who, expected[-1]) == expected
    assert world.bodies[3] == CHECKOUT | {"parameters": {}}


def test_two_people_do_the_same_at_the_same_time(world: World, party: Responders) -> None:
    mine, theirs = [ack("doubles"), *steps("doubles")], steps("responder-3")
    done = played(world, party, "doubles", mine[-1], theirs[-1])
    assert [entry for entry in done if entry in mine] == mine
    assert [entry for entry in done if entry in theirs] == theirs
    assert len(done) == len(mine + theirs)
    assert done.index(theirs[0]) < done.index(mine[-1])


def test_who_hands_over_stops_there(world: World, party: Responders) -> None:
    handed = ("page of hands-over", "hand-over")
    assert played(world, party, "hands-over", handed) == [ack("hands-over"), handed]
    assert world.times[1] - world.times[0] >= 0.45


def test_an_incident_is_taken_once_however_often_the_pager_rings(
    world: World, party: Responders
) -> None:
    page = world.page("hollow")
    for _ in range(3):
        ring(party, page)
    assert played(world, party, "hollow", ack("hollow"), ack("hollow")) == [ack("hollow")] * 2


def test_a_link_that_fails_is_pressed_again(world: World, party: Responders) -> None:
    world.fails = 2
    assert played(world, party, "hollow", ack("hollow")) == [ack("hollow")]


def test_a_door_without_a_link_stays_shut(world: World, party: Responders) -> None:
    without: dict[str, Any] = {"others": {}, "automation": None}
    for who in ("bot", "wrong-person"):
        ring(party, world.page(who) | without)
    played(world, party, "hollow", ack("hollow"))
    assert {who for who, _ in world.knocked} <= {"page of hollow", "token of responder-3"}


def test_what_is_no_page_is_refused(world: World, party: Responders) -> None:
    ring(party, {"incident": "inc-1", "person": "prompt"}, status=400)
    ring(party, world.page("responder-9"), status=404)


def test_without_a_runbook_there_is_nothing_to_follow(world: World) -> None:
    with start(settings(world, book=None)) as responders:
        assert played(world, responders, "prompt", ack("prompt")) == [ack("prompt")]


def test_pages_and_programs_of_a_runbook(world: World) -> None:
    elsewhere = world.url.replace("127.0.0.1", "localhost")
    book = runbook(
        step("own", {"http": {"url": f"{world.url}/dashboard/checkout"}}),
        step("other", {"http": {"url": f"{elsewhere}/there"}}),
        step("program", {"command": {"run": ["true"]}}),
        step("plain"),
    )
    last = ("page of prompt", "steps/plain")
    with start(settings(world, book)) as responders:
        done = played(world, responders, "prompt", last)
    assert done[1:] == [("token of prompt", "checkout"), ("", "there"), last]


def test_closing_ends_them_whatever_they_do(world: World) -> None:
    responders = start(settings(world))
    process = psutil.Process(responders._process.pid)
    played(world, responders, "stuck", ack("stuck"))
    begun = time.monotonic()
    responders.close()
    assert time.monotonic() - begun < 1.5
    assert not process.is_running()
    responders.close()


def test_they_end_with_whoever_started_them(world: World) -> None:
    code = (
        "import sys\n"
        "from drillmaster.sandbox.responders import Settings, start\n"
        "responders = start(Settings.model_validate_json(sys.stdin.readline()))\n"
        "print(responders._process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(settings(world).model_dump_json() + "\n")
        parent.stdin.flush()
        process = psutil.Process(int(parent.stdout.readline()))
        assert "token of" not in " ".join(process.cmdline())
        parent.kill()
    assert process.wait(5) in (None, 0)


def test_responders_that_do_not_start_are_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[start.__module__], "_COMMAND", ["true"])
    with pytest.raises(ResponderError):
        start(settings(world))


def test_no_token_is_shown(world: World) -> None:
    assert "token of" not in repr(settings(world))
