"""Access profiles asked for real: pages, programs, and a target's policy."""

import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from drillmaster.access.checks import AT_ONCE, run_profile
from drillmaster.access.identities import Controls
from drillmaster.clock import SteadyClock
from drillmaster.definitions.access import AccessProfile
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.moment import Moment
from drillmaster.targets.base import Identity
from drillmaster.timeline.events import AccessChecked
from tests.support.http import Asked, Reply, closed_port, serving
from tests.support.target import MemoryTarget

ME = Identity("responder-2", token="mine")
CONTROLS = Controls(Identity("ops", token="all"), Identity("nobody", token="none"))

Rows = dict[tuple[str, str], AccessChecked]


def profile(*checks: dict[str, Any]) -> AccessProfile:
    head = {"schema": "drillmaster/v1", "kind": "access", "name": "checkout"}
    return AccessProfile.model_validate(head | {"checks": list(checks)})


def run(
    *checks: dict[str, Any],
    person: Identity = ME,
    controls: Controls = CONTROLS,
    target: MemoryTarget | None = None,
) -> Rows:
    asking = Asking(SteadyClock(), target)
    events = list(run_profile(profile(*checks), person, controls, asking))
    assert [event.check for event in events if event.subject == "person"] == [
        check["name"] for check in checks
    ]
    return {(event.check, event.subject): event for event in events}


def told(rows: Rows, check: str) -> tuple[str, str | None]:
    event = rows[check, "person"]
    return event.answer, event.grade


@pytest.fixture
def dashboard() -> Iterator[str]:
    """A page for tokens `all` and `mine`; `/private` for `all`; `/open` for everybody;
    `/broken` for nobody."""

    def answer(asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        assert asked.headers["drillmaster-check"] == "1"
        allowed = {"/page": {"all", "mine"}, "/private": {"all"}, "/broken": set()}.get(asked.path)
        if allowed is None or token in allowed:
            return Reply()
        return Reply(401 if not token else 403)

    with serving(answer) as url:
        yield url


def http(url: str, name: str = "page", **more: object) -> dict[str, Any]:
    return {"name": name, "http": {"url": url}} | more


def test_a_page_that_is_the_persons(dashboard: str) -> None:
    rows = run(http(f"{dashboard}/page"))
    assert {subject: rows["page", subject].answer for _, subject in rows} == {
        "positive-control": "allowed",
        "negative-control": "denied",
        "person": "allowed",
    }
    for event in rows.values():
        assert (event.person, event.source, event.grade) == ("responder-2", "access", "authorised")
        assert event.occurred_at <= event.observed_at
        assert event.precision > 0


def test_a_page_that_is_not_the_persons(dashboard: str) -> None:
    rows = run(http(f"{dashboard}/private"))
    assert told(rows, "page") == ("denied", "authorised")
    assert rows["page", "person"].detail == "answered 403"


def test_denied_to_all_says_nothing(dashboard: str) -> None:
    assert told(run(http(f"{dashboard}/broken")), "page") == ("unverified", None)


def test_allowed_to_all_says_nothing(dashboard: str) -> None:
    assert told(run(http(f"{dashboard}/open")), "page") == ("unverified", None)


def test_a_public_page_has_no_negative_control(dashboard: str) -> None:
    rows = run(http(f"{dashboard}/open", public=True), person=Identity("responder-2"))
    assert told(rows, "page") == ("allowed", "authorised")
    assert ("page", "negative-control") not in rows


def test_nobody_answers() -> None:
    rows = run(http(f"http://127.0.0.1:{closed_port()}"))
    assert told(rows, "page") == ("unreachable", None)


def test_a_person_without_a_token_is_not_asked(dashboard: str) -> None:
    rows = run(http(f"{dashboard}/page"), person=Identity("responder-9"))
    assert told(rows, "page") == ("unverified", None)
    assert rows["page", "person"].detail == "responder-9 has no token here to ask with"


def test_a_positive_control_without_a_token_is_no_control(dashboard: str) -> None:
    controls = Controls(Identity("ops"), CONTROLS.denied)
    rows = run(http(f"{dashboard}/page"), controls=controls)
    assert told(rows, "page") == ("unverified", None)
    assert "ops has no token" in rows["page", "person"].detail


def test_a_nobody_needs_no_token(dashboard: str) -> None:
    controls = Controls(CONTROLS.allowed, Identity("nobody"))
    rows = run(http(f"{dashboard}/page"), controls=controls)
    assert told(rows, "page") == ("allowed", "authorised")
    assert rows["page", "negative-control"].detail == "answered 401"


def test_a_program_is_run_with_each_ones_token() -> None:
    code = "import os, sys; sys.exit(os.environ['DRILLMASTER_TOKEN'] not in ('all', 'mine'))"
    check = {"name": "deploy", "command": {"run": [sys.executable, "-c", code], "timeout": "20s"}}
    assert told(run(check), "deploy") == ("allowed", "authorised")
    other = Identity("responder-3", token="other")
    assert told(run(check, person=other), "deploy") == ("denied", "authorised")


def test_a_permission_is_asked_of_the_target() -> None:
    shape = {"namespace": "shop", "workload": "checkout", "can": "scale"}
    target = MemoryTarget(may={("ops", "scale"), ("responder-2", "scale")})
    check = {"name": "scale", "permission": shape}
    assert told(run(check, target=target), "scale") == ("allowed", "authorised")
    other = Identity("responder-3")
    assert told(run(check, target=target, person=other), "scale") == ("denied", "authorised")
    target.unplug()
    assert told(run(check, target=target), "scale") == ("unreachable", None)


def test_a_login_is_needed_for_a_database() -> None:
    check = {"name": "orders", "sql": {"url": "postgresql+psycopg://127.0.0.1:1/shop"}}
    rows = run(check)
    assert rows["orders", "person"].answer == "unverified"
    assert "database login" in rows["orders", "person"].detail


class Counter:
    """Answers yes after a moment, and counts how many ask at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.most, self.asked = seconds, 0, 0, 0
        self._lock = threading.Lock()

    def __call__(self, body: object, asking: Asking) -> Answer:
        moment = Moment(asking.clock)
        with self._lock:
            self.now += 1
            self.asked += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self._lock:
            self.now -= 1
        return moment.answer("yes", None, "yes")


def test_questions_are_asked_at_once_but_not_all() -> None:
    counter = Counter(0.05)
    checks = profile(*(http("http://unused/", f"check {n}") for n in range(8)))
    begun = time.monotonic()
    list(run_profile(checks, ME, CONTROLS, Asking(SteadyClock()), counter))
    assert counter.asked == 24
    assert 1 < counter.most <= AT_ONCE
    assert time.monotonic() - begun < 24 * 0.05


def test_nobody_has_to_take_all_answers() -> None:
    counter = Counter(0.02)
    checks = profile(*(http("http://unused/", f"check {n}") for n in range(20)))
    events = run_profile(checks, ME, CONTROLS, Asking(SteadyClock()), counter)
    next(iter(events))
    events.close()  # type: ignore[attr-defined]  # it is a generator
    assert counter.asked < 60
