"""The safety rules that are asked before the target is there."""

from typing import Any

import pytest

from drillmaster.engine.books import stops
from drillmaster.engine.planning.casting import ME, SIMULATED, cast
from drillmaster.engine.planning.guard import Verdict
from drillmaster.timeline.store import Store
from tests.support.guarded import NOON, before, bundle_of, environment, refusal

BRIEFED = {"unreachable-primary": {"by": "briefed"}}
SILENT = {"unreachable-primary": {"by": "drill-policy"}}


def throttle(**changes: str) -> dict[str, dict[str, str]]:
    body = {"namespace": "shop", "selector": "app=checkout", "share": "100%"}
    return {"throttle": body | changes}


def played(**changes: Any) -> dict[str, Any]:
    """A fault that Chaos Toolkit plays."""
    body = {
        "module": "live.production",  # a module's name says nothing of where it is called
        "func": "f",
        "undo": {"module": "m", "func": "f"},
        "present": {"command": {"run": ["test", "-e", "x"]}},
        "affects": {"elsewhere": "the queue, as in production"},
    }
    return {"chaos": body | changes}


def test_nothing_speaks_against_an_ordinary_drill(store: Store) -> None:
    verdicts = before(store, environment())
    assert list(verdicts) == ["no-stop", "not-production", "windows", "consent", "secrets"]
    assert all(verdict.passed for verdict in verdicts.values())


@pytest.mark.parametrize("where", ["staging", stops.EVERYWHERE])
def test_a_stop_is_told_with_who_why_and_since(store: Store, where: str) -> None:
    with store.write() as connection:
        stops.begin(connection, where, "a release", "ana", NOON)
    rule, message = refusal(before(store, environment()))
    assert rule == "no-stop"
    what = "everything" if where == "*" else "staging"
    assert message.startswith(f"ana stopped {what} at 2026-11-25 12:00:00 UTC: a release;")
    with store.write() as connection:
        assert stops.lift(connection, where)
    assert before(store, environment())["no-stop"].passed


def test_a_stop_of_another_environment_is_none(store: Store) -> None:
    with store.write() as connection:
        stops.begin(connection, "elsewhere", "a release", "ana", NOON)
    assert before(store, environment())["no-stop"].passed


@pytest.mark.parametrize(
    ("more", "drill", "name"),
    [
        ({"name": "eu-prod"}, {}, "eu-prod"),
        ({"urls": {"shop": "http://shop.live.example"}}, {}, "http://shop.live.example"),
        ({}, {"faults": [throttle(namespace="prd")]}, "prd"),
        (
            {},
            {"faults": [throttle(selector="app=checkout,env=production")]},
            "app=checkout,env=production",
        ),
        (
            {},
            {"faults": [played(arguments={"clusters": [{"name": "prod-eu"}]})]},
            "prod-eu",
        ),
        (
            {},
            {"faults": [played(undo={"module": "m", "func": "f", "arguments": {"on": "live"}})]},
            "live",
        ),
        (
            {},
            {
                "faults": [
                    played(affects={"pods": {"namespace": "prd", "selector": "app=checkout"}})
                ]
            },
            "prd",
        ),
    ],
)
def test_what_is_written_may_not_look_like_production(
    store: Store, more: dict[str, Any], drill: dict[str, Any], name: str
) -> None:
    found = refusal(before(store, environment(**more), **drill))
    assert found == ("not-production", f"{name!r} looks like production")


def test_names_that_only_contain_such_letters_are_fine(store: Store) -> None:
    urls = {"a": "http://products.example/delivery", "b": "http://alive.example"}
    assert before(store, environment(urls=urls))["not-production"].passed
    assert before(store, environment(), faults=[played()])["not-production"].passed


def test_a_window_is_read_by_the_clock_of_everyone_who_is_paged(store: Store) -> None:
    windows = [{"days": "mon-fri", "from": "10:00", "to": "16:00"}]
    where = environment({"ana": {"time_zone": "Europe/Paris"}}, windows=windows)
    rule, message = refusal(before(store, where, NOON, faults=[SILENT]))
    assert rule == "windows"
    assert message == (
        "outside the windows of caro: it is Wed 25 Nov at 09:00 in America/Sao_Paulo; "
        "the windows of ben and caro are all open next on Wed 25 Nov at 10:00 in America/Sao_Paulo"
    )
    at_three = NOON.replace(hour=15)
    assert before(store, where, at_three, faults=[SILENT])["windows"].passed


def test_the_whole_drill_must_lie_inside(store: Store) -> None:
    windows = [{"days": "wed", "from": "10:00", "to": "16:00"}]
    where = environment({"caro": {"time_zone": "Europe/Lisbon"}}, windows=windows)
    late = NOON.replace(hour=15, minute=45)
    limits = {"duration": "20m"}
    _, message = refusal(before(store, where, late, limits=limits, faults=[SILENT]))
    assert message == (
        "outside the windows of ben and caro: the drill may last 20m, and they close on "
        "Wed 25 Nov at 16:00 in Europe/Lisbon; they open next on Wed 02 Dec at 10:00 in "
        "Europe/Lisbon"
    )
    assert before(store, where, late, limits={"duration": "15m"}, faults=[SILENT])["windows"].passed


def test_the_stricter_limit_decides_how_long_that_is(store: Store) -> None:
    windows = [{"days": "wed", "from": "12:00", "to": "12:10", "time_zone": "UTC"}]
    assert not before(store, environment(windows=windows), limits={"duration": "30m"})[
        "windows"
    ].passed
    short = environment(windows=windows, limits={"duration": "10m"})
    assert before(store, short, limits={"duration": "30m"})["windows"].passed


def test_a_window_that_is_too_short_never_opens(store: Store) -> None:
    windows = [{"days": "mon-sun", "from": "10:00", "to": "10:10"}]
    _, message = refusal(before(store, environment(windows=windows), limits={"duration": "30m"}))
    assert message.endswith("none is as long as the drill may last, 30m")


def test_simulated_people_are_no_reason_but_a_zone_that_is_given_is(store: Store) -> None:
    nobody = {who: {"simulate": "prompt"} for who in ("ana", "ben", "caro")}
    weekend = {"days": "sat,sun", "from": "10:00", "to": "16:00"}
    assert before(store, environment(nobody, windows=[weekend]), NOON)["windows"].passed
    in_lisbon = weekend | {"time_zone": "Europe/Lisbon"}
    _, message = refusal(before(store, environment(nobody, windows=[in_lisbon]), NOON))
    assert message == (
        "outside the windows of the environment: it is Wed 25 Nov at 12:00 in Europe/Lisbon; "
        "they open next on Sat 28 Nov at 10:00 in Europe/Lisbon"
    )


def test_windows_that_never_meet_are_told_with_whose_they_are(store: Store) -> None:
    windows = [{"days": "mon-fri", "from": "09:00", "to": "11:00"}]
    where = environment({"caro": {"time_zone": "Asia/Tokyo"}}, windows=windows)
    _, message = refusal(before(store, where, faults=[SILENT]))
    assert message == (
        "outside the windows of ben and caro: it is Wed 25 Nov at 12:00 in Europe/Lisbon and "
        "Wed 25 Nov at 21:00 in Asia/Tokyo; the windows of ben and caro are never open "
        "together for as long as the drill may last, 500ms"
    )


def test_only_those_whose_windows_do_not_meet_are_named(store: Store) -> None:
    windows = [{"days": "mon-fri", "from": "09:00", "to": "12:00"}]
    zones = {"ana": "Europe/Paris", "ben": "Europe/Lisbon", "caro": "Asia/Tokyo"}
    where = environment({who: {"time_zone": zone} for who, zone in zones.items()}, windows=windows)
    _, message = refusal(before(store, where))
    assert message.endswith(
        "the windows of ana and caro are never open together for as long as the drill may last, "
        "500ms"
    )


def test_who_says_no_is_not_paged(store: Store) -> None:
    where = environment({"ben": {"consent": False}, "dan": {"consent": False}})
    assert refusal(before(store, where)) == (
        "consent",
        "ben did not agree to be drilled (`consent: false`)",
    )


def test_opt_in_needs_everyones_yes(store: Store) -> None:
    where = environment({"ben": {"consent": True}}, consent="opt-in")
    rule, message = refusal(before(store, where))
    assert rule == "consent"
    assert message.startswith("ana and caro did not say yes to being drilled; ")
    yes = {who: {"consent": True} for who in ("ana", "ben", "caro")}
    assert before(store, environment(yes, consent="opt-in"))["consent"].passed


def test_who_is_not_really_paged_need_not_agree(store: Store) -> None:
    where = environment({"ana": {"consent": False}, "ben": {"consent": False, "simulate": "late"}})
    assert before(store, where, faults=[SILENT])["consent"].passed
    assert not before(store, where)["consent"].passed


def test_a_briefed_primary_said_so(store: Store) -> None:
    rule, message = refusal(before(store, environment(), faults=[BRIEFED]))
    assert rule == "consent"
    assert message.startswith("ana must stay silent on a page, and did not agree to it; ")
    agreed = environment({"ana": {"consent": True}})
    assert before(store, agreed, faults=[BRIEFED])["consent"].passed
    simulated = environment({"ana": {"simulate": "silent"}})
    assert before(store, simulated, faults=[BRIEFED])["consent"].passed


def test_who_runs_it_as_themselves_agrees_by_that(store: Store) -> None:
    where = environment({"ben": {"consent": False}, "ana": {"consent": True}}, consent="opt-in")
    mine = cast(bundle_of(where), ME).environment
    _, message = refusal(before(store, mine))
    assert message.startswith("caro did not say yes"), "and nobody else does"
    simulated = cast(bundle_of(where), SIMULATED).environment
    assert before(store, simulated)["consent"].passed


class TestSecrets:
    """A page that cannot be sent would only be noticed once something is broken."""

    CHAT = {"webhook": {"url": "https://chat.example/hook", "token": "env:GATEWAY_TOKEN"}}

    def said(self, store: Store, **changes: Any) -> Verdict:
        people = {"ben": {"contacts": [{"channel": "chat"}]}, **changes}
        channels = {"chat": self.CHAT, "unused": {"webhook": {"url": "env:NOWHERE"}}}
        return before(store, environment(people, channels=channels))["secrets"]

    def test_a_channel_of_somebody_who_is_paged(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GATEWAY_TOKEN", raising=False)
        verdict = self.said(store)
        assert not verdict.passed
        assert verdict.message == (
            "env:GATEWAY_TOKEN is not there: the variable GATEWAY_TOKEN is not set; needed by "
            "channels.chat.webhook.token: `read -rs GATEWAY_TOKEN && export GATEWAY_TOKEN`"
        )
        monkeypatch.setenv("GATEWAY_TOKEN", "of the chat")
        assert self.said(store) == Verdict(passed=True, message="1 secret can be resolved")

    def test_who_is_not_paged_needs_no_channel(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GATEWAY_TOKEN", raising=False)
        assert self.said(
            store, ben={"contacts": []}, dan={"contacts": [{"channel": "chat"}]}
        ).passed

    def test_an_abort_condition(self, store: Store) -> None:
        condition = {"http": {"url": "http://127.0.0.1:9/", "token": "env:NOBODY_SET_THIS_TOKEN"}}
        rule, message = refusal(before(store, environment(), abort_when=[condition]))
        assert rule == "secrets"
        assert message.startswith("env:NOBODY_SET_THIS_TOKEN is not there")

    def test_a_probe(self, store: Store) -> None:
        asked = {"run": ["true"], "environment": {"TOKEN": "file:/nowhere/token"}}
        steady = [{"name": "all is well", "command": asked}]
        rule, message = refusal(before(store, environment(), steady_state=steady))
        assert rule == "secrets"
        assert "install -m 600 /dev/stdin /nowhere/token" in message
