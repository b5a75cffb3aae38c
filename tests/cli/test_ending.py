"""How the command line ends: codes, messages, and never a traceback."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from drillmaster import __version__
from drillmaster.cli import main
from drillmaster.cli.ending import CLOSED_PIPE, ended
from drillmaster.errors import InvalidError, RefusedError, StuckError
from tests.support.definitions import EXAMPLES

COMMAND = [sys.executable, "-m", "drillmaster.cli"]


def failing(error: BaseException) -> int:
    def act() -> int:
        raise error

    return ended(act)


@pytest.mark.parametrize(
    ("error", "code"), [(InvalidError("x"), 2), (RefusedError("x"), 3), (StuckError("x"), 5)]
)
def test_an_expected_failure_is_one_message(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(error) == code
    assert capsys.readouterr() == ("", "x\n")


def test_who_interrupts_twice_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pressed_again(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr("rich.text.Text.__init__", pressed_again)
        patch.setattr("rich.console.Console.print", pressed_again)
        assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_message_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    message = f"[bold]drills/x.yaml[/]:1:2: {'long ' * 100}:smile:\nsecond line"
    assert failing(InvalidError(message)) == 2
    assert capsys.readouterr().err == f"{message}\n"


def test_a_bug_is_a_short_message_and_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["drillmaster", "prove", "--token", "hunter2"])
    error = ZeroDivisionError("401 for https://pager.example/?token=hunter2")
    error.__cause__ = KeyError("hunter2")
    assert failing(error) == 70
    (log,) = (tmp_path / "drillmaster").iterdir()
    assert capsys.readouterr() == (
        "",
        f"Something failed that should not: ZeroDivisionError. The details are in {log}\n",
    )
    text = log.read_text()
    assert "Traceback" in text
    assert "ZeroDivisionError" in text
    assert "KeyError" in text
    assert "in act" in text
    assert __version__ in text
    assert "hunter2" not in text
    assert log.stat().st_mode & 0o077 == 0


def test_a_bug_in_a_thread_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError("https://pager.example/?token=hunter2")

    def act() -> int:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        return 0

    before = threading.excepthook
    try:
        assert ended(act) == 0
    finally:
        threading.excepthook = before
    err = capsys.readouterr().err
    assert err.startswith("a part of Drillmaster failed: ZeroDivisionError\n")
    assert "hunter2" not in err.replace('"https://pager.example/?token=hunter2"', "")


def test_a_bug_is_logged_elsewhere_where_the_user_has_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert failing(ZeroDivisionError("oh")) == 70
    found = re.search(r"The details are in (.+)\n", capsys.readouterr().err)
    assert found is not None
    log = Path(found[1])
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()


def test_an_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"drillmaster {__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == 0
    out = capsys.readouterr().out
    assert "check" in out
    assert "init" in out
    assert main(["check", option]) == 0
    assert "--schema" in capsys.readouterr().out


def test_no_command_shows_what_there_is() -> None:
    result = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert "init" in result.stdout + result.stderr


@pytest.mark.parametrize("arguments", [["nope"], ["--nope"], ["check", "--nope"]])
def test_what_is_not_known(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "nope" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments", [["check", "--schema", "drill"], ["check", str(EXAMPLES)], ["--help"]]
)
def test_a_reader_who_leaves_is_no_failure(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [*COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writer)
    assert result.stderr == b""
    assert result.returncode in (CLOSED_PIPE, 1)


def test_a_terminal_that_cannot_write_a_character(tmp_path: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "check", "--schema", "environment"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0
    assert result.stderr == b""


@pytest.mark.parametrize("signal_", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_is_pressed_when_the_command_has_ended_changes_nothing(signal_: str) -> None:
    """Python still takes itself down then, which takes a moment."""
    program = (
        "import atexit, os, signal, sys; "
        f"atexit.register(lambda: os.kill(os.getpid(), signal.{signal_})); "
        "from drillmaster.cli import main; "
        "sys.argv = ['drillmaster', '--version']; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("drillmaster ")


def test_an_interrupt_of_the_process(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "interrupted\n"


_WAITS = """
import sys, time
from drillmaster.cli.app import app, command

@command
def waits() -> int:
    print("waiting", flush=True)
    time.sleep(60)
    return 0

from drillmaster.cli import main
sys.exit(main(["waits"]))
"""


def test_version_and_help_import_nothing_heavy() -> None:
    heavy = "pydantic sqlalchemy chaoslib httpx ruamel starlette uvicorn kubernetes"
    script = (
        "import sys\nfrom drillmaster.cli import main\ncode = main([sys.argv[1]])\n"
        f"found = {{m.split('.')[0] for m in sys.modules}} & set({heavy.split()!r})\n"
        "print(sorted(found), file=sys.stderr)\nsys.exit(code)"
    )
    for option in ("--version", "--help"):
        result = subprocess.run(
            [sys.executable, "-c", script, option],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert result.stderr == "[]\n"
