"""Preflight as a whole, as it is called."""

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from drillmaster.cli import main
from drillmaster.clock import SteadyClock
from drillmaster.engine.preflight import examine
from drillmaster.engine.preflight.examine import Preflight
from drillmaster.engine.preflight.row import Row
from drillmaster.engine.preflight.subject import subject_of
from drillmaster.sandbox.finding import find
from tests.support.definitions import SHIPPED, copy_of, edit
from tests.support.drills import COMMAND, DRILL, eventually, write_project
from tests.support.preflight import Data, drill, environment, paste, project

ALL = {
    "definitions",
    "store",
    "runs",
    "reports",
    "secrets",
    "people",
    "channels",
    "target",
    "drills",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, and no other store."""
    monkeypatch.delenv("DRILLMASTER_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[Row]]:
    """Exit code and rows of `drillmaster preflight`."""
    capsys.readouterr()
    code = main(["preflight", "--format", "json", *arguments])
    found = json.loads(capsys.readouterr().out)
    rows = [Row.model_validate(row) for row in found["rows"]]
    assert found["clear"] is not any(row.stops for row in rows)
    return code, rows


def alone() -> Data:
    """A staging with nobody but the simulated, so that no channel is asked."""
    where = environment(channels={})
    for person in where["people"].values():
        person["simulate"] = "prompt"
        del person["contacts"]
    return where


def ours(name: str) -> list[str]:
    """Sandboxes that a preflight brought up."""
    return [address["id"] for address in find(name)[0] if address["run"] == "preflight"]


def of(rows: list[Row], check: str) -> list[Row]:
    return [row for row in rows if row.check == check]


def test_what_is_shipped_is_clear(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_of(SHIPPED, here)
    code, rows = told(capsys, "sandbox")
    assert code == 0
    assert [row for row in rows if row.stops] == []
    assert {row.check for row in rows} == (ALL - {"runs", "channels"}) | {"access", "runbooks"}
    assert [path.name for path in here.iterdir()] == ["drills"], "nothing is written"
    eventually(lambda: not ours("sandbox"), 10, "its sandbox is gone")


def test_a_file_where_the_reports_must_go(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(here, alone(), drill())
    (here / "reports").write_text("notes")
    code, rows = told(capsys)
    (row,) = of(rows, "reports")
    assert (code, row.result, row.mend) == (1, "problem", "mv reports reports.old")
    assert told(capsys, "--reports", "elsewhere")[0] == 0


def test_what_the_guard_says_is_told_for_every_drill(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ill = [{"name": "all is well", "command": {"run": ["false"]}}]
    greedy = [
        {
            "pod-churn": {
                "namespace": "shop",
                "selector": "app=checkout",
                "kill": "100%",
                "every": "5s",
            }
        }
    ]
    project(
        here,
        alone(),
        drill(),
        drill(name="ill", steady_state=ill),
        drill(name="worse", steady_state=ill, faults=greedy),
    )
    code, rows = told(capsys)
    assert code == 1
    said = [(row.result, row.message) for row in of(rows, "drills")]
    assert said[0][0] == "ok"
    assert said[0][1].startswith("throttled could begin now: ")
    assert [result for result, _ in said[1:]] == ["problem", "problem"]
    assert "ill, worse would be refused: not in steady state" in said[1][1]
    assert "worse would be refused" in said[2][1]
    assert "(blast-radius)" in said[2][1]
    assert of(rows, "drills")[1].mend == "false", "the question itself"


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("kill: 25%", "kill: 100%", "  - pod-churn"),
        ("app=checkout, share", "app=nosuch, share", "  - throttle"),
        ("status: 200", "status: 418", "  - name: checkout answers"),
        ("namespace: shop, selector: app=checkout, share", "namespace: prod, selector: a=b, share",
         "  - throttle"),
        ("limits:", "abort_when: [{command: {run: ['true']}}]\nlimits:", "abort_when"),
    ],
)  # fmt: skip
def test_the_command_that_opens_a_drill_opens_it_where_it_must_be_mended(
    here: Path, capsys: pytest.CaptureFixture[str], was: str, becomes: str, line: str
) -> None:
    path = write_project(here, DRILL.replace(was, becomes))
    assert was in DRILL
    _, rows = told(capsys)
    mends = [row.mend for row in rows if row.stops]
    number = 1 + next(at for at, one in enumerate(path.read_text().splitlines())
                      if one.startswith(line))  # fmt: skip
    assert f'"${{EDITOR:-vi}}" +{number} drills/throttled.yaml' in mends


def test_a_stop_and_the_command_that_lifts_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here, alone(), drill())
    assert main(["stop", "--why", "a release"]) == 0
    code, rows = told(capsys)
    assert code == 1
    (row,) = of(rows, "drills")
    assert "a release" in row.message
    assert row.mend is not None
    assert main(row.mend.split()[1:]) == 0
    assert told(capsys)[0] == 0


def test_windows_and_consent_and_the_lines_that_open_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = alone() | {"windows": [{"days": "mon", "from": "00:00", "to": "00:01"}]}
    for person in where["people"].values():
        del person["simulate"], person["consent"]
    where["consent"] = "opt-in"
    path = project(here, where, drill(limits={"duration": "1s"}))
    _, rows = told(capsys)
    bad = [row for row in of(rows, "drills") if row.where]
    assert [row.message.rpartition("(")[2] for row in bad] == ["windows)", "consent)"]
    for row in bad:
        paste(row, path)
    assert [row.result for row in of(told(capsys)[1], "drills")] == ["ok"]


FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
"""A day and an hour apart: at any time it is another day in one than in the other."""


@pytest.mark.parametrize("zones", [(FAR_EAST, FAR_WEST), (FAR_WEST, FAR_EAST), (FAR_EAST,) * 2])
def test_the_window_to_paste_is_open_now_wherever_people_are(
    here: Path, capsys: pytest.CaptureFixture[str], zones: tuple[str, str]
) -> None:
    where = alone() | {"windows": [{"days": "mon", "from": "00:00", "to": "00:01"}]}
    for person, zone in zip(where["people"].values(), zones, strict=True):
        del person["simulate"]
        person["time_zone"] = zone
    path = project(here, where, drill(limits={"duration": "20h"}))
    [row] = [row for row in of(told(capsys)[1], "drills") if row.where]
    assert row.message.endswith("(windows)")
    paste(row, path)
    assert [row.result for row in of(told(capsys)[1], "drills")] == ["ok"]


@pytest.mark.parametrize("written", [False, None])
def test_a_consent_that_is_written_already_is_opened_to_be_changed(
    here: Path, capsys: pytest.CaptureFixture[str], written: bool | None
) -> None:
    where = alone() | {"consent": "opt-in"}
    for person in where["people"].values():
        del person["simulate"]
    where["people"]["ana"]["consent"] = written
    path = project(here, where, drill())
    path.write_text(json.dumps(where, indent=1))
    [row] = [row for row in of(told(capsys)[1], "drills") if row.stops]
    assert row.message.endswith("(consent)")
    assert row.where is None, "a second key would be an error"
    assert row.mend is not None
    line = int(row.mend.split()[1].removeprefix("+"))
    lines = path.read_text().splitlines()
    said = lines[line - 1]
    lines[line - 1] = said.replace("false", "true").replace("null", "true")
    assert said.strip().startswith('"consent"')
    assert lines[line - 1] != said
    path.write_text("\n".join(lines))
    assert [row.result for row in of(told(capsys)[1], "drills")] == ["ok"]


def test_the_consent_of_a_briefed_primary_belongs_to_that_primary(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = alone()
    for person in where["people"].values():
        del person["simulate"], person["consent"]
    silent = {"unreachable-primary": {"by": "briefed"}}
    path = project(here, where, drill(faults=[silent]))
    [row] = [row for row in of(told(capsys)[1], "drills") if row.stops]
    assert row.where is not None
    assert row.where.endswith("under people.ben")
    paste(row, path)
    assert [row.result for row in of(told(capsys)[1], "drills")] == ["ok"]


def test_what_the_secondary_may_not_do_and_the_line_that_grants_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = alone()
    where["people"]["ana"]["simulate"] = "prompt"
    where["target"]["grants"] = {"ana": ["view"]}
    path = project(here, where, drill(access="on-call"))
    access = here / "drills" / "access"
    access.mkdir()
    may = {"namespace": "shop", "workload": "checkout"}
    checks: list[dict[str, Any]] = [
        {"name": "may look", "permission": {**may, "can": "view"}},
        {"name": "may scale", "permission": {**may, "can": "scale"}},
        {"name": "may post", "http": {"url": "http://127.0.0.1:9/", "method": "POST"}},
    ]
    profile = {"schema": "drillmaster/v1", "kind": "access", "name": "on-call", "checks": checks}
    (access / "on-call.yaml").write_text(json.dumps(profile))
    code, rows = told(capsys)
    assert code == 1
    (row,) = of(rows, "access")
    assert row.message.startswith("ana, may scale: denied")
    paste(row, path)
    code, rows = told(capsys)
    (row,) = of(rows, "access")
    assert (code, row.result) == (0, "ok")
    assert "2 of 2" in row.message
    assert "the drill alone asks: may post" in row.message


def test_an_invalid_drill_ends_with_2_and_stops_no_other_look(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here, alone(), drill(), drill(name="wrong", faults=[{"thunder": {}}]))
    code, rows = told(capsys)
    assert code == 2
    assert of(rows, "definitions")[0].result == "problem"
    assert any("throttled could begin now" in row.message for row in of(rows, "drills"))


def test_a_question_that_hangs_costs_its_own_time_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = [{"name": "slow", "command": {"run": ["sleep", "60"], "timeout": "1m"}}]
    path = project(here, alone(), drill(steady_state=slow), drill(name="zz-well"))
    with ExitStack() as stack:
        looking = Preflight(subject_of(str(path), SteadyClock()), stack, here)
        rows: list[Row] = []
        for row in looking.rows():
            rows.append(row)
            if row.check == "target":
                monkeypatch.setattr(examine, "_STEP", 0.5)
    said = {row.result: row.message for row in of(rows, "drills")}
    assert "no answer in" in said["unknown"]
    assert "throttled" in said["unknown"]
    assert "zz-well could begin now" in said["ok"]
    assert rows[-1].check != "drills" or rows


def test_a_drill_of_another_environment_is_looked_at_where_it_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project(here, alone(), drill(environment="elsewhere"))
    _, rows = told(capsys, "staging")
    assert any("no drill is for the environment staging" in row.message for row in rows)
    _, rows = told(capsys, "staging", "--drill", "throttled")
    assert "valid: throttled" in [row.message for row in rows]
    assert any(row.message.startswith("throttled could begin now") for row in rows)
    assert main(["preflight", "staging", "--drill", "throtled"]) == 2
    assert "did you mean 'throttled'?" in capsys.readouterr().err


def test_the_whole_is_bounded(here: Path) -> None:
    path = project(here, alone(), drill())
    with ExitStack() as stack:
        rows = list(Preflight(subject_of(str(path), SteadyClock()), stack, here, whole=0.0).rows())
    assert {row.result for row in rows} == {"unknown"}
    assert all("time is up" in row.message for row in rows)


def test_which_environment(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preflight"]) == 2
    project(here, alone())
    assert main(["preflight", "nosuch"]) == 2
    (here / "drills" / "environments" / "other.yaml").write_text(
        json.dumps(alone() | {"name": "other"})
    )
    capsys.readouterr()
    assert main(["preflight"]) == 2
    assert "say which: other or staging" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [
        ("utf-8", 80),
        ("ascii", 120),
        pytest.param("utf-8", 120, marks=pytest.mark.soak),
        pytest.param("ascii", 80, marks=pytest.mark.soak),
    ],
)
def test_it_fits_the_terminal_and_each_line_to_paste_is_whole(
    here: Path, columns: int, encoding: str
) -> None:
    copy_of(SHIPPED, here)
    edit(here / "drills" / "environments" / "sandbox.yaml", "    simulate: prompt\n", "")
    done = subprocess.run(
        [*COMMAND, "preflight", "sandbox"],
        env={
            "COLUMNS": str(columns),
            "PATH": "/usr/bin:/bin",
            "PYTHONIOENCODING": encoding,
            "LC_ALL": "C.UTF-8" if encoding == "utf-8" else "C",
        },
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode(encoding)
    assert done.returncode == 1, done.stderr
    lines = [line.rstrip() for line in said.splitlines()]
    mend = "channels: {mail: {email: {host: smtp.example.org, sender: drills@example.org}}}"
    (pasted,) = [line for line in lines if "smtp.example.org" in line]
    assert pasted.strip() == mend
    assert all(len(line) <= columns for line in lines if line != pasted)
    assert lines[-1].startswith("Something would stop a drill or the secondary: 1 problem")
    assert ("✗" in said) is (encoding == "utf-8")
