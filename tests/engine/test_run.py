"""Whole drills as a user runs them: refusals, aborts, locks, and what is recorded."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from drillmaster.clock import SteadyClock
from drillmaster.definitions.project import open_bundle
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import (
    Acknowledged,
    Event,
    FaultIntended,
    GuardChecked,
    RealIncidentSeen,
    RunStarted,
    SteadyStateChecked,
)
from drillmaster.timeline.tables import runs
from tests.support.drills import (
    DRILL,
    ENVIRONMENT,
    command,
    eventually,
    running,
    status,
    store_below,
    write_project,
)
from tests.support.http import Asked, Reply, closed_port, serving


def told_of(folder: Path) -> tuple[Any, list[Event]]:
    """The only run of a folder, and what its timeline tells."""
    store = store_below(folder)
    try:
        with store.read() as connection:
            row = connection.execute(select(runs)).one()
        return row, [record.event for record in verify(log.read(store, row.run))]
    finally:
        store.close()


def refusal(tmp_path: Path, drill: str = DRILL, environment: str = ENVIRONMENT) -> str:
    """The message of a drill that the guard refuses; nothing of it was touched."""
    path = write_project(tmp_path, drill, environment)
    done = command(tmp_path, "run", str(path))
    assert done.returncode == 3, done.stdout + done.stderr
    run, events = told_of(tmp_path)
    assert (run.state, run.ended) == ("settled", "refused")
    assert isinstance(events[0], RunStarted)
    assert not any(isinstance(event, FaultIntended) for event in events)
    failed = [event for event in events if isinstance(event, GuardChecked) and not event.passed]
    return failed[0].message if failed else done.stdout


def test_a_blast_radius_over_the_limit_is_refused(tmp_path: Path) -> None:
    drill = DRILL.replace("kill: 25%", "kill: 75%")
    assert "3 of 4 pods" in refusal(tmp_path, drill)


@pytest.mark.soak
def test_the_stricter_limit_holds(tmp_path: Path) -> None:
    environment = ENVIRONMENT.replace("limits: {pods: 50%}", "limits: {pods: 10%}")
    assert "the limit is 0" in refusal(tmp_path, environment=environment)


def test_a_selector_that_selects_nothing_is_refused(tmp_path: Path) -> None:
    assert "selects no pod" in refusal(tmp_path, DRILL.replace("app=checkout", "app=nosuch"))


@pytest.mark.soak
def test_a_target_out_of_steady_state_is_refused(tmp_path: Path) -> None:
    drill = DRILL.replace("status: 200", "status: 418")
    assert "not in steady state: checkout answers" in refusal(tmp_path, drill)


def test_what_looks_like_production_is_refused(tmp_path: Path) -> None:
    environment = ENVIRONMENT.replace("urls: {", 'urls: {shop: "http://shop.prod.example", ')
    assert "looks like production" in refusal(tmp_path, environment=environment)


def test_what_files_alone_forbid_is_refused_before_the_target_is_there(tmp_path: Path) -> None:
    window = '[{days: mon, from: "00:00", to: "00:01", time_zone: UTC}]'
    message = refusal(tmp_path, environment=f"{ENVIRONMENT}windows: {window}\n")
    assert message.startswith("outside the windows of the environment: ")
    assert message.endswith("none is as long as the drill may last, 2m")
    _, told = told_of(tmp_path)
    asked = [event.rule for event in told if isinstance(event, GuardChecked)]
    assert asked == ["no-stop", "not-production", "windows"]
    assert not any(isinstance(event, SteadyStateChecked) for event in told)


def test_nobody_is_paged_who_said_no(tmp_path: Path) -> None:
    said_no = "roles: [secondary], consent: false"
    environment = ENVIRONMENT.replace("roles: [secondary], simulate: silent", said_no)
    done = command(tmp_path, "run", str(write_project(tmp_path, environment=environment)), "--yes")
    assert done.returncode == 3
    assert "responder-2 did not agree to be drilled" in " ".join(done.stdout.split())


def test_an_open_real_incident_is_refused_and_later_aborts(tmp_path: Path) -> None:
    drill = DRILL + "abort_when: [{real_incident: true}]\n"
    path = write_project(tmp_path, drill)
    with running(tmp_path, str(path)) as run:
        run.await_fault("throttle")
        environment = open_bundle(path).environment
        provider = EmbeddedProvider.for_environment(environment, run.store, SteadyClock())
        provider.open_real("inc-1", "checkout", "critical", "checkout is really down")
        row = run.await_settled(15)
        assert row.ended == "aborted"
        assert run.process.wait(20) == 4
        assert any(isinstance(event, RealIncidentSeen) for event in run.events())
    done = command(tmp_path, "run", str(path))
    assert done.returncode == 3
    assert "a real incident is open" in done.stdout


def test_an_abort_condition_ends_the_drill(tmp_path: Path) -> None:
    drill = DRILL + (
        'abort_when: [{http: {url: "{{ urls.checkout }}/healthz", status_not: 200, for: 500ms}}]\n'
    )
    done = command(tmp_path, "run", str(write_project(tmp_path, drill)))
    assert done.returncode == 4, done.stdout
    assert "abort condition: http" in done.stdout


def test_the_longest_duration_ends_the_drill(tmp_path: Path) -> None:
    drill = DRILL.replace("duration: 2m", "duration: 2s")
    done = command(tmp_path, "run", str(write_project(tmp_path, drill)))
    assert done.returncode == 4
    assert "its longest duration, 2 s, is over" in done.stdout


def test_a_drill_without_a_fault_measures_the_people(tmp_path: Path) -> None:
    start, end = DRILL.index("faults:"), DRILL.index("escalation:")
    drill = DRILL[:start] + DRILL[end:].replace("60s", "8s")
    environment = ENVIRONMENT.replace(
        "roles: [secondary], simulate: silent", "roles: [secondary], simulate: hollow"
    )
    environment += "timing: {engagement: 2s}\n"
    done = command(tmp_path, "run", str(write_project(tmp_path, drill, environment)), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["acknowledgement"]["outcome"] == "hollow"


def test_a_pages_link_leads_where_the_environment_says(tmp_path: Path) -> None:
    """A real secondary, paged by webhook, acknowledges through the proxy before the door."""
    start, end = DRILL.index("faults:"), DRILL.index("escalation:")
    drill = DRILL[:start] + DRILL[end:].replace("60s", "5s")
    door = closed_port()
    links: list[str] = []

    def phone(asked: Asked) -> Reply:
        links.append(json.loads(asked.body)["links"]["page"])
        return Reply()

    with serving(phone) as gateway:
        environment = ENVIRONMENT.replace(
            "roles: [secondary], simulate: silent", "roles: [secondary], contacts: [{channel: sms}]"
        )
        environment += (
            f'channels: {{sms: {{webhook: {{url: "{gateway}"}}}}}}\n'
            f'links: {{listen: "127.0.0.1:{door}", url: https://drills.example.org/}}\n'
            "timing: {engagement: 2s}\n"
        )
        path = write_project(tmp_path, drill, environment)
        with running(tmp_path, str(path), "--yes") as run:
            eventually(lambda: links, 60, "the page is there")
            outside = "https://drills.example.org/page/"
            assert links[0].startswith(outside)
            inside = links[0].replace("https://drills.example.org", f"http://127.0.0.1:{door}")
            assert httpx.post(f"{inside}/ack", json={}).status_code == 200
            assert run.process.wait(60) == 1  # nothing followed the ACK
            (ack,) = [event for event in run.events() if isinstance(event, Acknowledged)]
    assert (ack.person, ack.role, ack.via) == ("responder-2", "secondary", "link")


def test_two_runs_at_once_and_what_status_shows(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    with running(tmp_path, str(path)) as run:
        run.await_fault("throttle")
        second = command(tmp_path, "run", str(path))
        assert second.returncode == 3
        assert "another run" in second.stderr or "holds the environment" in second.stderr
        shown = status(tmp_path)
        assert [one["state"] for one in shown["runs"]] == ["open"]
        assert {fault["fault"]: fault["state"] for fault in shown["runs"][0]["faults"]} == {
            "throttle": "injected",
            "pod-churn": "injected",
        }
        os.kill(run.process.pid, signal.SIGTERM)
        assert run.process.wait(20) == 130
    assert status(tmp_path) == {"runs": [], "unreadable": [], "stopped": False, "stops": []}


def test_when_everyone_is_killed_the_next_command_reaps(tmp_path: Path) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as run:
        run.await_fault("throttle")
        for process in run.processes():
            process.send_signal(signal.SIGKILL)  # supervisor, runner, watchdog, responders
        eventually(lambda: run.processes() == [], 10, "all are dead")
        assert not run.served(1), "nobody is left to undo it"
        done = command(tmp_path, "reap")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "everything is undone" in done.stdout
        assert run.served()
        assert run.row().ended == "aborted"
        assert run.events()
    assert "Nothing to undo" in command(tmp_path, "reap").stdout


def test_a_gone_target_is_undone_and_never_a_success(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    with running(tmp_path, str(path)) as run:
        run.await_fault("throttle")
        os.kill(int(run.address["process"]["pid"]), signal.SIGKILL)
        row = run.await_settled(60)
        assert row.ended == "aborted"
        assert run.process.wait(20) == 4
