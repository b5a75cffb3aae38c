"""Starting the simulated responders, in a process that ends with whoever started it."""

import contextlib
import json
import select
import subprocess
import sys
from typing import Self

from drillmaster.errors import DrillmasterError
from drillmaster.sandbox.responders.settings import Settings

_COMMAND = [sys.executable, "-P", "-m", "drillmaster.sandbox.responders"]

_START = 20.0
"""Seconds that the process may take to start: half a second, many times over."""

_END = 2.0
"""Seconds that it may take to end."""


class ResponderError(DrillmasterError):
    """The simulated responders do not start."""


class Responders:
    """The process of the simulated responders. It lives until `close`, or until we die."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self._process, self._url = process, url

    def url_for(self, person: str) -> str:
        """Where a page to this person is posted."""
        return f"{self._url}/pages/{person}"

    def close(self) -> None:
        """End them at once, whatever they are doing; may be called again."""
        _end(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(settings: Settings) -> Responders:
    """Start the simulated responders of a drill.

    Raises:
        ResponderError: they are not ready to be paged in time.
    """
    process = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(settings.model_dump_json().encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], _START)
        url = json.loads(process.stdout.readline() if ready else b"")["url"]
    except (OSError, ValueError, KeyError):
        _end(process)
        raise ResponderError("the simulated responders do not start") from None
    except BaseException:
        _end(process)
        raise
    return Responders(process, url)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was not read any more
                pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END)
        return
    process.kill()
    process.wait()
