"""How every command ends: an exit code, at most one message, and a log if it was a bug."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from drillmaster import __version__
from drillmaster.errors import DrillmasterError, ExitCode

CLOSED_PIPE = 128 + signal.SIGPIPE
"""Nobody reads the output any more, as a shell would say it."""


def ended(act: Callable[[], int]) -> int:
    """Do something, and turn whatever ends it into an exit code and a message."""
    _take_any_character()
    threading.excepthook = _say_thread_failed
    try:
        code = act()
        sys.stdout.flush()
    except DrillmasterError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        with _deaf():
            say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _closed_pipe()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # how Rich ends on a closed pipe
            return CLOSED_PIPE
        raise
    except Exception as error:
        say(str(bug(error)))
        return ExitCode.BUG
    return code


def bug(error: Exception) -> DrillmasterError:
    """What is told of a bug: a short message, which names the log that it writes."""
    log = _write_log(error)
    return DrillmasterError(
        f"Something failed that should not: {type(error).__name__}. The details are in {log}"
    )


def say(message: str) -> None:
    """Tell people something, on standard error, as it is: no markup, no wrapping."""
    from rich.console import Console
    from rich.text import Text

    with suppress(OSError):  # a closed terminal must not change how a command ends
        Console(stderr=True).print(Text(message, style="red"), soft_wrap=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Hear no further interrupt: who presses twice must not cut short what is told of the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def regardless(stream: IO[str]) -> Iterator[None]:
    """Print, though nobody may read it any more: a pipe or a terminal that was closed does
    not change what a command has come to."""
    try:
        yield
        stream.flush()
    except OSError:
        _forget(stream)
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):  # how Rich ends on a closed pipe
            raise
        _forget(stream)


def _forget(stream: IO[str]) -> None:
    # Python flushes once more at its exit, which would fail again and be reported.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _take_any_character() -> None:
    """Let no character of a title break the output in a terminal that is not UTF-8, and no
    byte that is typed break the input, or what is made of it."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _closed_pipe() -> int:
    _forget(sys.stdout)
    return CLOSED_PIPE


def _say_thread_failed(failed: threading.ExceptHookArgs) -> None:
    """A bug in a thread, without its text: that may hold a secret."""
    where = traceback.format_tb(failed.exc_traceback)[-1:]
    say(f"a part of Drillmaster failed: {failed.exc_type.__name__}\n{''.join(where)}")


def _write_log(error: Exception) -> Path:
    """Where it failed, in a file that only its user can read. It holds neither the texts of
    errors nor the arguments of the command, because any of them may be a secret."""
    import platform  # slow, and needed only here
    import tempfile

    text = "".join(
        [
            f"drillmaster {__version__}, Python {platform.python_version()}, ",
            f"{platform.platform()}\n",
            *_trace(error),
            "What the errors say is left out: it may hold a secret.\n",
        ]
    )
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-"
    try:
        _state_folder().mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(".log", name, _state_folder())
    except OSError:
        handle, path = tempfile.mkstemp(".log", f"drillmaster-{name}")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(path)


def _trace(error: BaseException) -> Iterator[str]:
    """The error and what led to it, the first cause first, as Python shows them."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _trace(cause)
        yield "\nThat led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}\n"


def _state_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "drillmaster"
