import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import CommandProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.command import ask
from drillmaster.targets.base import Identity

ME = Identity("responder-2", token="t0ken")


def put(*run: str, identity: Identity | None = None, **probe: object) -> Answer:
    shape = {"run": list(run), "timeout": "20s"} | probe
    return ask(CommandProbe.model_validate(shape), Asking(SteadyClock(), identity=identity))


def python(code: str, *arguments: str, **more: object) -> Answer:
    return put(sys.executable, "-c", code, *arguments, **more)  # type: ignore[arg-type]  # a test's own


@pytest.mark.parametrize(
    ("code", "identity", "outcome"),
    [
        (0, None, "yes"),
        (1, None, "no"),
        (7, None, "no"),
        (0, ME, "yes"),
        (1, ME, "denied"),
        (7, ME, "unclear"),
    ],
)
def test_an_exit_code_is_judged(code: int, identity: Identity | None, outcome: str) -> None:
    answer = put("sh", "-c", f"exit {code}", identity=identity)
    assert (answer.outcome, answer.value) == (outcome, code)


def test_the_probe_says_what_the_codes_mean() -> None:
    codes = {"exit_codes": [3], "denied_exit_codes": [0, 4]}
    outcomes = {
        code: put("sh", "-c", f"exit {code}", identity=ME, **codes).outcome for code in (0, 3, 4, 5)
    }
    assert outcomes == {0: "denied", 3: "yes", 4: "denied", 5: "unclear"}


def test_an_end_by_signal_is_no_verdict() -> None:
    answer = put("sh", "-c", "kill -9 $$", identity=ME)
    assert (answer.outcome, answer.value) == ("unclear", -9)
    assert answer.detail == "sh was ended by signal 9"


@pytest.mark.parametrize("run", ["/no/such/program", "no-such-program", "/etc/passwd", "nul\0"])
def test_a_program_that_does_not_start_is_unclear(run: str) -> None:
    answer = put(run)
    assert (answer.outcome, answer.value) == ("unclear", None)
    assert "does not start" in answer.detail


def test_no_shell_reads_the_arguments() -> None:
    assert python("import sys; sys.exit(sys.argv[1] != '$(id); `id` | *')", "$(id); `id` | *").met


def test_the_person_is_named_in_arguments() -> None:
    code = "import sys; sys.exit(sys.argv[1:] != ['--as=responder-2', 'responder-2'])"
    assert python(code, "--as={{ person }}", "{{person}}", identity=ME).met


def test_an_argument_cannot_name_a_person_without_one() -> None:
    answer = put("true", "{{ person }}")
    assert answer.outcome == "unclear"
    assert "nobody" in answer.detail


def test_the_environment_is_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OURS", "secret-of-drillmaster")
    monkeypatch.setenv("KUBE_TOKEN", "s3cret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    seen = tmp_path / "seen"
    put(
        "/bin/sh",
        "-c",
        f"env > {seen}",
        identity=ME,
        environment={"TOKEN": "env:KUBE_TOKEN"},
    )
    lines = seen.read_text(encoding="utf-8").splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    for of_the_shell in ("PWD", "OLDPWD", "SHLVL", "_"):
        variables.pop(of_the_shell, None)
    expected = {"TOKEN": "s3cret", "DRILLMASTER_TOKEN": "t0ken"}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    assert variables == expected | inherited


def test_drillmaster_itself_has_no_persons_token() -> None:
    assert put("sh", "-c", 'test -z "$DRILLMASTER_TOKEN"').met


def test_a_secret_that_is_not_there_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    assert put("true", environment={"TOKEN": "env:NO_SUCH_TOKEN"}).outcome == "unclear"


def test_nothing_waits_on_its_standard_input() -> None:
    assert put("cat", timeout="5s").met


def test_the_whole_group_is_killed_at_the_time_out(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! >{pids}; echo $$ >>{pids}; wait"
    begun = time.monotonic()
    answer = put("sh", "-c", script, timeout="500ms")
    assert time.monotonic() - begun < 5
    assert (answer.outcome, answer.value) == ("unreachable", None)
    assert "500ms" in answer.detail
    _gone([int(line) for line in pids.read_text(encoding="ascii").split()])


def test_what_a_program_leaves_in_its_group_is_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    begun = time.monotonic()
    assert put("sh", "-c", f"sleep 60 & echo $! >{pid}").met
    assert time.monotonic() - begun < 5, "waited for the output of what was left"
    _gone([int(pid.read_text(encoding="ascii"))])


def _gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 5
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_short_output_is_told() -> None:
    answer = put("sh", "-c", "echo no such pod >&2; exit 2")
    assert answer.detail == "sh ended with 2: no such pod"


def test_long_output_is_data_and_not_told() -> None:
    answer = python("print('x' * 200_000)")
    assert answer.detail == f"{Path(sys.executable).name} ended with 0"
    assert answer.met


def test_secrets_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBE_TOKEN", "t0ken+longer")
    answer = put(
        *("sh", "-c", 'echo "$DRILLMASTER_TOKEN $TOKEN t0ken%2Blonger"'),
        identity=ME,
        environment={"TOKEN": "env:KUBE_TOKEN"},
    )
    assert answer.detail == "sh ended with 0: *** *** ***"


def test_control_characters_are_not_told() -> None:
    answer = put("printf", r"\033[31mred\033[0m\ntwo\a")
    assert answer.detail.isprintable()
