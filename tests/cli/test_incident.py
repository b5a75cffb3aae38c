"""`drillmaster incident`: a team without a paging product pages, and is answered."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML
from sqlalchemy import update

from drillmaster.cli import main
from drillmaster.cli.commands.ack import ack
from drillmaster.cli.commands.incident import (
    Serving,
    follow_incident,
    list_incidents,
    open_incident,
    resolve_incident,
)
from drillmaster.errors import InvalidError
from drillmaster.oncall import background, follow
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import incidents
from tests.support.hands import HandClock, fresh_store
from tests.support.mail import Box, mail_server
from tests.support.oncall import Hook, drill, hooked, log_of, short, team


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", str(store.url))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(follow, "LINGER", 0.1)
    yield store
    store.close()


@pytest.fixture
def provider(store: Store) -> EmbeddedProvider:
    return EmbeddedProvider.for_environment(team(), store, HandClock())


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as hook:
        yield hook


def write_environment(hook: Hook, **changes: Any) -> None:
    """The file of an environment: ana, then ben, both by webhook."""
    definition = {
        "schema": "drillmaster/v1",
        "kind": "environment",
        "name": "production",
        "target": {"kind": "sandbox"},
        "oncall": {
            "provider": "embedded",
            "policy": [
                {"page": "primary", "timeout": "60s"},
                {"page": "secondary", "timeout": "60s"},
            ],
        },
        "people": {
            "ana": {"roles": ["primary"], "contacts": [{"channel": "chat"}]},
            "ben": {"roles": ["secondary"], "contacts": [{"channel": "chat"}]},
        },
        "urls": {"chat": hook.url},
        "channels": {"chat": {"webhook": {"url": "{{ urls.chat }}"}}},
    }
    folder = Path("drills/environments")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "production.yaml").open("w") as file:
        YAML(typ="safe").dump(definition | changes, file)


def quick_policy(first: str = "100ms") -> dict[str, Any]:
    """Nobody has much time; a `first` of an hour ends when `time_is_up` says so."""
    levels = [{"page": "primary", "timeout": first}, {"page": "secondary", "timeout": "100ms"}]
    return {"provider": "embedded", "policy": levels}


def time_is_up(store: Store) -> None:
    with store.write() as connection:
        connection.execute(update(incidents).values(level_until=0.0))


def opened(serving: Serving | None = None, **changes: Any) -> int:
    given = {"summary": "checkout is down", "severity": "critical", "service": None} | changes
    return open_incident("production", serving=serving, **given)


def until(condition: Callable[[], object]) -> None:
    waiting, polls = threading.Event(), 0
    while not condition():
        polls += 1
        assert polls < 3000, "it did not happen"
        waiting.wait(0.02)


def test_it_pages_by_webhook_and_is_acknowledged_by_link(
    store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    write_environment(hook)
    following = background.start(lambda: opened(Serving()))
    until(lambda: hook.got)
    (got,) = hook.got
    assert got["run"] is None
    assert got["summary"] == "checkout is down"
    assert "DRILL" not in got["text"]
    with httpx.Client(trust_env=False) as browser:
        answer = browser.post(f"{got['links']['page']}/ack", follow_redirects=True)
    assert answer.status_code == 200
    assert "You acknowledged" in answer.text
    assert following.result(20) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"^\d\d:\d\d:\d\d UTC  ana acknowledged as primary, by link$", out, re.MULTILINE
    )
    assert "drillmaster incident resolve inc-" in out


def test_it_pages_by_mail_and_is_acknowledged_by_command(store: Store, hook: Hook) -> None:
    box = Box()
    with mail_server(box) as channel:
        people = {
            "ana": {
                "roles": ["primary", "secondary"],
                "contacts": [{"channel": "mail", "address": "ana@example.org"}],
            }
        }
        write_environment(hook, people=people, channels={"mail": {"email": channel}})
        following = background.start(lambda: opened(Serving()))
        until(lambda: box.mails)
        assert ack(None, "ana", withdraw=False, hand_over=False) == 0
        assert following.result(20) == 0
    assert box.mails[0]["Subject"] == "Critical: checkout is down"


def test_nobody_answers(store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]) -> None:
    write_environment(hook, oncall=quick_policy())
    assert opened(Serving()) == 1
    assert [got["person"] for got in hook.got] == ["ana", "ben"]
    out = capsys.readouterr().out
    assert "level 2, secondary (ben): nobody had acknowledged in time" in out
    assert "every level was paged, and nobody acknowledged" in out
    assert out.count("chat took the page") == 2
    assert "drillmaster incident follow --stay inc-" in out


def test_staying_until_it_is_resolved(store: Store, hook: Hook) -> None:
    write_environment(hook)
    following = background.start(lambda: opened(Serving(stay=True)))
    until(lambda: hook.got)
    ack(None, "ana", withdraw=False, hand_over=False)
    ack(None, "ana", withdraw=False, hand_over=True)
    until(lambda: len(hook.got) == 2)
    assert hook.got[1]["person"] == "ben"
    ack(None, "ben", withdraw=False, hand_over=False)
    assert not following.done()
    assert resolve_incident(hook.got[0]["incident"], "ben") == 0
    assert following.result(20) == 0


def test_without_following_the_first_level_is_paged_all_the_same(
    store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    write_environment(hook)
    assert opened() == 0
    assert [got["links"] for got in hook.got] == [{}]
    assert "drillmaster ack inc-" in hook.got[0]["text"]
    assert "`drillmaster incident follow inc-" in capsys.readouterr().out


def test_another_process_goes_on_with_it(store: Store, hook: Hook) -> None:
    write_environment(hook, oncall=quick_policy("1h"))
    opened()
    time_is_up(store)
    assert follow_incident(None, Serving()) == 1
    assert [got["person"] for got in hook.got] == ["ana", "ben"]
    assert hook.got[1]["links"]["page"].startswith("http://127.0.0.1:")


def test_control_c_leaves_it_open_and_says_so(
    store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    write_environment(hook)
    typed = ["incident", "open", "--environment", "production", "--summary", "checkout is down"]
    process = subprocess.Popen(
        [sys.executable, "-m", "drillmaster.cli", *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: hook.got)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, error) == (130, "")
    assert "stays open, and its next level is not paged any more" in out
    assert "KeyboardInterrupt" not in out
    list_incidents()
    assert "triggered  primary  production/production  critical" in capsys.readouterr().out


def test_everything_can_be_typed(
    store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    write_environment(hook, oncall=quick_policy("1h"), services=["checkout", "billing"])
    what = ["--environment", "production", "--summary", "billing is slow"]
    how = ["--service", "billing", "--severity", "warning"]
    assert main(["incident", "open", *what, *how, "--no-follow"]) == 0
    (got,) = hook.got
    assert (got["service"], got["severity"]) == ("billing", "warning")
    time_is_up(store)
    served = ["--listen", "127.0.0.1:0", "--url", "https://oncall.example.org"]
    assert main(["incident", "follow", *served]) == 1
    assert hook.got[1]["links"]["page"].startswith("https://oncall.example.org/page/")
    assert main(["ack", got["incident"], "--as", "ben"]) == 0
    assert main(["ack", "--as", "ben", "--withdraw"]) == 0
    assert main(["ack", "--as", "ben", "--hand-over"]) == 2
    assert "nobody has acknowledged" in capsys.readouterr().err
    assert main(["incident", "list"]) == 0
    assert main(["incident", "resolve", got["incident"], "--as", "ben"]) == 0
    assert main(["incident", "follow", "--stay"]) == 2
    assert "no incident is open" in capsys.readouterr().err


def test_a_terminal_shows_the_page(
    store: Store, hook: Hook, capsys: pytest.CaptureFixture[str]
) -> None:
    people = {"ana": {"roles": ["primary", "secondary"], "contacts": [{"channel": "screen"}]}}
    write_environment(hook, people=people, channels={"screen": {"terminal": {}}})
    opened()
    assert "\nCritical: checkout is down\n" in capsys.readouterr().out


def test_the_list(
    provider: EmbeddedProvider, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list_incidents() == 0
    assert capsys.readouterr().out == "no incident is open\n"
    provider.open(drill())
    provider.open_real("real-1", "billing", "error", "billing is down")
    list_incidents()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("inc-1  triggered  primary  staging/checkout  critical  [DRILL] ")
    assert second == "real-1  triggered  primary  staging/billing  error  billing is down"


def test_resolving(
    provider: EmbeddedProvider, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.open_real("real-1", "billing", "error", "billing is down")
    with pytest.raises(InvalidError, match="did you mean 'ana'"):
        resolve_incident("real-1", "anna")
    assert resolve_incident("real-1", None) == 0
    assert capsys.readouterr().out == "real-1 is resolved\n"
    assert short(log_of(provider, "real-1"))[-1] == "resolved the command line"
    with pytest.raises(InvalidError, match="real-1 is resolved"):
        resolve_incident("real-1", None)


def test_a_drills_incident_is_left_to_the_drill(provider: EmbeddedProvider) -> None:
    provider.open(drill())
    with pytest.raises(InvalidError, match="belongs to the drill run-1"):
        resolve_incident("inc-1", None)
    with pytest.raises(InvalidError, match="belongs to the drill run-1"):
        follow_incident(None, Serving())


def test_wrong_calls_open_nothing(store: Store, hook: Hook) -> None:
    write_environment(hook, services=["checkout", "billing"])
    with pytest.raises(InvalidError, match="say which service: checkout or billing"):
        opened()
    with pytest.raises(InvalidError, match="does not list the service 'chekout'; did you mean"):
        opened(service="chekout")
    with pytest.raises(InvalidError, match="no environment is called 'prodution'; did you mean"):
        open_incident("prodution", "x", "critical", None, None)
    with pytest.raises(InvalidError, match="--listen is written as HOST:PORT"):
        opened(Serving(listen="everywhere"), service="billing")
    with pytest.raises(InvalidError, match=r"links to .* lead nowhere"):
        opened(Serving(listen="0.0.0.0:0"), service="billing")
    with pytest.raises(InvalidError, match="must not begin with"):
        opened(summary="[DRILL] checkout", service="billing")
    with pytest.raises(InvalidError, match=r"^no incident is open$"):
        ack(None, "ana", withdraw=False, hand_over=False)
    assert hook.got == []
